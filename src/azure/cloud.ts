import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  RestError,
} from '@azure/core-rest-pipeline';
import { Failure } from '../domain/failure.ts';
import type { CloudName, SignIn } from '../domain/sign-in.ts';
import { fromAzure } from './failure.ts';

/** Where a cloud's services are. */
export interface Cloud {
  /** Origin of Azure Resource Manager. */
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

/** Azure's own clouds: azure.md §9, "Clouds" and "Audience". */
const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  AzureCloud: {
    resourceManager: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    scope: 'https://management.azure.com/.default',
    audience: 'api://AzureADTokenExchange',
    instanceDiscovery: true,
  },
  AzureUSGovernment: {
    resourceManager: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    scope: 'https://management.usgovcloudapi.net/.default',
    audience: 'api://AzureADTokenExchangeUSGov',
    instanceDiscovery: true,
  },
  AzureChinaCloud: {
    resourceManager: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    scope: 'https://management.chinacloudapi.cn/.default',
    audience: 'api://AzureADTokenExchangeChina',
    instanceDiscovery: true,
  },
};

/** The cloud of Azure's own that has this origin as its ARM endpoint or authority. */
const ownCloud = (part: 'resourceManager' | 'authority', origin: string): Cloud | undefined =>
  Object.values(CLOUDS).find((cloud) => cloud[part] === origin);

/** One entry of `/metadata/endpoints`. */
interface Metadata {
  readonly resourceManager?: string;
  readonly authentication?: {
    readonly loginEndpoint?: string;
    readonly audiences?: readonly string[];
  };
}

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
  const { loginEndpoint, audiences = [] } = metadata.authentication ?? {};
  const [audience] = audiences;
  if (!loginEndpoint || !audience)
    throw unusable(environment, 'its metadata names no sign-in endpoint or no token audience');
  const authority = new URL(loginEndpoint).origin;
  return {
    resourceManager: environment.origin,
    authority,
    scope: `${audience}/.default`,
    audience: (ownCloud('authority', authority) ?? CLOUDS.AzureCloud).audience,
    instanceDiscovery: false,
  };
}

async function readMetadata(
  environment: URL,
  abortSignal: AbortSignal,
  httpClient: HttpClient,
): Promise<Metadata> {
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
    const body = JSON.parse(response.bodyAsText ?? '') as Metadata | readonly Metadata[];
    return pickEntry(body, environment);
  } catch (cause) {
    abortSignal.throwIfAborted();
    const { kind, why = '' } = fromAzure(cause, 'ask for the metadata of the cloud');
    throw unusable(environment, why || String(cause), kind === 'transient' ? kind : 'input', cause);
  }
}

/** Azure Stack answers one object, the public clouds an array of all of them. */
function pickEntry(body: Metadata | readonly Metadata[], environment: URL): Metadata {
  if (!Array.isArray(body)) return body as Metadata;
  const entries = body as readonly Metadata[];
  const same = entries.find(
    ({ resourceManager }) =>
      resourceManager !== undefined && new URL(resourceManager).origin === environment.origin,
  );
  return same ?? entries[0] ?? {};
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
    why: 'The address may be wrong, or the runner cannot reach it, or does not trust its certificate.',
    remedy:
      'Open /metadata/endpoints there with curl from the runner. A private certificate authority goes into NODE_EXTRA_CA_CERTS, a proxy into HTTPS_PROXY.',
    ...(cause !== undefined && { cause }),
  });
