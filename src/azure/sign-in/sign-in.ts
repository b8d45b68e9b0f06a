import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { Failure } from '../../domain/failure.ts';
import type { SignIn } from '../../domain/sign-in.ts';
import type { Cloud } from '../cloud.ts';
import { azSession } from './az-session.ts';
import { codeIn, ENTRA_ERRORS } from './entra-errors.ts';
import { environment } from './environment.ts';
import { IMDS_TIMEOUT_MS, managedIdentity } from './managed-identity.ts';
import type { Explanation, GetIdToken, Method } from './method.ts';
import { oidc } from './oidc.ts';

/** Milliseconds after which a request to Entra that got no answer counts as lost. */
const ENTRA_TIMEOUT_MS = 30_000;

export interface SignInOptions {
  readonly signIn: SignIn;
  readonly cloud: Cloud;
  readonly getIdToken: GetIdToken;
  /** Called with every secret, before it is used, and with every access token. */
  readonly mask: (secret: string) => void;
  /** Told how the run signs in and why so, in one line, once. */
  readonly say: (line: string) => void;
  /** The transport; Node's own when left out. */
  readonly httpClient?: HttpClient;
}

/**
 * The credential of the run. Its failures are `Failure`s that name what was tried, why it failed
 * and what to do; those of an aborted request come as they are.
 */
export function credentialFor(options: SignInOptions): TokenCredential {
  const { signIn, cloud, mask, say } = options;
  const method = methodFor(options);
  let told = false;
  return {
    getToken: async (scopes, tokenOptions) => {
      const by = await method.prepare();
      if (!told) say(`Signing in to ${cloud.resourceManager} by ${by}, because ${signIn.because}.`);
      told = true;
      try {
        const token = await method.credential.getToken(scopes, tokenOptions);
        if (token) mask(token.token);
        return token;
      } catch (thrown) {
        if (tokenOptions?.abortSignal?.aborted || thrown instanceof Failure) throw thrown;
        throw await failureOf(thrown, by, method, cloud);
      }
    },
  };
}

function methodFor({ signIn, cloud, getIdToken, mask, httpClient }: SignInOptions): Method {
  const { identity } = signIn;
  const client = httpClient ?? createDefaultHttpClient();
  const entra = {
    authorityHost: cloud.authority,
    disableInstanceDiscovery: !cloud.instanceDiscovery,
    httpClient: within(ENTRA_TIMEOUT_MS, client),
  };
  switch (identity.authType) {
    case 'oidc':
      return oidc({
        ...identity,
        audience: identity.audience ?? cloud.audience,
        getIdToken,
        entra,
      });
    case 'managed-identity':
      return managedIdentity(identity.clientId, within(IMDS_TIMEOUT_MS, client));
    case 'cli':
      return azSession(identity.tenantId, cloud.scope);
    case 'environment': {
      const { proof } = identity;
      mask('secret' in proof ? proof.secret : (proof.password ?? ''));
      return environment({ ...identity, entra });
    }
  }
}

/** Without this, the SDK would wait for an answer for ever. */
const within = (milliseconds: number, client: HttpClient): HttpClient => ({
  sendRequest: (request) => {
    request.timeout ||= milliseconds;
    return client.sendRequest(request);
  },
});

async function failureOf(
  thrown: unknown,
  by: string,
  method: Method,
  cloud: Cloud,
): Promise<Failure> {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const own = await method.explain(message);
  const code = own?.code ?? codeIn(message);
  const { kind, why, remedy } = own ?? ENTRA_ERRORS[code ?? ''] ?? unknown(message, code, cloud);
  return new Failure({
    kind: kind ?? 'input',
    what: `Sign-in to Azure failed${code ? ` (${code})` : ''}, by ${by}.`,
    why,
    remedy,
    ...(code && { code }),
    cause: thrown,
  });
}

const unknown = (message: string, code: string | undefined, cloud: Cloud): Explanation => ({
  kind: code ? 'input' : 'transient',
  why: `${new URL(cloud.authority).host} says: ${message.split(/\r?\n/, 1)[0] ?? ''}`,
  remedy: 'Check `tenant-id` and `client-id`, and that the runner can reach the sign-in endpoint.',
});
