import type { ComputeManagementClient } from '@azure/arm-compute';
import { Failure } from '../domain/failure.ts';
import { BY_MEDIAN } from '../domain/polling.ts';
import type { Tags } from '../domain/tags.ts';
import type { Reason } from '../run/ports.ts';
import { watch } from '../run/wait.ts';
import type { OperationStatus, Poll } from './arm.ts';
import { azureText, fromAzure, fromOperation, isBusy, isRefusal } from './failure.ts';
import {
  type Accepted,
  begin,
  type CallOptions,
  hasEnded,
  settle,
  Unaccounted,
} from './operations.ts';
import { type Path, Reader } from './reader.ts';
import { retry } from './retry.ts';

/** A call of the SDK that starts a long-running operation. */
export type LongCall = (
  client: ComputeManagementClient,
  path: Path,
  options: CallOptions,
) => { submitted(): Promise<void> };

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
  changedAt: number | undefined;
  /** The last operation on each resource, and when it began: to ask whether it has ended, and why it failed. */
  readonly #operations = new Map<string, Poll & { readonly began: number }>();

  /** Writes that were sent and may have taken effect, those of bounded sessions included. */
  #writes = { count: 0 };

  get wrote(): boolean {
    return this.#writes.count > 0;
  }

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
    const { client, path } = this.at(id);
    this.#writes.count++;
    let refused = true;
    const attempt = () =>
      begin((options) => call(client, path, options), this.options.signal).catch(async (thrown) => {
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
      if (refused || (failure instanceof Failure && failure.status === 403)) this.#writes.count--;
      throw failure;
    });
    if (accepted.poll)
      this.#operations.set(id.toLowerCase(), { ...accepted.poll, began: Date.now() });
    if (tags && accepted.tags) this.overrides.note(id, tags, accepted.tags);
    if (effect === 'made') this.made.set(id.toLowerCase(), Date.now());
    if (effect === 'made' && accepted.created) this.created.set(id.toLowerCase(), undefined);
    if (effect === 'removed') {
      this.made.delete(id.toLowerCase());
      this.created.delete(id.toLowerCase());
    }
    return accepted;
  }

  /** Waits while what this session has begun before on a resource goes on, for a while. */
  async #earlierEnds(id: string, expectedSeconds: number): Promise<void> {
    const earlier = this.#operations.get(id.toLowerCase());
    if (!earlier) return;
    const { subscriptionId } = this.at(id);
    const since = (earlier.began - Date.now()) / 1000;
    const look = async () => {
      // What Azure does not tell of is waited for by sending again.
      const told = await this.arm.operation(subscriptionId, earlier).catch(() => undefined);
      return !told || hasEnded(told) ? true : undefined;
    };
    await watch(look, {
      ...this.options,
      expectedSeconds,
      limitSeconds: expectedSeconds,
      forecast: () => ({ since, expected: expectedSeconds, certainty: BY_MEDIAN }),
    });
  }

  /** Sends a write and returns once it has ended well. */
  async write(write: Write): Promise<void> {
    await this.outputOf(write);
  }

  /**
   * Sends a write and returns what it put out, once it has ended well. An operation that failed
   * through no fault of the request is sent once more, unless its effect is there all the same.
   */
  async outputOf(write: Write): Promise<unknown> {
    return this.#carryOut(write).catch(async (failure: unknown) => {
      // What was asked for again and again has its last failure as its cause.
      const isPassing = failure instanceof Failure && failure.kind === 'transient';
      if (!isPassing || failure.cause !== undefined || failure instanceof Unaccounted)
        throw failure;
      if (await write.finished?.()) return undefined;
      if (this.created.has(write.id.toLowerCase())) await write.clear?.();
      return this.#carryOut(write);
    });
  }

  async #carryOut(write: Write): Promise<unknown> {
    const accepted = await this.send(write);
    const { doing, expectedSeconds, finished, mostSeconds } = write;
    const { subscriptionId } = this.at(write.id);
    const patience = this.retryOptions(doing);
    const ending = { ...patience, expectedSeconds, subscriptionId, finished, mostSeconds };
    return settle(this.arm, accepted, ending);
  }

  /** A request without the SDK, in the form of its long-running calls. */
  plain(
    method: 'PUT' | 'PATCH' | 'DELETE',
    id: string,
    apiVersion: string,
    body?: object,
    etag?: string,
  ): LongCall {
    const { subscriptionId } = this.at(id);
    return (_client, _path, { onResponse }) => ({
      submitted: async () =>
        onResponse(await this.arm.request(subscriptionId, method, id, apiVersion, body, etag)),
    });
  }

  /** The resource as a write would send it, and the API version; nothing is sent. */
  async sketch(id: string, call: LongCall): Promise<{ content: object; apiVersion: string }> {
    const { path, subscriptionId } = this.at(id);
    const { url, body } = await this.arm.sketch(subscriptionId, (client, abortSignal) =>
      call(client, path, { abortSignal, onResponse: () => undefined }),
    );
    const apiVersion = new URL(url).searchParams.get('api-version') ?? '';
    return { content: JSON.parse(String(body)) as object, apiVersion };
  }

  /** Azure's account of why the last operation of this session on the resource failed. */
  async whyFailed(id: string): Promise<Reason | undefined> {
    const poll = this.#operations.get(id.toLowerCase());
    if (!poll) return undefined;
    const { subscriptionId } = this.at(id);
    const { error, status = '' } = await retry<Partial<OperationStatus>>(
      () => this.arm.operation(subscriptionId, poll),
      this.retryOptions('read why the operation failed'),
    ).catch((): Partial<OperationStatus> => ({}));
    if (!error) return undefined;
    const { kind } = fromOperation(error, 'make the resource', status);
    return { words: `Azure says: ${azureText(error)}`, mayPass: kind === 'transient' };
  }

  /** A session like this one that gives up when `limit` is aborted. */
  within(limit: AbortSignal): Session {
    const signal = AbortSignal.any([this.options.signal, limit]);
    const bounded = new Session(this.arm, { ...this.options, signal });
    bounded.#writes = this.#writes;
    return bounded;
  }
}
