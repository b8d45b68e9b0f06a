import { Failure, nothingIf } from '../domain/failure.ts';
import type { Tags } from '../domain/tags.ts';
import { watch } from '../run/wait.ts';
import type { Accepted, Arm, OperationStatus, Poll } from './arm.ts';
import { fromOperation, statusOf } from './failure.ts';
import type { LongCall } from './requests.ts';
import { type RetryOptions, retry } from './retry.ts';

/** A write, and how to tell that it took effect when its answer was lost. */
export interface Write {
  readonly id: string;
  /** Completes "Azure could not …". */
  readonly doing: string;
  readonly expectedSeconds: number;
  readonly call: LongCall;
  /** Wait for as long as another request is at work on the resource. */
  readonly untilFree?: boolean;
  /** Seconds that an earlier change usually takes: the end of this session's own is asked for, not guessed. */
  readonly earlierSeconds?: number;
  /** Whether the resource is there because of it, or gone. */
  readonly effect?: 'made' | 'removed';
  /** The tags that are sent, to see which of them Azure keeps. */
  readonly tags?: Tags;
  /**
   * Whether Azure has begun, or done, what was asked. Left out where the same request once more does
   * no harm.
   */
  readonly landed?: () => Promise<boolean | undefined>;
  /** Whether the operation's effect is there; left out when none can be seen. */
  readonly finished?: () => Promise<boolean | undefined>;
  /** Seconds after which Azure itself ends it; none when left out. */
  readonly mostSeconds?: number | undefined;
  /** Deletes what a failed operation has left, where another request would not complete it. */
  readonly clear?: () => Promise<void>;
}

/** How it shows that a resource was made: it is of what it was to be made of, and then complete. */
export const whenMade = <T extends { readonly provisioningState?: string }>(
  read: (id: string) => Promise<T | undefined>,
  id: string,
  isIt: (found: T) => boolean,
): Pick<Write, 'landed' | 'finished'> => ({
  // What has failed is there, and is to be sent again.
  landed: () => read(id).then((found) => found && !hasEndedBadly(found) && isIt(found)),
  finished: () => read(id).then((found) => found && isSucceeded(found) && isIt(found)),
});

const hasEndedBadly = ({ provisioningState = '' }: { readonly provisioningState?: string }) =>
  ['Failed', 'Canceled'].includes(provisioningState);

export const isSucceeded = (found: { readonly provisioningState?: string } | undefined): boolean =>
  found?.provisioningState === 'Succeeded';

/** Seconds to look for the effect of an operation that Azure does not account for any more. */
const UNACCOUNTED_SECONDS = 30 * 60;
/** Seconds in which Azure possibly does not show yet what it has just accepted. */
export const LAG_SECONDS = 60;
/** An operation that takes so many times what is expected may have ended without saying so. */
const OVERDUE = 3;

/**
 * Waits until an operation has ended well, and returns what it put out. Asks its URL. Without one on
 * the cloud's host, or when Azure tells nothing of it (404, 403), or when it is long overdue, looks
 * at the resource itself.
 *
 * Throws a `Failure` with Azure's own words when the operation failed, and a transient one when
 * Azure gives no account of it and no effect is seen.
 */
export async function settle(
  arm: Arm,
  { poll, goesOn }: Accepted,
  { id, doing, expectedSeconds, finished, mostSeconds }: Write,
  patience: RetryOptions,
): Promise<unknown> {
  const overdue = Math.max(OVERDUE * expectedSeconds, LAG_SECONDS);
  let asked = URL.parse(poll?.url ?? '')?.origin === arm.origin ? poll : undefined;
  let unaccounted: number | undefined;
  const end = await watch<{ output?: unknown }>(
    async (elapsed) => {
      if (asked !== undefined) {
        const state = await ask(arm, id, asked, patience);
        const ended = state && outcome(state, doing);
        if (ended || (state && elapsed < overdue)) return ended;
        if (!state && elapsed >= LAG_SECONDS) asked = undefined;
      }
      if (await finished?.()) return {};
      if (asked !== undefined) return undefined;
      unaccounted ??= elapsed;
      if (!finished || elapsed - unaccounted > UNACCOUNTED_SECONDS) throw withoutAccount(doing);
      return undefined;
    },
    {
      ...patience,
      expectedSeconds,
      justBegun: asked !== undefined || goesOn === true,
      ...(mostSeconds && { limitSeconds: mostSeconds }),
    },
  );
  if (!end) throw withoutAccount(doing);
  return end.output;
}

/** What Azure says of an operation; nothing when it does not know it, or lets nobody ask. */
const ask = (arm: Arm, id: string, poll: Poll, options: RetryOptions) =>
  retry(
    () =>
      arm
        .operation(id, poll)
        .catch(nothingIf((thrown) => [403, 404].includes(statusOf(thrown) ?? 0))),
    options,
  );

/** What became of an operation cannot be told: it may go on. */
export class Unaccounted extends Failure {}

const withoutAccount = (doing: string) =>
  new Unaccounted({
    kind: 'transient',
    what: `Azure accepted the request to ${doing}, but did not say how it ended.`,
    why: 'The operation does not show its state, and its effect cannot be seen.',
    remedy: 'Re-run the failed job; it resumes here.',
  });

function outcome(state: OperationStatus, doing: string): { output?: unknown } | undefined {
  switch (state.status.toLowerCase()) {
    case 'succeeded':
      return { output: state.properties?.output };
    case 'failed':
    case 'canceled':
    case 'cancelled':
      throw fromOperation(state.error, doing, state.status);
    default:
      return undefined;
  }
}
