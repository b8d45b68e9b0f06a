import { isRestError } from '@azure/core-rest-pipeline';
import type { Failure } from '../domain/failure.ts';
import { backOff, patience } from '../domain/polling.ts';
import { StaleFacts } from '../run/interruption.ts';
import { sleep } from '../run/wait.ts';
import { fromAzure, isBusy, statusOf } from './failure.ts';
import { UNUSABLE } from './wire.ts';

/** How to go on after a failure. */
export interface RetryOptions {
  /** Completes "Azure could not …". */
  readonly doing: string;
  readonly signal: AbortSignal;
  /** The user's `poll-interval`, seconds: no pause is longer, but for what a 429 or 503 asks. */
  readonly pollSeconds: number | undefined;
  /** Wait for as long as another request is at work on the resource: a replication takes hours. */
  readonly untilFree?: boolean;
  /**
   * Failures in a row before giving up; 20 when left out, a quarter of an hour. With a short
   * `poll-interval` there are more, so that they take about as long.
   */
  readonly mostFailures?: number;
  /** Called with what keeps a request waiting, after a minute, and ever more seldom. */
  readonly say?: (line: string) => void;
}

/** Unusable answers in a row: what has not the shape of Azure's after minutes will not get it. */
const MOST_UNUSABLE = 8;
/** Seconds of waiting that nobody need hear of. */
const UNTOLD_SECONDS = 60;

/**
 * Sends a request until it is answered. What may pass (a lost connection, 408, 429, 5xx) is tried
 * again with growing waits, never sooner than the Retry-After of a 429 or 503 asks; everything else is
 * thrown at once as a `Failure`, but for `StaleFacts`, which is thrown as it is.
 *
 * @param landed for a write: asks Azure whether an attempt whose answer was lost took effect, and
 *   gives the result in place of another attempt if so. Never repeat a write without it.
 */
export async function retry<T>(
  send: () => Promise<T>,
  { doing, signal, pollSeconds, mostFailures = 20, untilFree = false, say }: RetryOptions,
  landed?: () => Promise<T | undefined>,
): Promise<T> {
  let [all, untold] = [0, UNTOLD_SECONDS];
  for (let failures = 1, busy = 0, waited = 0; ; failures++) {
    const sent = Date.now();
    try {
      signal.throwIfAborted();
      return await send();
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof StaleFacts) throw thrown;
      const failure = fromAzure(thrown, doing);
      if (failure.kind !== 'transient') throw failure;
      const isFree = !(untilFree && isBusy(failure));
      if (!isFree) busy++;
      const most = failure.code === UNUSABLE ? Math.min(mostFailures, MOST_UNUSABLE) : mostFailures;
      const isLast = failures - busy >= most && waited >= patience(most, pollSeconds);
      if (isFree && isLast) throw exhausted(failure, failures);
      const seconds = pauseAfter(thrown, failures, pollSeconds);
      if (isFree) waited += seconds;
      // What waits for another request looks meanwhile what becomes of it.
      all += seconds + (isFree ? (Date.now() - sent) / 1000 : 0);
      if (all >= untold) {
        say?.(`${failure.what} It is tried again in ${Math.ceil(seconds)} s. ${failure.why ?? ''}`);
        untold = 2 * all;
      }
      await sleep(seconds, signal);
      const done = await landed?.();
      if (done !== undefined) return done;
    }
  }
}

function pauseAfter(thrown: unknown, failures: number, most = Infinity): number {
  const asked = retryAfterSeconds(thrown) ?? 0;
  const own = backOff(failures, Math.random(), most);
  // It, or a limit of it, is exhausted for now.
  const isOverloaded = [429, 503].includes(statusOf(thrown) ?? 0);
  return Math.max(own, isOverloaded ? asked : Math.min(asked, most));
}

/** Seconds that an answer asks to wait, if it does; a number, or a date (RFC 9110 §10.2.3). */
export function retryAfterSeconds(thrown: unknown): number | undefined {
  if (!isRestError(thrown)) return undefined;
  const value = thrown.response?.headers.get('retry-after');
  if (!value) return undefined;
  // A date is of the server's clock, which need not be ours.
  const now = Date.parse(thrown.response?.headers.get('date') ?? '') || Date.now();
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

const exhausted = (last: Failure, failures: number) =>
  last.with({ what: `${last.what} It was tried ${failures} times.`, cause: last });
