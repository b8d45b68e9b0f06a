import type { HttpClient } from '@azure/core-rest-pipeline';
import { ClientAssertionCredential, type TokenCredential } from '@azure/identity';
import { Failure } from '../domain/failure.ts';
import type { Cloud } from './cloud.ts';

/** Gets a fresh GitHub ID token; throws a `Failure` when the job may not have one. */
export type GetIdToken = (audience: string) => Promise<string>;

export interface IdentityOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly cloud: Cloud;
  readonly getIdToken: GetIdToken;
  /** Called with every access token before it is used. */
  readonly mask: (secret: string) => void;
  readonly httpClient?: HttpClient;
}

/** An ID token is not used in its last seconds: clocks differ, and the exchange takes time. */
const SPARE_SECONDS = 60;

/**
 * Signs in by GitHub OIDC. A fresh ID token is asked for whenever Entra is, so that a run outlives
 * every token (AADSTS700024 after an hour is what happens otherwise: azure.md §9); it is kept
 * until a minute before its own end, because MSAL asks twice for every exchange, and never stored.
 */
export function oidcCredential(options: IdentityOptions): TokenCredential {
  const { tenantId, clientId, cloud, httpClient, mask } = options;
  const assertion = keepWhileFresh(() => options.getIdToken(cloud.audience));
  const credential = new ClientAssertionCredential(tenantId, clientId, assertion, {
    authorityHost: cloud.authority,
    disableInstanceDiscovery: !cloud.instanceDiscovery,
    ...(httpClient && { httpClient }),
  });
  return {
    getToken: async (scopes, tokenOptions) => {
      // Asked for here first: MSAL would wrap its failure beyond recognition.
      const idToken = await assertion();
      try {
        const token = await credential.getToken(scopes, tokenOptions);
        mask(token.token);
        return token;
      } catch (thrown) {
        if (tokenOptions?.abortSignal?.aborted || thrown instanceof Failure) throw thrown;
        throw explain(thrown, claimsOf(idToken), options);
      }
    },
  };
}

/** Wraps a source of JWTs: the last one is given again until a minute before its `exp`. */
export function keepWhileFresh(fetch: () => Promise<string>): () => Promise<string> {
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    if (kept && Date.now() < kept.until) return kept.token;
    const token = await fetch();
    const { exp } = claimsOf(token);
    kept = { token, until: typeof exp === 'number' ? (exp - SPARE_SECONDS) * 1000 : 0 };
    return token;
  };
}

/** What a JWT says, unverified: for `exp` and for telling people which subject was presented. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const claims: unknown = JSON.parse(payload);
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

function explain(
  thrown: unknown,
  claims: ReturnType<typeof claimsOf>,
  { tenantId, clientId, cloud }: IdentityOptions,
): Failure {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = /AADSTS\d+/.exec(message)?.[0];
  const presented = `issuer "${claims.iss}", subject "${claims.sub}", audience "${claims.aud}"`;
  const known = code ? KNOWN[code] : undefined;
  return new Failure({
    kind: code && !PASSING.has(code) ? 'input' : 'transient',
    what: `Sign-in to Azure failed${code ? ` (${code})` : ''}: client ${clientId} in tenant ${tenantId}, with a GitHub ID token of ${presented}.`,
    why: known?.why ?? `${new URL(cloud.authority).host} says: ${firstLine(message)}`,
    remedy:
      known?.remedy ??
      'Check `tenant-id` and `client-id`, and that the runner can reach the sign-in endpoint.',
    ...(code && { code }),
    cause: thrown,
  });
}

/** Entra itself is unwell, says its error reference: the workflow is not to blame. */
const PASSING = new Set(['AADSTS90006', 'AADSTS90033']);

const FEDERATED = {
  why: 'No federated identity credential of the app registration or managed identity fits this token: issuer, subject and audience must be the same to the letter.',
  remedy:
    'Add a federated credential with exactly the issuer, subject and audience above. The subject depends on the trigger: a branch, a pull request and an environment differ.',
};

/** The sign-in errors people meet (azure.md §7, §9). */
const KNOWN: Readonly<Record<string, { readonly why: string; readonly remedy: string }>> = {
  AADSTS70021: FEDERATED,
  AADSTS700213: FEDERATED,
  AADSTS700211: FEDERATED,
  AADSTS700212: FEDERATED,
  AADSTS700016: {
    why: 'The tenant knows no application with this client ID.',
    remedy: 'Check `client-id` (the application ID, not the object ID) and `tenant-id`.',
  },
  AADSTS90002: {
    why: 'There is no such tenant in this cloud.',
    remedy: 'Check `tenant-id`, and `environment` for a national cloud.',
  },
  AADSTS900023: {
    why: 'The tenant ID is neither a GUID nor a domain name.',
    remedy: 'Check `tenant-id`.',
  },
  AADSTS700024: {
    why: "The ID token was outside its validity, although it was fetched just now: the runner's clock is probably wrong.",
    remedy: 'Synchronise the clock of the runner.',
  },
};

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? '';
