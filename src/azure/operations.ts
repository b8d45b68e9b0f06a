import { Failure } from '../domain/failure.ts';
import { watch } from '../run/wait.ts';
import type { Arm, OperationStatus } from './arm.ts';
import { fromOperation, isNotFound } from './failure.ts';
import { type Persistence, persist } from './persist.ts';

/** An operation that Azure has accepted. */
export interface Accepted {
  /** Where to ask for its state; absent when Azure named none, or the answer was lost. */
  readonly url: string | undefined;
}

/** What the SDK's long-running calls give us a say in. */
interface CallOptions {
  abortSignal: AbortSignal;
  onResponse: (response: { headers: { get(name: string): string | undefined } }) => void;
}

/**
 * Sends the first request of a long-running call. The SDK's poller is left where it stands after
 * it: it dies of a single 429 without Retry-After, and drops the details of a failed operation
 * (azure.md §0 no. 7); the waiting is ours.
 */
export async function begin(
  call: (options: CallOptions) => { submitted(): Promise<void> },
  signal: AbortSignal,
): Promise<Accepted> {
  let url: string | undefined;
  const poller = call({
    abortSignal: signal,
    onResponse: ({ headers }) => {
      url ??= headers.get('azure-asyncoperation') ?? headers.get('location');
    },
  });
  await poller.submitted();
  return { url };
}

export interface Ending extends Persistence {
  readonly expectedSeconds: number;
  readonly subscriptionId: string;
  /** Reads the resource: whether the operation's effect is there; left out when none can be seen. */
  readonly finished?: () => Promise<true | undefined>;
}

/** Seconds to look for the effect of an operation that Azure does not account for any more. */
const UNACCOUNTED_SECONDS = 30 * 60;

/**
 * Waits until an operation has ended well, and returns what it put out. Asks its URL; without one,
 * or when Azure has forgotten it (404), asks the resource itself.
 *
 * Throws a `Failure` with Azure's own words when the operation failed, and a transient one when
 * Azure gives no account of it and no effect is seen.
 */
export async function settle(arm: Arm, { url }: Accepted, ending: Ending): Promise<unknown> {
  const { doing, expectedSeconds, subscriptionId, pollSeconds, signal, finished } = ending;
  let pollUrl = url;
  let unaccounted: number | undefined;
  const end = await watch<{ output?: unknown }>(
    async (elapsed) => {
      if (pollUrl === undefined) {
        unaccounted ??= elapsed;
        if (await finished?.()) return {};
        const isOver = !finished || elapsed - unaccounted > UNACCOUNTED_SECONDS;
        if (isOver) throw withoutAccount(doing);
        return undefined;
      }
      const known: string = pollUrl;
      const state = await persist(
        () => arm.operation(subscriptionId, known).catch(forgotten),
        ending,
      );
      if (state === undefined) pollUrl = undefined;
      return state && outcome(state, doing);
    },
    { expectedSeconds, pollSeconds, signal, justBegun: pollUrl !== undefined },
  );
  return end?.output;
}

const withoutAccount = (doing: string) =>
  new Failure({
    kind: 'transient',
    what: `Azure accepted the request to ${doing}, but gives no account of it any more.`,
    why: 'It has forgotten the operation (its URL answers 404), and no effect of it can be seen.',
    remedy: 'Run the failed job again: it looks at what is there and goes on from that.',
  });

function forgotten(thrown: unknown): undefined {
  if (!isNotFound(thrown)) throw thrown;
  return undefined;
}

function outcome(state: OperationStatus, doing: string): { output?: unknown } | undefined {
  switch (state.status) {
    case 'Succeeded':
      return { output: state.properties?.output };
    case 'Failed':
    case 'Canceled':
      throw fromOperation(state.error, doing);
    default:
      return undefined;
  }
}
