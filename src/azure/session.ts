import { Failure } from '../domain/failure.ts';
import { BY_MEDIAN } from '../domain/polling.ts';
import { watch } from '../run/wait.ts';
import { fromAzure, isBusy, isRefusal } from './failure.ts';
import {
  type Accepted,
  acceptedBy,
  hasEnded,
  settle,
  Unaccounted,
  type Write,
} from './operations.ts';
import { Reader } from './reader.ts';
import { retry } from './retry.ts';

/** A write that took effect although Azure's answer is not known. */
const UNKNOWN: Accepted = { poll: undefined, created: false };

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
    const { own, arm } = this;
    own.count++;
    let refused = true;
    const attempt = async () => {
      const answer = await arm.write(id, call, this.options.signal).catch(async (thrown) => {
        refused &&= isRefusal(thrown);
        if (earlierSeconds && isBusy(fromAzure(thrown, doing)))
          await this.#earlierEnds(id, earlierSeconds);
        throw thrown;
      });
      return answer ? acceptedBy(answer) : UNKNOWN;
    };
    const accepted = await retry<Accepted>(
      attempt,
      { ...this.options, doing, untilFree },
      async () => ((await landed?.()) ? UNKNOWN : undefined),
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
    const carryOut = async () =>
      settle(this.arm, await this.send(write), write, { ...this.options, doing: write.doing });
    return carryOut().catch(async (failure: unknown) => {
      // What was asked for again and again has its last failure as its cause.
      const isPassing = failure instanceof Failure && failure.kind === 'transient';
      if (!isPassing || failure.cause !== undefined || failure instanceof Unaccounted)
        throw failure;
      if (await write.finished?.()) return undefined;
      if (this.own.hasCreated(write.id)) await write.clear?.();
      return carryOut();
    }) as Promise<Output | undefined>;
  }

  /** A session like this one that gives up when `limit` is aborted. */
  within(limit: AbortSignal): Session {
    const signal = AbortSignal.any([this.options.signal, limit]);
    return new Session(this.arm, { ...this.options, signal }, this.own);
  }
}
