import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { Failure } from '../domain/failure.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { Reason } from '../run/ports.ts';
import { sleep } from '../run/wait.ts';
import type { Arm, OperationStatus, SessionOptions } from './arm.ts';
import { type Call, type CallOptions, get, type List } from './call.ts';
import { azureText, fromOperation, isNotFound } from './failure.ts';
import { OwnWrites } from './own-writes.ts';
import { retry } from './retry.ts';
import { unusable } from './wire.ts';

/** Pages of a list; more are no list but a loop. */
const MOST_PAGES = 5000;

/** Reads of resources and lists: each is asked for until there is an answer that can be read. */
export class Reader {
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
      const found = await this.#ask(doing, (options) => send(call, options).catch(absent));
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
        from.continuationToken === undefined ? look(options).catch(absent) : look(options),
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

  /** Azure's account of why the last operation of this run on the resource failed. */
  async whyFailed(id: string): Promise<Reason | undefined> {
    const poll = this.own.operationOn(id);
    if (!poll) return undefined;
    const { error, status = '' } = await retry<Partial<OperationStatus>>(
      () => this.arm.operation(id, poll),
      { ...this.options, doing: 'read why the operation failed' },
    ).catch((): Partial<OperationStatus> => ({}));
    if (!error) return undefined;
    const { kind } = fromOperation(error, 'make the resource', status);
    return { words: `Azure says: ${azureText(error)}`, mayPass: kind === 'transient' };
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
