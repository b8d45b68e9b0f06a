/** The ways to sign in, as the input `auth-type` calls them. */
export const AUTH_TYPES = [
  'oidc',
  'managed-identity',
  'cli',
  'environment',
] as const satisfies readonly Identity['authType'][];

/** Azure's own clouds, as the input `environment` calls them. */
export const CLOUD_NAMES = ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'] as const;
export type CloudName = (typeof CLOUD_NAMES)[number];

/** As whom the run signs in, and what proves it. */
export type Identity =
  | {
      readonly authType: 'oidc';
      readonly tenantId: string;
      readonly clientId: string;
      /** Audience of the GitHub ID token; not given: what the cloud expects. */
      readonly audience?: string;
    }
  /** The user-assigned identity with this client ID, or else the system-assigned one. */
  | { readonly authType: 'managed-identity'; readonly clientId?: string }
  /** The session of `az login`; in its own tenant when none is given. */
  | { readonly authType: 'cli'; readonly tenantId?: string }
  | {
      readonly authType: 'environment';
      readonly tenantId: string;
      readonly clientId: string;
      /** A client secret, or the PEM file of a certificate with its private key. */
      readonly proof:
        | { readonly secret: string }
        | { readonly certificatePath: string; readonly password?: string };
    };

/** Where in Azure, and as whom. */
export interface SignIn {
  /** A cloud's name, or the https URL of an ARM endpoint. */
  readonly environment: CloudName | URL;
  readonly identity: Identity;
  /** Why it is this way of signing in; completes "because …". */
  readonly because: string;
}

/** What is at hand for signing in. */
export interface Means {
  /** Whether these are known, from an input or its environment variable. */
  readonly tenantId: boolean;
  readonly clientId: boolean;
  readonly audience: boolean;
  /** Whether GitHub lets the job ask for an ID token. */
  readonly idToken: boolean;
  readonly clientSecret: boolean;
  readonly clientCertificate: boolean;
  /** Whether the Azure CLI has a session; asked only when that decides. */
  readonly azSession: () => boolean;
  readonly selfHosted: boolean;
  /** The environment variable that says where managed identities are served, if there is one. */
  readonly identityEndpoint: string | undefined;
}

/**
 * Chooses a way to sign in for a workflow that names none: the first whose means are at hand and
 * that can use every ID that is known, so that a missing permission is told as such instead of
 * letting the run go on as somebody else.
 */
export function detectAuthType(
  means: Means,
): Pick<SignIn, 'because'> & { authType: Identity['authType'] } {
  const { tenantId, clientId, idToken } = means;
  const named = tenantId || clientId || means.audience;
  if (idToken && (named || !means.azSession()))
    return { authType: 'oidc', because: 'the job is allowed to request a GitHub ID token' };
  if (idToken)
    return {
      authType: 'cli',
      because: 'there is a session of `az login`, and neither `tenant-id` nor `client-id` is given',
    };
  const without = 'the job is not allowed to request a GitHub ID token';
  if (means.audience) return { authType: 'oidc', because: '`audience` is given' };
  if (means.clientSecret || means.clientCertificate)
    return {
      authType: 'environment',
      because: `${means.clientSecret ? 'AZURE_CLIENT_SECRET' : 'AZURE_CLIENT_CERTIFICATE_PATH'} is set, and ${without}`,
    };
  if (!clientId && means.azSession())
    return { authType: 'cli', because: `there is a session of \`az login\`, and ${without}` };
  if (!tenantId && (means.selfHosted || means.identityEndpoint !== undefined))
    return {
      authType: 'managed-identity',
      because: `${means.identityEndpoint ? `${means.identityEndpoint} is set` : 'the runner is self-hosted'}, and ${without}`,
    };
  return { authType: 'oidc', because: 'no other way to sign in was found' };
}
