import type { ComputeManagementClient } from '@azure/arm-compute';
import type { HttpMethods, PipelineResponse } from '@azure/core-rest-pipeline';

/** The SDK takes a resource as its group and names; four fit the deepest, an image version. */
export type Path = readonly [group: string, first: string, second: string, third: string];

/** An answer, as the wire let it through. */
export interface Answer extends PipelineResponse {
  readonly parsedBody?: unknown;
}

/** What the SDK's calls give us a say in. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: Answer) => void;
}

/** What a request without the SDK says beside its method and API version. */
export interface Plain {
  /** A path, or the URL of a page of a list; the resource itself when left out. */
  readonly to?: string | undefined;
  readonly body?: object;
  /** Of what is to be overwritten, which nobody is to have changed since. */
  readonly etag?: string | undefined;
}

export type Send = (method: HttpMethods, apiVersion: string, plain?: Plain) => Promise<Answer>;

/**
 * A request for a resource. The SDK words it and reads its answer. Sent without it, by `send`, is what it
 * has no words for: other providers, all that Azure shows of a VM, and what Resource Graph shows as well.
 */
export type Call<T> = (
  client: ComputeManagementClient,
  path: Path,
  options: CallOptions,
  send: Send,
) => T;

/** A write: a long-running call of the SDK, or what sends one request. */
export type LongCall = Call<Promise<void> | { submitted(): Promise<void> }>;

/** A list of the SDK, page by page. */
export interface List<T> {
  byPage(from: {
    continuationToken?: string;
  }): AsyncIterableIterator<T[] & { continuationToken?: string }>;
}

/** Reads a resource without the SDK. */
export const get =
  <T, F>(apiVersion: string, facts: (found: T) => F): Call<Promise<F>> =>
  async (_client, _path, _options, send) =>
    facts((await send('GET', apiVersion)).parsedBody as T);

/** Asks by a POST that changes nothing. */
export const query =
  <F>(
    to: string,
    apiVersion: string,
    body: object,
    facts: (answer: unknown) => F,
  ): Call<Promise<F>> =>
  async (_client, _path, _options, send) =>
    facts((await send('POST', apiVersion, { to, body })).parsedBody);

/** Lists without the SDK. */
export const pages =
  <T>(apiVersion: string): Call<List<T>> =>
  (_client, _path, _options, send) => ({
    byPage: async function* ({ continuationToken: to }) {
      const { parsedBody } = await send('GET', apiVersion, { to });
      const { value, nextLink } = parsedBody as { value: T[]; nextLink?: string | null };
      yield Object.assign([...value], nextLink && { continuationToken: nextLink });
    },
  });

/** Writes without the SDK. */
export const plainly =
  (method: HttpMethods, apiVersion: string, plain?: Plain): LongCall =>
  async (_client, _path, { onResponse }, send) =>
    onResponse(await send(method, apiVersion, plain));
