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
  /** Reads the resource: whether the operation's effect is there. */
  readonly finished: () => Promise<true | undefined>;
}

/**
 * Waits until an operation has ended well, and returns what it put out. Asks its URL; without one,
 * or when Azure has forgotten it (404), asks the resource itself.
 *
 * Throws a `Failure` with Azure's own words when the operation failed.
 */
export async function settle(arm: Arm, { url }: Accepted, ending: Ending): Promise<unknown> {
  const { doing, expectedSeconds, subscriptionId, pollSeconds, signal, finished } = ending;
  let pollUrl = url;
  const end = await watch<{ output?: unknown }>(
    async () => {
      if (pollUrl === undefined) return (await finished()) && {};
      const known: string = pollUrl;
      const state = await persist(
        () => arm.operation(subscriptionId, known).catch(forgotten),
        ending,
      );
      if (state === undefined) pollUrl = undefined;
      return state && outcome(state, doing);
    },
    { expectedSeconds, pollSeconds, signal },
  );
  return end?.output;
}

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
