import {
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { isRecord, jsonIn, membersOf } from '../domain/plain-objects.ts';

/** The code of an answer that says nothing usable, whatever its status. */
export const UNUSABLE = 'UnusableAnswer';
/** The code of a request that was not sent, since its URL is on a host that is not the cloud's. */
const FOREIGN_HOST = 'ForeignHost';

/** Bytes of an answer; lists come in pages, and Azure's own limit of one is far below. */
const MOST_BYTES = 16 * 2 ** 20;
/** Milliseconds after which a request that got no whole answer counts as lost. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Headers whose URLs are signed: whoever has them may ask with them. */
const SIGNED = ['azure-asyncoperation', 'location', 'operation-location'];
const SIGNATURE = ['c', 's', 'h'];

/** What Azure's poll body or error body says of a failure. */
export interface AzureError {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly AzureError[];
  readonly additionalInfo?: readonly {
    readonly type?: string;
    readonly info?: Readonly<Record<string, unknown>>;
  }[];
}

/** What the wire is told once. */
interface WireOptions {
  readonly httpClient: HttpClient;
  /** Origin of Azure Resource Manager: the only host that gets a token. */
  readonly origin: string;
  readonly signal: AbortSignal;
  /** Called with every secret in an answer, before anything can print it. */
  readonly mask: (secret: string) => void;
}

/**
 * The last thing between any request for Azure Resource Manager and the network, and the first that
 * sees the answer. It sends to the cloud's host alone, bounds answers in time and size, and lets only
 * usable ones through: every refusal becomes a `RestError` with Azure's code and words, and so does
 * a success whose body is not what was asked for (`UNUSABLE`).
 *
 * @param isUsable says what is wrong with the body of a read
 */
export const wire = (
  options: WireOptions,
  isUsable: (pathname: string, body: unknown) => string | undefined = shapeProblem,
): HttpClient => ({
  sendRequest: async (request) => {
    const { origin, pathname } = new URL(request.url);
    if (origin !== options.origin) throw foreign(request, origin);
    const response = await bounded(request, options);
    completePollUrls(response, options.mask);
    if (response.status >= 300) throw refusal(response);
    const body = parse(response.bodyAsText);
    const problem =
      request.method === 'GET' && response.status === 200
        ? isUsable(pathname, body)
        : objectProblem(body);
    if (problem) throw unusable(response, problem);
    const link = isRecord(body) ? body.nextLink : undefined;
    if (typeof link !== 'string' || link === '') return response;
    const next = complete(link, request);
    // Told where the link came from, so that this page is asked for again, and not the link.
    if (next?.origin !== origin)
      throw unusable(response, `\`nextLink\` ${next ? 'leads to another host' : 'is no URL'}`);
    return { ...response, bodyAsText: JSON.stringify({ ...membersOf(body), nextLink: next.href }) };
  },
});

/** What is wrong with a body that is not to be anything but an object, if there is one. */
export const objectProblem = (body: unknown): string | undefined =>
  body === undefined || isRecord(body) ? undefined : 'the body is no JSON object';

/** Why an answer cannot be used, as an error that keeps the answer. */
export const unusable = (response: PipelineResponse | undefined, problem: string): RestError =>
  new RestError(problem, {
    code: UNUSABLE,
    ...(response && { statusCode: response.status, request: response.request, response }),
  });

function foreign(request: PipelineRequest, origin: string): RestError {
  const message = `Azure named ${origin}, which is no host of this cloud; nothing was sent there`;
  return new RestError(message, { code: FOREIGN_HOST, request });
}

async function bounded(
  request: PipelineRequest,
  { httpClient, signal }: WireOptions,
): Promise<PipelineResponse> {
  const tooMuch = new AbortController();
  const ends = [request.abortSignal as AbortSignal | undefined, signal, tooMuch.signal];
  request.abortSignal = AbortSignal.any(ends.filter((each) => each !== undefined));
  request.onDownloadProgress = ({ loadedBytes }) => {
    if (loadedBytes > MOST_BYTES) tooMuch.abort();
  };
  if (request.timeout === 0) request.timeout = REQUEST_TIMEOUT_MS;
  const excess = `the body is larger than ${MOST_BYTES / 2 ** 20} MiB`;
  const response = await httpClient.sendRequest(request).catch((thrown: unknown) => {
    if (!tooMuch.signal.aborted) throw thrown;
    throw new RestError(excess, { code: UNUSABLE, request });
  });
  if ((response.bodyAsText ?? '').length > MOST_BYTES) throw unusable(response, excess);
  return response;
}

/** What the body says is kept apart from what a gateway may have put in its place. */
function refusal(response: PipelineResponse): RestError {
  const { status, request } = response;
  const error = errorIn(response);
  if (status < 400) return unusable(response, 'it redirects elsewhere');
  return new RestError(error.message || `HTTP ${status} without an explanation`, {
    statusCode: status,
    ...(error.code && { code: error.code }),
    request,
    response,
  });
}

/** What the body of a refusal says, as far as it has Azure's form. */
export function errorIn(response: PipelineResponse | undefined): AzureError {
  const { error } = membersOf(parse(response?.bodyAsText));
  const { code, message, details, additionalInfo } = membersOf(error);
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
    ...(Array.isArray(details) && { details: details.filter(isRecord) }),
    ...(Array.isArray(additionalInfo) && { additionalInfo: additionalInfo.filter(isRecord) }),
  };
}

/** `null` stands for what is no JSON; an empty body is none. */
const parse = (text: string | null | undefined): unknown =>
  text ? (jsonIn(text) ?? null) : undefined;

/**
 * A link as a whole URL. One that names no host leads to the host that was asked (RFC 3986 §5.2); Azure's
 * own SDKs join it to their endpoint, which is the same (azure-sdk-for-go#27291, azure-sdk-for-net#55989).
 */
const complete = (link: string, { url }: PipelineRequest): URL | null =>
  URL.parse(link) ?? URL.parse(link, url);

/** Makes whole URLs of them, and keeps their signatures secret: the SDK writes them to its debug log. */
function completePollUrls(
  { headers, request }: PipelineResponse,
  mask: (secret: string) => void,
): void {
  for (const header of SIGNED) {
    const link = headers.get(header);
    const url = link ? complete(link, request) : null;
    if (!url) continue;
    headers.set(header, url.href);
    for (const name of SIGNATURE) {
      const value = url.searchParams.get(name);
      if (value) mask(value);
    }
  }
}

/**
 * Members that the action reads, by the type of their resource; `[]` stands for every element.
 * What Azure leaves out means its default, so a member may be absent, but not be something else.
 */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, 'object' | 'array'>>>> = {
  virtualmachines: {
    'properties.instanceView': 'object',
    'properties.instanceView.statuses': 'array',
    'properties.storageProfile': 'object',
    'properties.storageProfile.osDisk': 'object',
    'properties.storageProfile.dataDisks': 'array',
  },
  snapshots: { 'properties.creationData': 'object' },
  'galleries/images': { 'properties.features': 'array', 'properties.identifier': 'object' },
  'galleries/images/versions': {
    'properties.publishingProfile': 'object',
    'properties.publishingProfile.targetRegions': 'array',
    'properties.storageProfile': 'object',
    'properties.replicationStatus': 'object',
    'properties.replicationStatus.summary': 'array',
  },
};

/**
 * Says what is wrong with the body of a read that Azure answered with 200; `undefined` when it has
 * the shape of what the path names: a provider, a list or a resource.
 */
function shapeProblem(pathname: string, body: unknown): string | undefined {
  if (!isRecord(body)) return 'the body is no JSON object';
  const [namespace, ...names] = afterProviders(pathname);
  if (namespace === undefined) return undefined;
  if (names.length === 0)
    return Array.isArray(body.resourceTypes) ? undefined : 'it lists no resource types';
  if (names.length % 2 === 1) return listProblem(body);
  const type = names.filter((_, index) => index % 2 === 0).join('/');
  return resourceProblem(type.toLowerCase(), body);
}

const afterProviders = (pathname: string): string[] =>
  pathname
    .split(/\/providers\//i)
    .slice(1)
    .at(-1)
    ?.split('/')
    .filter(Boolean) ?? [];

function listProblem({ value, nextLink }: Readonly<Record<string, unknown>>): string | undefined {
  if (!Array.isArray(value)) return '`value` is no list';
  if (!value.every(isRecord)) return '`value` holds something that is no object';
  if (typeof (nextLink ?? '') !== 'string') return '`nextLink` is no text';
  return undefined;
}

function resourceProblem(
  type: string,
  body: Readonly<Record<string, unknown>>,
): string | undefined {
  if (typeof body.id !== 'string') return 'it has no `id`';
  if (!isRecord(body.properties)) return 'it has no `properties`';
  if (!isRecord(body.tags ?? {})) return '`tags` is no object';
  for (const [path, kind] of Object.entries(MEMBERS[type] ?? {})) {
    const member = path.split('.').reduce<unknown>((part, name) => membersOf(part)[name], body);
    if (!isKind(member, kind)) return `\`${path}\` is no ${kind}`;
  }
  return undefined;
}

const isKind = (value: unknown, kind: 'object' | 'array'): boolean =>
  value === undefined ||
  value === null ||
  (kind === 'array'
    ? Array.isArray(value) && value.every((each) => each !== null)
    : isRecord(value));
