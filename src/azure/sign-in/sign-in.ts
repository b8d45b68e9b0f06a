import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { certificateProblem } from '../../domain/certificate.ts';
import { Failure, messageOf } from '../../domain/failure.ts';
import type { SignIn } from '../../domain/sign-in.ts';
import type { Cloud } from '../cloud.ts';
import { azSession } from './az-session.ts';
import { ENTRA_ERRORS } from './entra-errors.ts';
import { environment } from './environment.ts';
import { managedIdentity } from './managed-identity.ts';
import { codeIn, type Explanation, type Method, saidIn, transportOver } from './method.ts';
import { oidc } from './oidc.ts';

/** Milliseconds after which a request to Entra that got no answer counts as lost. */
const ENTRA_TIMEOUT_MS = 30_000;

export interface SignInOptions {
  readonly signIn: SignIn;
  readonly cloud: Cloud;
  /** Gets a fresh GitHub ID token; throws a `Failure` when the job is not allowed to request one. */
  readonly getIdToken: (audience: string) => Promise<string>;
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
  const client = options.httpClient ?? createDefaultHttpClient();
  const entra = transportOver(client, ENTRA_TIMEOUT_MS);
  const method = methodFor(options, client, entra.client);
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
        const message = codeIn(messageOf(thrown)) ? messageOf(thrown) : entra.refusal();
        const said = message ?? messageOf(thrown);
        const code = codeIn(said);
        const known =
          method.explain(said) ??
          ENTRA_ERRORS[code ?? ''] ??
          explainEntra(said, entra.trouble(), cloud);
        throw new Failure({
          kind: known.kind ?? 'input',
          what: `Sign-in to Azure failed${code ? ` (${code})` : ''}, by ${by}.`,
          why: known.why,
          remedy: known.remedy,
          ...(code && { code }),
          cause: thrown,
        });
      }
    },
  };
}

function methodFor(
  { signIn, cloud, getIdToken, mask }: SignInOptions,
  client: HttpClient,
  httpClient: HttpClient,
): Method {
  const { identity } = signIn;
  const entra = {
    authorityHost: cloud.authority,
    disableInstanceDiscovery: !cloud.instanceDiscovery,
    httpClient,
    // The sign-in is tried again as a whole: the SDK's own retries would repeat an assertion that has
    // expired while they waited, by a clock that is not Entra's.
    retryOptions: { maxRetries: 0 },
  };
  switch (identity.authType) {
    case 'oidc':
      return oidc(identity, identity.audience ?? cloud.audience, getIdToken, entra);
    case 'managed-identity':
      return managedIdentity(identity.clientId, client);
    case 'cli':
      return azSession(identity.tenantId, cloud.scope);
    case 'environment': {
      const { proof } = identity;
      mask('secret' in proof ? proof.secret : (proof.password ?? ''));
      return environment(identity, entra);
    }
  }
}

function explainEntra(message: string, lost: string | undefined, cloud: Cloud): Explanation {
  const { host } = new URL(cloud.authority);
  const distrust = lost && certificateProblem(lost, host);
  if (distrust) return distrust;
  if (lost)
    return {
      kind: 'transient',
      why: `${host} cannot be reached from the runner: ${lost}.`,
      remedy:
        'Check name resolution and firewall of the runner; a proxy goes into `HTTPS_PROXY`. If these are correct, re-run the failed job.',
    };
  return {
    kind: codeIn(message) ? 'input' : 'transient',
    why: `${host} says: ${saidIn(message)}`,
    remedy:
      'Check `tenant-id` and `client-id`; search for the code at https://login.microsoftonline.com/error.',
  };
}
