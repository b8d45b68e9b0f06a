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
import { isRecord, membersOf } from '../domain/plain-objects.ts';
import { parseResourceId } from '../domain/resource-id.ts';
import type { Tags } from '../domain/tags.ts';
import { negotiateApiVersion } from './api-versions.ts';
import { slowDownByQuota } from './quota.ts';
import type { Answer, Call, CallOptions, LongCall, Send } from './requests.ts';
import type { RetryOptions } from './retry.ts';
import { type AzureError, objectProblem, wire } from './wire.ts';

/** How patient the calls are, and who must be told of secrets. */
export interface SessionOptions extends Omit<RetryOptions, 'doing' | 'untilFree'> {
  /** Called with every secret in an answer, signed URLs too, before anything can print it. */
  readonly mask: (secret: string) => void;
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

/** An operation that Azure has accepted. */
export interface Accepted {
  /** Absent when Azure named no URL, or the answer was lost. */
  readonly poll: Poll | undefined;
  /** Whether Azure answered 201: the request created the resource. */
  readonly created: boolean;
  /** The tags in Azure's answer; absent when the answer shows no resource. */
  readonly tags?: Tags;
  /** Whether the answer itself says that the work goes on. */
  readonly goesOn?: boolean;
}

/** What a poll of an operation's URL answers. */
export interface OperationStatus {
  readonly status: string;
  readonly error?: AzureError;
  readonly properties?: { readonly output?: unknown };
}

/**
 * Azure Resource Manager. The SDK words the requests for Compute and reads its answers; other requests
 * are plain (`Call`). All of them go through the same pipeline and over the same wire. Nothing is
 * retried here: the SDK's own retry would blindly repeat a write whose answer was lost.
 */
export class Arm {
  readonly #options: ArmOptions;
  readonly #httpClient: HttpClient;
  readonly #clients = new Map<string, ComputeManagementClient>();
  /** The time by Azure's clock, as of its last answer; `undefined` when it has told none. */
  now: Date | undefined;

  constructor(options: ArmOptions) {
    this.#options = options;
    this.#httpClient = options.httpClient ?? createDefaultHttpClient();
  }

  /** The only host that gets a token. */
  get origin(): string {
    return new URL(this.#options.endpoint).origin;
  }

  /**
   * What sends requests for a resource, or for a scope that is none. Throws a `TypeError` for what is
   * no path in a subscription.
   */
  at(id: string): <T>(call: Call<T>, options: CallOptions) => T {
    const client = this.#client(id);
    const path = pathOf(id);
    const send: Send = (method, apiVersion, { to = id, body, etag, isNew } = {}) => {
      const { endpoint } = this.#options;
      const url = to.startsWith('/') ? `${endpoint}${encodeURI(to)}?api-version=${apiVersion}` : to;
      const plain = { method, url, ...(body && { body: JSON.stringify(body) }) };
      return this.#send(client, plain, {
        ...(etag && { 'if-match': etag }),
        ...(isNew && { 'if-none-match': '*' }),
      });
    };
    return (call, options) => call(client, path, options, send);
  }

  #client(id: string): ComputeManagementClient {
    const subscription = subscriptionOf(id);
    const known = this.#clients.get(subscription);
    if (known) return known;
    const { credential, pollSeconds } = this.#options;
    const client = this.#clientOver(subscription, credential, this.#wire());
    client.pipeline.addPolicy(negotiateApiVersion());
    client.pipeline.addPolicy(slowDownByQuota(pollSeconds));
    client.pipeline.addPolicy({ name: 'noteTime', sendRequest: this.#noteTime });
    this.#clients.set(subscription, client);
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

  /**
   * Sends a write, and gives what Azure's answer to its first request says; `undefined` when there
   * was none. The SDK's poller is left where it stands after it: it dies of a single 429 without
   * Retry-After, and drops the details of a failed operation; the waiting is ours. Nor does it matter
   * what the SDK makes of the body of an answer that accepts.
   */
  async write(id: string, call: LongCall, abortSignal: AbortSignal): Promise<Accepted | undefined> {
    let accepted: Accepted | undefined;
    const onResponse = (answer: Answer) => {
      if (answer.status < 300) accepted ??= acceptedBy(answer);
    };
    const sent = this.at(id)(call, { abortSignal, onResponse });
    await submitted(sent).catch((thrown: unknown) => {
      if (!accepted) throw thrown;
    });
    return accepted;
  }

  /** A resource as a write would send it, and the API version; nothing is sent, and no token asked for. */
  async sketch(id: string, call: LongCall): Promise<{ content: object; apiVersion: string }> {
    const caught: PipelineRequest[] = [];
    const nobody = { getToken: async () => ({ token: '-', expiresOnTimestamp: Infinity }) };
    const notSent = () => Promise.reject(new RestError('It is not to be sent.'));
    const client = this.#clientOver(subscriptionOf(id), nobody, {
      sendRequest: (request) => {
        caught.push(request);
        return notSent();
      },
    });
    const options = { abortSignal: this.#options.signal, onResponse: () => undefined };
    const thrown = await submitted(call(client, pathOf(id), options, notSent)).catch(
      (cause: unknown) => cause,
    );
    const [request] = caught;
    if (!request) throw thrown;
    const apiVersion = new URL(request.url).searchParams.get('api-version') ?? '';
    return { content: JSON.parse(String(request.body)) as object, apiVersion };
  }

  /**
   * Asks for the state of an operation. An `Azure-AsyncOperation` URL tells it in its body; a
   * `Location` answers 202 while the operation runs and another success when it has ended
   * (azure-resource-manager/management/async-operations).
   *
   * @param id of the resource that it is at work on
   */
  async operation(id: string, { url, header }: Poll): Promise<OperationStatus> {
    const isOfLocation = header === 'location';
    const { status, parsedBody } = await this.#send(
      this.#client(id),
      { method: 'GET', url },
      {},
      this.#wire((_, body) => (isOfLocation ? objectProblem(body) : statusProblem(body))),
    );
    if (isOfLocation) return { status: status === 202 ? 'InProgress' : 'Succeeded' };
    return parsedBody as OperationStatus;
  }

  readonly #noteTime: PipelinePolicy['sendRequest'] = async (request, next) => {
    const response = await next(request);
    const time = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(time)) this.now = new Date(time);
    return response;
  };

  /** The wire to the cloud's host, which alone gets a token. */
  #wire(isUsable?: Parameters<typeof wire>[1]): HttpClient {
    const { mask, signal } = this.#options;
    return wire({ httpClient: this.#httpClient, origin: this.origin, signal, mask }, isUsable);
  }

  async #send(
    { pipeline }: ComputeManagementClient,
    plain: { readonly method: HttpMethods; readonly url: string; readonly body?: string },
    conditions: Readonly<Record<string, string>> = {},
    over = this.#wire(),
  ): Promise<Answer> {
    const request = createPipelineRequest(plain);
    if (plain.body) request.headers.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(conditions)) request.headers.set(name, value);
    const response = await pipeline.sendRequest(over, request);
    const { bodyAsText } = response;
    return { ...response, ...(bodyAsText && { parsedBody: JSON.parse(bodyAsText) as unknown }) };
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

/** What Azure's answer to a write says of it. */
function acceptedBy({ status, headers, parsedBody }: Answer): Accepted {
  const { id, tags, properties } = membersOf(parsedBody);
  const shown = Object.entries(membersOf(tags)).map(([name, value]) => [name, String(value)]);
  const { provisioningState } = membersOf(properties);
  const header = (['azure-asyncoperation', 'location'] as const).find((name) => headers.get(name));
  return {
    poll: header && { url: headers.get(header) ?? '', header },
    created: status === 201,
    goesOn: ['Creating', 'Updating'].includes(String(provisioningState)),
    ...(typeof id === 'string' && { tags: Object.fromEntries(shown) }),
  };
}

const submitted = (sent: ReturnType<LongCall>): Promise<void> =>
  'submitted' in sent ? sent.submitted() : sent;

const subscriptionOf = (id: string): string => id.split('/')[2] ?? '';

/** Empty names for a scope that is no resource: only requests without the SDK go there. */
function pathOf(id: string) {
  const parsed = parseResourceId(id);
  if (!parsed && !id.startsWith('/subscriptions/'))
    throw new TypeError(`Not an ARM resource ID: ${id}`);
  const { resourceGroup = '', names = [] } = parsed ?? {};
  const [first = '', second = '', third = ''] = names;
  return [resourceGroup, first, second, third] as const;
}

const statusProblem = (body: unknown): string | undefined =>
  isRecord(body) && typeof body.status === 'string' ? undefined : 'it has no `status`';
