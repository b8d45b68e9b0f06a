import { ComputeManagementClient } from '@azure/arm-compute';
import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type PipelinePolicy,
  RestError,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { AzureError } from './azure-error.ts';
import { slowDownByQuota } from './quota.ts';
import { keepRefusals } from './refused-lists.ts';
import { maskSignatures } from './signatures.ts';

/** Milliseconds after which a request that got no answer counts as lost. */
const REQUEST_TIMEOUT_MS = 60_000;

export interface ArmOptions {
  /** Origin of Azure Resource Manager. */
  readonly endpoint: string;
  /** Token scope; the SDK's own default fits the public cloud only (azure.md §0 no. 6). */
  readonly scope: string;
  readonly credential: TokenCredential;
  /** Called with every secret in an answer, before anything can print it. */
  readonly mask: (secret: string) => void;
  /** The user's `poll-interval`, seconds. */
  readonly pollSeconds: number | undefined;
  /** The transport; Node's own when left out. */
  readonly httpClient?: HttpClient;
}

/** What a poll of an operation's URL answers (traffic README, "Poll URLs"). */
export interface OperationStatus {
  readonly status?: string;
  readonly error?: AzureError;
  readonly properties?: { readonly output?: unknown };
}

/**
 * Azure Resource Manager: the SDK's client of each subscription, and plain requests to the URLs
 * that it answers. Nothing is retried here: the SDK's own retry would blindly repeat a write
 * whose answer was lost.
 */
export class Arm {
  readonly #options: ArmOptions;
  readonly #httpClient: HttpClient;
  readonly #clients = new Map<string, ComputeManagementClient>();

  constructor(options: ArmOptions) {
    this.#options = options;
    this.#httpClient = options.httpClient ?? createDefaultHttpClient();
  }

  /** The client for the resources of one subscription. */
  client(subscriptionId: string): ComputeManagementClient {
    const known = this.#clients.get(subscriptionId);
    if (known) return known;
    const { endpoint, scope, credential, mask, pollSeconds } = this.#options;
    const client = new ComputeManagementClient(credential, subscriptionId, {
      endpoint,
      credentials: { scopes: [scope] },
      httpClient: this.#httpClient,
      retryOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'azure-golden-image' },
    });
    client.pipeline.addPolicy(requestTimeout);
    client.pipeline.addPolicy(keepRefusals);
    client.pipeline.addPolicy(maskSignatures(mask));
    client.pipeline.addPolicy(slowDownByQuota(pollSeconds));
    this.#clients.set(subscriptionId, client);
    return client;
  }

  /**
   * Asks for the state of an operation, or for the next page of a list. The URL came from Azure,
   * but the token goes only where it was issued for.
   */
  async operation(subscriptionId: string, url: string): Promise<OperationStatus> {
    if (new URL(url).origin !== new URL(this.#options.endpoint).origin)
      throw new Error('Azure named a URL on another host; not sending the token there');
    return (await this.#send(subscriptionId, 'GET', url)).body as OperationStatus;
  }

  /** Reads any resource by its ID. */
  async get(subscriptionId: string, id: string, apiVersion: string): Promise<unknown> {
    return (await this.#send(subscriptionId, 'GET', this.#urlOf(id, apiVersion))).body;
  }

  /** Asks to delete any resource by its ID; gives the URL of the operation, if there is one. */
  async delete(
    subscriptionId: string,
    id: string,
    apiVersion: string,
  ): Promise<string | undefined> {
    const { headers } = await this.#send(subscriptionId, 'DELETE', this.#urlOf(id, apiVersion));
    return headers.get('azure-asyncoperation');
  }

  #urlOf(id: string, apiVersion: string): string {
    return `${this.#options.endpoint}${encodeURI(id)}?api-version=${apiVersion}`;
  }

  async #send(subscriptionId: string, method: 'GET' | 'DELETE', url: string) {
    const request = createPipelineRequest({ url, method });
    const { pipeline } = this.client(subscriptionId);
    const response = await pipeline.sendRequest(this.#httpClient, request);
    const body = parseJson(response.bodyAsText);
    if (response.status >= 200 && response.status < 300) return { body, headers: response.headers };
    throw new RestError(body.error?.message ?? `HTTP ${response.status} without an explanation`, {
      statusCode: response.status,
      ...(body.error?.code && { code: body.error.code }),
      request,
      response,
    });
  }

  /** Reads a text from a signed URL, without a token. */
  async download(url: string): Promise<string> {
    const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    const request = createPipelineRequest({ url, method: 'GET', timeout: REQUEST_TIMEOUT_MS });
    const response = await pipeline.sendRequest(this.#httpClient, request);
    if (response.status === 404) return '';
    if (response.status === 200) return response.bodyAsText ?? '';
    throw new RestError(`HTTP ${response.status}`, {
      statusCode: response.status,
      request,
      response,
    });
  }
}

const requestTimeout: PipelinePolicy = {
  name: 'requestTimeout',
  sendRequest: (request, next) => {
    if (request.timeout === 0) request.timeout = REQUEST_TIMEOUT_MS;
    return next(request);
  },
};

/** A 202 of a Location poll has no body, and some gateways answer HTML. */
function parseJson(text: string | null | undefined): OperationStatus {
  try {
    return text ? (JSON.parse(text) as OperationStatus) : {};
  } catch {
    return {};
  }
}
