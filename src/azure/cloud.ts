import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  RestError,
} from '@azure/core-rest-pipeline';
import { Failure } from '../domain/failure.ts';
import { membersOf } from '../domain/plain-objects.ts';
import type { CloudName, SignIn } from '../domain/sign-in.ts';
import { fromAzure } from './failure.ts';

/** Where a cloud's services are. */
export interface Cloud {
  readonly resourceManager: string;
  /** Origin of Microsoft Entra, or what stands in for it. */
  readonly authority: string;
  /** Scope of a token for Azure Resource Manager. */
  readonly scope: string;
  /** Audience of the GitHub ID token that Entra exchanges. */
  readonly audience: string;
  /** Whether MSAL may ask Microsoft which authorities are genuine; not in a cloud of one's own. */
  readonly instanceDiscovery: boolean;
}

const ownCloudAt = (resourceManager: string, authority: string, audience: string): Cloud => ({
  resourceManager,
  authority,
  scope: `${resourceManager}/.default`,
  audience,
  instanceDiscovery: true,
});

/** Azure's own clouds (azure-cli, `cloud.py`; Learn, "Workload identity federation", audiences). */
const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  AzureCloud: ownCloudAt(
    'https://management.azure.com',
    'https://login.microsoftonline.com',
    'api://AzureADTokenExchange',
  ),
  AzureUSGovernment: ownCloudAt(
    'https://management.usgovcloudapi.net',
    'https://login.microsoftonline.us',
    'api://AzureADTokenExchangeUSGov',
  ),
  AzureChinaCloud: ownCloudAt(
    'https://management.chinacloudapi.cn',
    'https://login.chinacloudapi.cn',
    'api://AzureADTokenExchangeChina',
  ),
};

/** The cloud of Azure's own that has this origin as its ARM endpoint or authority. */
const ownCloud = (part: 'resourceManager' | 'authority', origin: string): Cloud | undefined =>
  Object.values(CLOUDS).find((cloud) => cloud[part] === origin);

/**
 * Finds a cloud's services: those of Azure's own clouds are known, by name or by ARM endpoint; any
 * other endpoint is asked for its metadata, as the Azure CLI does.
 */
export async function findCloud(
  environment: SignIn['environment'],
  signal: AbortSignal,
  httpClient: HttpClient = createDefaultHttpClient(),
): Promise<Cloud> {
  if (!(environment instanceof URL)) return CLOUDS[environment];
  const known = ownCloud('resourceManager', environment.origin);
  if (known) return known;
  const metadata = await readMetadata(environment, signal, httpClient);
  const { loginEndpoint = '', audiences } = membersOf(metadata.authentication);
  const audience: unknown = Array.isArray(audiences) ? audiences[0] : undefined;
  const authority = httpsUrl(loginEndpoint);
  if (!authority || !isSignInOf(environment, authority))
    throw unusable(environment, `its metadata names ${quoted(loginEndpoint)} to sign in at`);
  const resource = httpsUrl(audience);
  if (!resource || !isOneCloud(resource, environment))
    throw unusable(environment, `its metadata names ${quoted(audience)} as the audience of tokens`);
  return {
    resourceManager: environment.origin,
    authority: authority.origin,
    scope: `${audience}/.default`,
    audience: (ownCloud('authority', authority.origin) ?? CLOUDS.AzureCloud).audience,
    instanceDiscovery: false,
  };
}

/** Sign-in hosts of Microsoft's clouds that have no name here (MSAL, its list of known authorities). */
const OTHER_AUTHORITIES = [
  'login.sovcloud-identity.fr',
  'login.sovcloud-identity.de',
  'login.sovcloud-identity.sg',
];

/** Whether an endpoint's cloud signs in there: a host of Microsoft's, or one beside the endpoint. */
const isSignInOf = (environment: URL, authority: URL): boolean =>
  ownCloud('authority', authority.origin) !== undefined ||
  OTHER_AUTHORITIES.includes(authority.host) ||
  isOneCloud(authority, environment);

/** Domains of Microsoft's in which others can have hosts too. */
const SHARED_DOMAINS = [
  'azure.com',
  'azure.net',
  'azurewebsites.net',
  'chinacloudapi.cn',
  'microsoft.com',
  'usgovcloudapi.net',
  'windows.net',
];

/**
 * Whether a host is of the endpoint's cloud: the same, one above it, or in a domain of that cloud
 * alone. So nobody gets a token of Azure's by claiming its audience.
 */
function isOneCloud({ hostname }: URL, environment: URL): boolean {
  if (`.${environment.hostname}`.endsWith(`.${hostname}`)) return true;
  const domain = domainOf(hostname);
  return domain === domainOf(environment.hostname) && !SHARED_DOMAINS.includes(domain);
}

/** The last two labels of a host's name; an IP address as it is. */
function domainOf(hostname: string): string {
  const isAddress = /^\[|^[\d.]+$/.test(hostname);
  return isAddress ? hostname : hostname.split('.').slice(-2).join('.');
}

/**
 * An https URL from the metadata. White space and commas are refused before they are parsed: a scope
 * is a list with spaces between its members.
 */
const httpsUrl = (text: unknown): URL | undefined =>
  typeof text === 'string' && /^https:\/\/[^\s,?#@\\]+$/i.test(text)
    ? (URL.parse(text) ?? undefined)
    : undefined;

const quoted = (value: unknown): string =>
  `"${String(typeof value === 'string' ? value : 'nothing')
    .replace(/\s+/g, ' ')
    .slice(0, 100)}"`;

async function readMetadata(
  environment: URL,
  abortSignal: AbortSignal,
  httpClient: HttpClient,
): Promise<Readonly<Record<string, unknown>>> {
  const url = `${environment.origin}/metadata/endpoints?api-version=2022-09-01`;
  const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
  const request = createPipelineRequest({ url, abortSignal, timeout: 30_000 });
  try {
    const response = await pipeline.sendRequest(httpClient, request);
    if (response.status !== 200)
      throw new RestError(`HTTP ${response.status}`, {
        statusCode: response.status,
        request,
        response,
      });
    return pickEntry(JSON.parse(response.bodyAsText ?? ''), environment);
  } catch (cause) {
    abortSignal.throwIfAborted();
    const failure = fromAzure(cause, 'ask for the metadata of the cloud');
    const { kind, why = '' } = failure;
    if (kind === 'input') throw failure;
    throw unusable(environment, why || String(cause), kind === 'transient' ? kind : 'input', cause);
  }
}

/** Azure Stack answers one object, the public clouds an array of all of them. */
function pickEntry(body: unknown, { origin }: URL): Readonly<Record<string, unknown>> {
  if (!Array.isArray(body)) return membersOf(body);
  const same = body.find(
    ({ resourceManager: url }) => url !== undefined && new URL(url).origin === origin,
  );
  return membersOf(same ?? body[0]);
}

const unusable = (
  environment: URL,
  why: string,
  kind: 'input' | 'transient' = 'input',
  cause?: unknown,
) =>
  new Failure({
    kind,
    what: `\`environment\`: ${environment.origin} cannot be used as an Azure Resource Manager endpoint: ${why}.`,
    why: 'The address is wrong, or the runner cannot reach it.',
    remedy:
      'Open `/metadata/endpoints` there with `curl` from the runner. A proxy goes into `HTTPS_PROXY`.',
    ...(cause !== undefined && { cause }),
  });
