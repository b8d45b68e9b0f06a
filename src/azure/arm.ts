import { ComputeManagementClient } from '@azure/arm-compute';
import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelinePolicy,
  type PipelineRequest,
  RestError,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { isRecord } from '../domain/is-record.ts';
import { negotiateApiVersion } from './api-versions.ts';
import { slowDownByQuota } from './quota.ts';
import { type AzureError, wire } from './wire.ts';

/** How patient the calls are, and who must be told of secrets. */
export interface SessionOptions {
  readonly signal: AbortSignal;
  /** The user's `poll-interval`, seconds. */
  readonly pollSeconds: number | undefined;
  /** Called with every secret in an answer, signed URLs too, before anything can print it. */
  readonly mask: (secret: string) => void;
  /** Failures in a row before giving up, where it matters little; see `RetryOptions`. */
  readonly mostFailures?: number;
}

interface ArmOptions extends SessionOptions {
  readonly endpoint: string;
  /** Token scope; the SDK's own default fits the public cloud only. */
  readonly scope: string;
  readonly credential: TokenCredential;
  /** The transport; Node's own when left out. */
  readonly httpClient?: HttpClient;
}

/** Where to ask for the state of an operation, and which header of Azure's answer said so. */
export interface Poll {
  readonly url: string;
  readonly header: 'azure-asyncoperation' | 'location';
}

/** What a poll of an operation's URL answers. */
export interface OperationStatus {
  readonly status: string;
  readonly error?: AzureError;
  readonly properties?: { readonly output?: unknown };
}

/**
 * Azure Resource Manager. The SDK words the requests for Compute and reads its answers; requests for
 * other types are plain. All of them go through the same pipeline and over the same wire. Nothing is
 * retried here: the SDK's own retry would blindly repeat a write whose answer was lost.
 */
export class Arm {
  readonly #options: ArmOptions;
  readonly #httpClient: HttpClient;
  readonly #wire: HttpClient;
  readonly #pollWire: HttpClient;
  readonly #locationWire: HttpClient;
  readonly #clients = new Map<string, ComputeManagementClient>();
  /** By the `Date` header of the last answer. */
  #now: Date | undefined;

  constructor(options: ArmOptions) {
    this.#options = options;
    this.#httpClient = options.httpClient ?? createDefaultHttpClient();
    const { signal, mask } = options;
    const over = { httpClient: this.#httpClient, origin: this.origin, signal, mask };
    this.#wire = wire(over);
    this.#pollWire = wire(over, (_, body) =>
      isRecord(body) && typeof body.status === 'string' ? undefined : 'it has no `status`',
    );
    this.#locationWire = wire(over, (_, body) =>
      body === undefined || isRecord(body) ? undefined : 'the body is no JSON object',
    );
  }

  /** The only host that gets a token. */
  get origin(): string {
    return new URL(this.#options.endpoint).origin;
  }

  /** The time by Azure's clock, as of its last answer; `undefined` when it has told none. */
  get now(): Date | undefined {
    return this.#now;
  }

  client(subscriptionId: string): ComputeManagementClient {
    const known = this.#clients.get(subscriptionId);
    if (known) return known;
    const { credential, pollSeconds } = this.#options;
    const client = this.#clientOver(subscriptionId, credential, this.#wire);
    client.pipeline.addPolicy(negotiateApiVersion());
    client.pipeline.addPolicy(slowDownByQuota(pollSeconds));
    client.pipeline.addPolicy({ name: 'noteTime', sendRequest: this.#noteTime });
    this.#clients.set(subscriptionId, client);
    return client;
  }

  #clientOver(subscriptionId: string, credential: TokenCredential, httpClient: HttpClient) {
    const { endpoint, scope } = this.#options;
    return new ComputeManagementClient(credential, subscriptionId, {
      endpoint,
      credentials: { scopes: [scope] },
      httpClient,
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'azure-golden-image' },
    });
  }

  /** The first request of a call as the SDK words it; it is not sent, and no token is asked for. */
  async sketch(
    subscriptionId: string,
    call: (client: ComputeManagementClient, signal: AbortSignal) => { submitted(): Promise<void> },
  ): Promise<PipelineRequest> {
    const caught: PipelineRequest[] = [];
    const nobody = { getToken: async () => ({ token: '-', expiresOnTimestamp: Infinity }) };
    const client = this.#clientOver(subscriptionId, nobody, {
      sendRequest: async (request) => {
        caught.push(request);
        throw new RestError('It is not to be sent.');
      },
    });
    const thrown = await call(client, this.#options.signal)
      .submitted()
      .catch((cause: unknown) => cause);
    const [request] = caught;
    if (!request) throw thrown;
    return request;
  }

  /**
   * Asks for the state of an operation. An `Azure-AsyncOperation` URL tells it in its body; a
   * `Location` answers 202 while the operation runs and another success when it has ended
   * (azure-resource-manager/management/async-operations).
   */
  async operation(subscriptionId: string, { url, header }: Poll): Promise<OperationStatus> {
    const over = header === 'location' ? this.#locationWire : this.#pollWire;
    const { status, parsedBody } = await this.#send(subscriptionId, 'GET', url, over);
    if (header === 'location') return { status: status === 202 ? 'InProgress' : 'Succeeded' };
    return parsedBody as OperationStatus;
  }

  /**
   * Sends a request without the SDK, over the same pipeline.
   *
   * @param to a resource ID or another path, or the URL of a page of a list
   * @param etag of what is to be overwritten, which nobody is to have changed since
   */
  request(
    subscriptionId: string,
    method: HttpMethods,
    to: string,
    apiVersion: string,
    body?: object,
    etag?: string,
  ) {
    const { endpoint } = this.#options;
    const url = to.startsWith('/') ? `${endpoint}${encodeURI(to)}?api-version=${apiVersion}` : to;
    return this.#send(subscriptionId, method, url, this.#wire, body && JSON.stringify(body), etag);
  }

  readonly #noteTime: PipelinePolicy['sendRequest'] = async (request, next) => {
    const response = await next(request);
    const time = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(time)) this.#now = new Date(time);
    return response;
  };

  async #send(
    subscriptionId: string,
    method: HttpMethods,
    url: string,
    over: HttpClient,
    sent?: string,
    etag?: string,
  ) {
    const { pipeline } = this.client(subscriptionId);
    const request = createPipelineRequest({ url, method, ...(sent && { body: sent }) });
    if (sent) request.headers.set('content-type', 'application/json');
    if (etag) request.headers.set('if-match', etag);
    const response = await pipeline.sendRequest(over, request);
    const { status, headers, bodyAsText } = response;
    const parsedBody: unknown = bodyAsText ? JSON.parse(bodyAsText) : undefined;
    return { status, headers, parsedBody };
  }

  /** Reads a text from a signed URL, without a token. */
  async download(url: string): Promise<string> {
    const { mask, signal } = this.#options;
    const over = { httpClient: this.#httpClient, origin: new URL(url).origin, signal, mask };
    const pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
    });
    const request = createPipelineRequest({ url, method: 'GET' });
    const anyBody = wire(over, () => undefined);
    try {
      return (await pipeline.sendRequest(anyBody, request)).bodyAsText ?? '';
    } catch (thrown) {
      if (thrown instanceof RestError && thrown.statusCode === 404) return '';
      throw thrown;
    }
  }
}
