import type { ComputeManagementClient } from '@azure/arm-compute';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { Failure } from '../domain/failure.ts';
import type { ImageVersion } from '../domain/observed.ts';
import type { Owned } from '../domain/ownership.ts';
import { nameOf, parseResourceId, sameId } from '../domain/resource-id.ts';
import { sleep } from '../run/wait.ts';
import type { Arm, SessionOptions } from './arm.ts';
import { isNotFound } from './failure.ts';
import { LAG_SECONDS } from './operations.ts';
import { type RetryOptions, retry } from './retry.ts';
import { TagOverrides } from './tag-overrides.ts';
import { unusable } from './wire.ts';

/** The SDK takes a resource as its group and names; four fit the deepest, an image version. */
export type Path = readonly [group: string, first: string, second: string, third: string];

/** A list of the SDK, page by page. */
interface SdkList<T> {
  byPage(from: {
    continuationToken?: string;
  }): AsyncIterableIterator<T[] & { continuationToken?: string }>;
}

/** Pages of a list; more are no list but a loop. */
const MOST_PAGES = 5000;

/** The subscription of a resource, or of a scope that is none. */
const subscriptionOf = (path: string): string => path.split('/')[2] ?? '';

/** Reads of resources and lists: each is asked for until there is an answer that can be read. */
export class Reader {
  readonly arm: Arm;
  readonly options: SessionOptions;
  /** When Azure accepted each resource that was made here, `Date.now()`. */
  protected readonly made = new Map<string, number>();
  /** What Azure said, by 201, that this session created, by ID in lower case: what it was made of, as first shown. */
  protected readonly created = new Map<string, string | undefined>();
  /** Tags that Azure stored otherwise than they were sent. */
  readonly overrides = new TagOverrides();

  constructor(arm: Arm, options: SessionOptions) {
    this.arm = arm;
    this.options = options;
  }

  /** Reads; `undefined` when Azure answers 404, for as long as that may be for good. */
  async read<T>(
    id: string,
    doing: string,
    call: (
      client: ComputeManagementClient,
      path: Path,
      options: { abortSignal: AbortSignal },
    ) => Promise<T>,
  ): Promise<T | undefined> {
    const { client, path } = this.at(id);
    for (;;) {
      const found = await this.#ask(doing, (options) => call(client, path, options).catch(absent));
      if (found !== undefined || !this.#mayLag(id)) return found;
      await sleep(
        Math.min(LAG_LOOK_SECONDS, this.options.pollSeconds ?? Infinity),
        this.options.signal,
      );
    }
  }

  /** Reads a resource that the SDK in use has no client for. */
  readPlain<T, F>(
    id: string,
    doing: string,
    apiVersion: string,
    facts: (found: T) => F,
  ): Promise<F | undefined> {
    const subscriptionId = subscriptionOf(id);
    const send = async () => {
      const { parsedBody } = await this.arm.request(subscriptionId, 'GET', id, apiVersion);
      return facts(parsedBody as T);
    };
    return this.#ask<F | undefined>(doing, () => send().catch(absent));
  }

  /** Reads all pages of a list of the SDK; `undefined` when Azure answers 404 for the first. */
  list<T, F>(
    id: string,
    doing: string,
    call: (client: ComputeManagementClient, path: Path, options: object) => SdkList<T>,
    facts: (entry: T) => F,
  ): Promise<F[] | undefined> {
    const { client, path } = this.at(id);
    return this.#pages(doing, async (link, options) => {
      const from = link === undefined ? {} : { continuationToken: link };
      const { value } = await call(client, path, options).byPage(from).next();
      return { entries: value.map(facts), next: value.continuationToken };
    });
  }

  /** Reads all pages of a list that the SDK in use has no client for; `undefined` when Azure answers 404 for the first. */
  readPages<T, F>(
    path: string,
    doing: string,
    apiVersion: string,
    facts: (entry: T) => F,
  ): Promise<F[] | undefined> {
    const subscriptionId = subscriptionOf(path);
    return this.#pages(doing, async (link) => {
      const page = await this.arm.request(subscriptionId, 'GET', link ?? path, apiVersion);
      const { value, nextLink } = page.parsedBody as {
        value: readonly T[];
        nextLink?: string | null;
      };
      return { entries: value.map(facts), next: nextLink ?? undefined };
    });
  }

  /**
   * What a list of what is below a resource gave; empty only where Azure does not show the resource
   * either. A 404 alone proves nothing.
   */
  async below<F>(parent: string, apiVersion: string, found: F[] | undefined): Promise<F[]> {
    if (found) return found;
    const name = nameOf(parent);
    const isThere = await this.readPlain(parent, `read ${name}`, apiVersion, () => true);
    if (isThere) throw unlisted(name);
    return [];
  }

  /** Sends a query that changes nothing; `undefined` when Azure answers 404. */
  query<F>(
    path: string,
    subscriptionId: string,
    doing: string,
    apiVersion: string,
    body: object,
    facts: (answer: unknown) => F,
  ): Promise<F | undefined> {
    const send = async () =>
      facts((await this.arm.request(subscriptionId, 'POST', path, apiVersion, body)).parsedBody);
    return this.#ask<F | undefined>(doing, () => send().catch(absent));
  }

  async #pages<F>(
    doing: string,
    get: (
      link: string | undefined,
      options: object,
    ) => Promise<{ readonly entries: readonly F[]; readonly next: string | undefined }>,
  ): Promise<F[] | undefined> {
    const found: F[] = [];
    const seen = new Set<string | undefined>();
    for (let link: string | undefined; ; ) {
      seen.add(link);
      const at = link;
      // Azure named the later pages itself: that one is missing is not the end of the list.
      const page = await this.#ask(doing, (options) =>
        at === undefined ? get(at, options).catch(absent) : get(at, options),
      );
      if (!page) return undefined;
      found.push(...page.entries);
      link = page.next;
      if (link === undefined || link === '') return found;
      if (seen.has(link) || seen.size >= MOST_PAGES) throw endless(doing, seen.size);
    }
  }

  /** Asks until there is an answer that can be read. */
  #ask<T>(
    doing: string,
    send: (options: {
      abortSignal: AbortSignal;
      onResponse: (response: PipelineResponse) => void;
    }) => Promise<T>,
  ): Promise<T> {
    let last: PipelineResponse | undefined;
    const onResponse = (response: PipelineResponse) => {
      last = response;
    };
    const attempt = () =>
      send({ abortSignal: this.options.signal, onResponse }).catch((thrown: unknown) => {
        // Neither the SDK nor we read what has another shape than documented without stumbling.
        if (thrown instanceof TypeError || thrown instanceof RangeError)
          throw unusable(last, `it cannot be read (${thrown.message})`);
        throw thrown;
      });
    return retry<T>(attempt, this.retryOptions(doing));
  }

  /** Adds what this session itself knows of a resource: that it created it, and which of its tags were changed. */
  known<T extends Owned & Partial<Pick<ImageVersion, 'regions' | 'removed' | 'overridden'>>>(
    id: string,
    facts: T,
  ): T {
    this.overrides.look(id, facts.tags);
    const isNew = this.#isCreatedHere(id.toLowerCase(), facts);
    const believed = this.overrides.believed(id, facts, isNew);
    const overridden = this.overrides.of(id);
    return {
      ...facts,
      ...(facts.removed && { removed: believed }),
      ...(isNew && { createdHere: true }),
      ...(overridden && { overridden }),
    };
  }

  /** Somebody can delete what was created here, and make something else under its name. */
  #isCreatedHere(key: string, { sourceId }: Owned): boolean {
    if (!this.created.has(key)) return false;
    const madeOf = this.created.get(key) ?? sourceId;
    if (sourceId === undefined || sameId(madeOf, sourceId)) this.created.set(key, madeOf);
    else this.created.delete(key);
    return this.created.has(key);
  }

  #mayLag(id: string): boolean {
    const made = this.made.get(id.toLowerCase());
    return made !== undefined && Date.now() - made < LAG_SECONDS * 1000;
  }

  retryOptions(doing: string): RetryOptions {
    const { signal, pollSeconds, mostFailures } = this.options;
    return { doing, signal, pollSeconds, ...(mostFailures !== undefined && { mostFailures }) };
  }

  /** The client for a resource, and the resource as the SDK takes it. */
  protected at(id: string) {
    const parsed = parseResourceId(id);
    if (!parsed) throw new TypeError(`Not an ARM resource ID: ${id}`);
    const [first = '', second = '', third = ''] = parsed.names;
    const path: Path = [parsed.resourceGroup, first, second, third];
    const { subscriptionId } = parsed;
    return { client: this.arm.client(subscriptionId), path, subscriptionId };
  }
}

const LAG_LOOK_SECONDS = 3;

const endless = (doing: string, pages: number) =>
  new Failure({
    kind: 'transient',
    what: `The answer to the request to ${doing} has no end: ${pages} pages, each with a link to another.`,
    why: 'Azure, or a proxy on the way, links a page to itself or to an earlier one.',
    remedy: 'Re-run the failed job; if it happens again, open a support case.',
  });

const unlisted = (name: string) =>
  new Failure({
    kind: 'transient',
    what: `Azure answers that there is no list of what is in \`${name}\`, though it shows \`${name}\` itself.`,
    why: 'What is in it is not known, so it does not count as empty.',
    remedy: 'Re-run the failed job; if it happens again, open a support case.',
  });

function absent(thrown: unknown): undefined {
  if (!isNotFound(thrown)) throw thrown;
  return undefined;
}
