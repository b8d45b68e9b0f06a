import type { ComputeManagementClient } from '@azure/arm-compute';
import { Failure } from '../domain/failure.ts';
import { parseResourceId } from '../domain/resource-id.ts';
import type { Arm } from './arm.ts';
import { azureText, isNotFound, isRefusal } from './failure.ts';
import { type Accepted, begin, type Ending, settle } from './operations.ts';
import { type Persistence, persist } from './persist.ts';

/** How patient the calls are, and who must be told of secrets. */
export interface Manner {
  readonly signal: AbortSignal;
  /** The user's `poll-interval`, seconds. */
  readonly pollSeconds: number | undefined;
  /** Called with every secret that Azure hands out (signed URLs), before anything can print it. */
  readonly mask: (secret: string) => void;
}

/** The SDK takes a resource as its group and names; four fit the deepest, an image version. */
export type Path = readonly [group: string, first: string, second: string, third: string];

/** A call of the SDK that starts a long-running operation. */
export type LongCall = (
  client: ComputeManagementClient,
  path: Path,
  options: Parameters<Parameters<typeof begin>[0]>[0],
) => { submitted(): Promise<void> };

/** A write, and how to tell that it took effect when its answer was lost. */
export interface Write {
  /** Resource ID. */
  readonly id: string;
  /** Completes "Azure could not …". */
  readonly doing: string;
  readonly expectedSeconds: number;
  readonly call: LongCall;
  /** Wait for as long as another request is at work on the resource. */
  readonly untilFree?: boolean;
  /** Whether Azure has begun, or done, what was asked; `undefined` when not. */
  readonly landed: () => Promise<true | undefined>;
}

/** One page of a list, as ARM has them. */
interface Page<T> {
  readonly value?: readonly T[];
  readonly nextLink?: string;
}

/** The subscription of a resource, or of a scope that is none. */
const subscriptionOf = (path: string): string => path.split('/')[2] ?? '';

/** Reads and writes of single resources, with the retries that their meaning allows. */
export class Session {
  /** When Azure last accepted a change of a version, `Date.now()`. */
  changedAt: number | undefined;
  readonly arm: Arm;
  readonly manner: Manner;
  /** URL of the last operation on each resource, to ask why it failed. */
  readonly #operations = new Map<string, string>();

  /** Writes that were sent and may have taken effect. */
  #writes = 0;

  constructor(arm: Arm, manner: Manner) {
    this.arm = arm;
    this.manner = manner;
  }

  /** Whether anything may have been written. */
  get wrote(): boolean {
    return this.#writes > 0;
  }

  /** Reads; `undefined` when Azure answers 404. */
  read<T>(
    id: string,
    doing: string,
    call: (
      client: ComputeManagementClient,
      path: Path,
      options: { abortSignal: AbortSignal },
    ) => Promise<T>,
  ): Promise<T | undefined> {
    const { client, path } = this.#at(id);
    const options = { abortSignal: this.manner.signal };
    const send = () => call(client, path, options).catch(absent);
    return persist<T | undefined>(send, this.persistence(doing));
  }

  /** Reads a resource that the SDK in use has no client for. */
  readPlain<T, F>(
    id: string,
    doing: string,
    apiVersion: string,
    facts: (found: T) => F,
  ): Promise<F | undefined> {
    const subscriptionId = subscriptionOf(id);
    const send = async () => facts((await this.arm.get(subscriptionId, id, apiVersion)) as T);
    return persist<F | undefined>(() => send().catch(absent), this.persistence(doing));
  }

  /** Reads all pages of a list that the SDK in use has no client for; `undefined` when Azure answers 404. */
  async readPages<T, F>(
    path: string,
    doing: string,
    apiVersion: string,
    facts: (entry: T) => F,
  ): Promise<F[] | undefined> {
    const subscriptionId = subscriptionOf(path);
    const found: F[] = [];
    let next: string | undefined;
    do {
      const url = next;
      const send = () =>
        (url === undefined
          ? this.arm.get(subscriptionId, path, apiVersion)
          : this.arm.operation(subscriptionId, url)) as Promise<Page<T>>;
      const page = await persist<Page<T> | undefined>(
        () => send().catch(absent),
        this.persistence(doing),
      );
      if (!page) return url === undefined ? undefined : found;
      found.push(...(page.value ?? []).map(facts));
      next = page.nextLink;
    } while (next !== undefined);
    return found;
  }

  /** Sends a write and returns once Azure has accepted it. */
  async send({
    id,
    doing,
    call,
    landed,
    untilFree = false,
  }: Omit<Write, 'expectedSeconds'>): Promise<Accepted> {
    const { client, path } = this.#at(id);
    this.#writes++;
    let refused = true;
    const attempt = () =>
      begin((options) => call(client, path, options), this.manner.signal).catch((thrown) => {
        refused &&= isRefusal(thrown);
        throw thrown;
      });
    const accepted = await persist<Accepted>(
      attempt,
      { ...this.persistence(doing), untilFree },
      async () => ((await landed()) ? { url: undefined } : undefined),
    ).catch((failure: unknown) => {
      // An attempt that got no answer may have taken effect, but not for who lacks the right.
      if (refused || (failure instanceof Failure && failure.status === 403)) this.#writes--;
      throw failure;
    });
    if (accepted.url) this.#operations.set(id.toLowerCase(), accepted.url);
    return accepted;
  }

  /** Sends a write and returns what it put out, once it has ended well. */
  async write(write: Write & Pick<Ending, 'finished'>) {
    const accepted = await this.send(write);
    const { subscriptionId } = this.#at(write.id);
    return settle(this.arm, accepted, {
      ...this.persistence(write.doing),
      expectedSeconds: write.expectedSeconds,
      subscriptionId,
      ...(write.finished && { finished: write.finished }),
    });
  }

  /** Azure's account of why the last operation of this session on the resource failed. */
  async whyFailed(id: string): Promise<string | undefined> {
    const url = this.#operations.get(id.toLowerCase());
    if (!url) return undefined;
    const { subscriptionId } = this.#at(id);
    const { error } = await persist(
      () => this.arm.operation(subscriptionId, url),
      this.persistence('read why the operation failed'),
    ).catch(() => ({ error: undefined }));
    return error && `Azure says: ${azureText(error)}`;
  }

  /** The same, but giving up when `limit` is aborted. */
  within(limit: AbortSignal): Session {
    const signal = AbortSignal.any([this.manner.signal, limit]);
    return new Session(this.arm, { ...this.manner, signal });
  }

  persistence(doing: string): Persistence {
    const { signal, pollSeconds } = this.manner;
    return { doing, signal, pollSeconds };
  }

  #at(id: string) {
    const parsed = parseResourceId(id);
    if (!parsed) throw new TypeError(`Not an ARM resource ID: ${id}`);
    const [first = '', second = '', third = ''] = parsed.names;
    const path: Path = [parsed.resourceGroup, first, second, third];
    const { subscriptionId } = parsed;
    return { client: this.arm.client(subscriptionId), path, subscriptionId };
  }
}

function absent(thrown: unknown): undefined {
  if (!isNotFound(thrown)) throw thrown;
  return undefined;
}
