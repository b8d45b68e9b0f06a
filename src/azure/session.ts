import { Failure } from '../domain/failure.ts';
import { BY_MEDIAN } from '../domain/polling.ts';
import type { Tags } from '../domain/tags.ts';
import { watch } from '../run/wait.ts';
import type { LongCall } from './call.ts';
import { fromAzure, isBusy, isRefusal } from './failure.ts';
import { type Accepted, begin, hasEnded, settle, Unaccounted } from './operations.ts';
import { Reader } from './reader.ts';
import { retry } from './retry.ts';

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
   * Whether Azure has begun, or done, what was asked; `undefined` when not. Left out where the same
   * request once more does no harm.
   */
  readonly landed?: () => Promise<true | undefined>;
  /** Whether the operation's effect is there; left out when none can be seen. */
  readonly finished?: () => Promise<true | undefined>;
  /** Seconds after which Azure itself ends it; none when left out. */
  readonly mostSeconds?: number | undefined;
  /** Deletes what a failed operation has left, where another request would not complete it. */
  readonly clear?: () => Promise<void>;
}

/** Reads and writes of resources, with the retries that their meaning allows. */
export class Session extends Reader {
  /** Sends a write and returns once Azure has accepted it. */
  async send({
    id,
    doing,
    call,
    landed,
    untilFree = false,
    earlierSeconds,
    effect,
    tags,
  }: Omit<Write, 'expectedSeconds'>): Promise<Accepted> {
    const { own } = this;
    const send = this.arm.at(id);
    own.count++;
    let refused = true;
    const attempt = () =>
      begin(send, call, this.options.signal).catch(async (thrown) => {
        refused &&= isRefusal(thrown);
        if (earlierSeconds && isBusy(fromAzure(thrown, doing)))
          await this.#earlierEnds(id, earlierSeconds);
        throw thrown;
      });
    const accepted = await retry<Accepted>(
      attempt,
      { ...this.retryOptions(doing), untilFree },
      async () => ((await landed?.()) ? { poll: undefined, created: false } : undefined),
    ).catch((failure: unknown) => {
      // An attempt that got no answer may have taken effect, but not for who lacks the right.
      if (refused || (failure instanceof Failure && failure.status === 403)) own.count--;
      throw failure;
    });
    own.note(id, accepted, effect);
    if (tags && accepted.tags) own.overrides.note(id, tags, accepted.tags);
    return accepted;
  }

  /** Waits while what this run has begun before on a resource goes on, for a while. */
  async #earlierEnds(id: string, expectedSeconds: number): Promise<void> {
    const earlier = this.own.operationOn(id);
    if (!earlier) return;
    const since = (earlier.began - Date.now()) / 1000;
    const look = async () => {
      // What Azure does not tell of is waited for by sending again.
      const told = await this.arm.operation(id, earlier).catch(() => undefined);
      return !told || hasEnded(told) ? true : undefined;
    };
    await watch(look, {
      ...this.options,
      expectedSeconds,
      limitSeconds: expectedSeconds,
      forecast: () => ({ since, expected: expectedSeconds, certainty: BY_MEDIAN }),
    });
  }

  /**
   * Sends a write and returns what it put out, once it has ended well. An operation that failed
   * through no fault of the request is sent once more, unless its effect is there all the same.
   */
  async write<Output = void>(write: Write): Promise<Output | undefined> {
    const { id, doing, expectedSeconds, finished, mostSeconds } = write;
    const patience = this.retryOptions(doing);
    const carryOut = async () =>
      settle(this.arm, await this.send(write), {
        ...patience,
        id,
        expectedSeconds,
        finished,
        mostSeconds,
      });
    return carryOut().catch(async (failure: unknown) => {
      // What was asked for again and again has its last failure as its cause.
      const isPassing = failure instanceof Failure && failure.kind === 'transient';
      if (!isPassing || failure.cause !== undefined || failure instanceof Unaccounted)
        throw failure;
      if (await finished?.()) return undefined;
      if (this.own.hasCreated(id)) await write.clear?.();
      return carryOut();
    }) as Promise<Output | undefined>;
  }

  /** A session like this one that gives up when `limit` is aborted. */
  within(limit: AbortSignal): Session {
    const signal = AbortSignal.any([this.options.signal, limit]);
    return new Session(this.arm, { ...this.options, signal }, this.own);
  }
}
