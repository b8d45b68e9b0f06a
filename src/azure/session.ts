import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { Failure, nothingIf } from '../domain/failure.ts';
import { BY_MEDIAN } from '../domain/polling.ts';
import { nameOf } from '../domain/resource-id.ts';
import { sleep, watch } from '../run/wait.ts';
import type { Accepted, Arm, SessionOptions } from './arm.ts';
import { fromAzure, isBusy, isNotFound, statusOf } from './failure.ts';
import { settle, Unaccounted, type Write } from './operations.ts';
import { OwnWrites } from './own-writes.ts';
import { type Call, type CallOptions, get, type List } from './requests.ts';
import { retry } from './retry.ts';
import { unusable } from './wire.ts';

/** Pages of a list; more are no list but a loop. */
const MOST_PAGES = 5000;
/** Seconds before what was made a moment ago is looked for again. */
const LAG_LOOK_SECONDS = 3;
/** Status of an operation that is over, however it ended. */
const ENDED = /^(?:succeeded|failed|cancell?ed)$/i;
/** A write that took effect although Azure's answer is not known. */
const UNKNOWN: Accepted = { poll: undefined, created: false };

/**
 * Reads and writes of resources, with the retries that their meaning allows: each is asked for until
 * there is an answer that can be read.
 */
export class Session {
  readonly arm: Arm;
  readonly options: SessionOptions;
  readonly own: OwnWrites;

  constructor(arm: Arm, options: SessionOptions, own = new OwnWrites()) {
    this.arm = arm;
    this.options = options;
    this.own = own;
  }

  /** Reads; `undefined` when Azure answers 404, for as long as that may be for good. */
  async read<T>(id: string, doing: string, call: Call<Promise<T>>): Promise<T | undefined> {
    const send = this.arm.at(id);
    for (;;) {
      const found = await this.#ask(doing, (options) =>
        send(call, options).catch(nothingIf(isNotFound)),
      );
      if (found !== undefined || !this.own.mayLag(id)) return found;
      await sleep(
        Math.min(LAG_LOOK_SECONDS, this.options.pollSeconds ?? Infinity),
        this.options.signal,
      );
    }
  }

  /** Reads all pages of a list; `undefined` when Azure answers 404 for the first. */
  async list<T, F>(
    id: string,
    doing: string,
    call: Call<List<T>>,
    facts: (entry: T) => F,
  ): Promise<F[] | undefined> {
    const send = this.arm.at(id);
    const found: F[] = [];
    const seen = new Set<string | undefined>();
    for (let link: string | undefined; ; ) {
      seen.add(link);
      const from = link === undefined ? {} : { continuationToken: link };
      const look = async (options: CallOptions) => {
        const { value } = await send(call, options).byPage(from).next();
        return { entries: value.map(facts), next: value.continuationToken };
      };
      // Azure named the later pages itself: that one is missing is not the end of the list.
      const page = await this.#ask(doing, (options) =>
        from.continuationToken === undefined
          ? look(options).catch(nothingIf(isNotFound))
          : look(options),
      );
      if (!page) return undefined;
      found.push(...page.entries);
      link = page.next;
      if (link === undefined || link === '') return found;
      if (seen.has(link) || seen.size >= MOST_PAGES) throw endless(doing, seen.size);
    }
  }

  /**
   * What a list of what is below a resource gave; empty only where Azure does not show the resource
   * either. A 404 alone proves nothing.
   */
  async below<F>(parent: string, apiVersion: string, found: F[] | undefined): Promise<F[]> {
    if (found) return found;
    const name = nameOf(parent);
    const look = get(apiVersion, () => true);
    if (await this.read(parent, `read ${name}`, look)) throw unlisted(name);
    return [];
  }

  /** Asks until there is an answer that can be read. */
  #ask<T>(doing: string, send: (options: CallOptions) => Promise<T>): Promise<T> {
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
    return retry<T>(attempt, { ...this.options, doing });
  }

  /** Sends a write and returns once Azure has accepted it. */
  async send(write: Omit<Write, 'expectedSeconds'>): Promise<Accepted> {
    const { id, doing, call, landed, untilFree = false, earlierSeconds } = write;
    const { own, arm } = this;
    own.count++;
    let refused = true;
    const attempt = async () => {
      const accepted = await arm.write(id, call, this.options.signal).catch(async (thrown) => {
        const status = statusOf(thrown) ?? 0;
        refused &&= status >= 400 && status < 500 && status !== 408;
        if (earlierSeconds && isBusy(fromAzure(thrown, doing)))
          await this.#earlierEnds(id, earlierSeconds);
        throw thrown;
      });
      return accepted ?? UNKNOWN;
    };
    const patience = { ...this.options, doing, untilFree };
    const accepted = await retry<Accepted>(attempt, patience, async () =>
      (await landed?.()) ? UNKNOWN : undefined,
    ).catch((failure: unknown) => {
      // An attempt that got no answer may have taken effect, but not for who lacks the right.
      if (refused || (failure instanceof Failure && failure.status === 403)) own.count--;
      throw failure;
    });
    own.note(write, accepted);
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
      return !told || ENDED.test(told.status) ? true : undefined;
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
