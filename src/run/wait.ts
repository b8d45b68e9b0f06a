import { type Forecast, pause } from '../domain/polling.ts';
import type { StepContext } from './step-context.ts';

/** The longest a timer can be set to; a longer one would end at once. Milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Resolves after so many seconds, at least; rejects with the signal's reason when that comes first.
 * Timers cut fractions of a millisecond off, so that what is waited for would not have come yet.
 */
export async function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(signal?.reason);
  const timer = setTimeout(resolve, Math.min(Math.ceil(seconds * 1000), LONGEST_TIMER));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Rejects with the signal's reason, whatever hangs meanwhile; never resolves. */
export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/**
 * What this comes to. After so many seconds its signal is aborted, and the reason thrown, whatever hangs.
 *
 * @param late makes the reason
 */
export async function within<T>(
  seconds: number,
  late: () => Error,
  act: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(late()), seconds * 1000);
  try {
    return await Promise.race([act(limit.signal), aborted(limit.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Looks again and again until something is seen.
 *
 * @param look gives what it waits for, or `undefined` while that is not there; is told the seconds
 *   since the first look
 * @returns what was seen; `undefined` when the limit came first
 */
export async function watch<T>(
  look: (elapsed: number) => Promise<T | undefined>,
  {
    expectedSeconds,
    forecast,
    pollSeconds,
    limitSeconds = Infinity,
    signal,
    justBegun = false,
  }: Pick<StepContext, 'signal' | 'pollSeconds'> & {
    /** What it usually takes, seconds: looks are densest around it. */
    readonly expectedSeconds: number;
    /** What is known better by now, if anything; asked before each pause. */
    readonly forecast?: () => Forecast | undefined;
    /** Give up after so many seconds. */
    readonly limitSeconds?: number;
    /** Whether it has only just begun, so that the first look would be too early. */
    readonly justBegun?: boolean;
  },
): Promise<T | undefined> {
  const began = Date.now();
  for (let isTooEarly = justBegun; ; isTooEarly = false) {
    const elapsed = (Date.now() - began) / 1000;
    const seen = isTooEarly ? undefined : await look(elapsed);
    if (seen !== undefined) return seen;
    if (elapsed >= limitSeconds) return undefined;
    const wait = pause(elapsed, forecast?.() ?? { expected: expectedSeconds }, pollSeconds);
    await sleep(Math.min(wait, limitSeconds - elapsed), signal);
  }
}
