import type { HttpClient } from '@azure/core-rest-pipeline';
import type { SignIn } from '../domain/request.ts';
import type { Compute } from '../run/ports.ts';
import { Arm } from './arm.ts';
import { type Cloud, findCloud } from './cloud.ts';
import { computeOf } from './compute.ts';
import { claimsOf, type GetIdToken, oidcCredential } from './identity.ts';
import type { Manner } from './session.ts';

export interface ConnectOptions extends Manner {
  readonly signIn: SignIn;
  readonly getIdToken: GetIdToken;
  /** Told how the run signs in, in one line. */
  readonly say: (line: string) => void;
  /** The transport; Node's own when left out. */
  readonly httpClient?: HttpClient;
}

/**
 * Signs in and gives Azure Compute. The first token is fetched here, so that a sign-in that
 * cannot work ends the run before anything else.
 */
export async function connect(options: ConnectOptions): Promise<Compute> {
  const { signIn, signal, say, mask, getIdToken, httpClient } = options;
  const cloud = await findCloud(signIn.environment, signal, httpClient);
  let told = false;
  const credential = oidcCredential({
    tenantId: signIn.tenantId,
    clientId: signIn.clientId,
    cloud,
    mask,
    getIdToken: async (audience) => {
      const token = await getIdToken(audience);
      if (!told) say(describeSignIn(cloud, signIn, token));
      told = true;
      return token;
    },
    ...(httpClient && { httpClient }),
  });
  // As the SDK asks (its tokens stand in a cache of their own), so that its first call has one.
  await credential.getToken(cloud.scope, { abortSignal: signal, enableCae: true });
  const arm = new Arm({
    endpoint: cloud.resourceManager,
    scope: cloud.scope,
    credential,
    ...(httpClient && { httpClient }),
  });
  return computeOf(arm, options);
}

function describeSignIn(cloud: Cloud, { clientId }: SignIn, idToken: string): string {
  const { iss, sub } = claimsOf(idToken);
  return `Signing in to ${cloud.resourceManager} by GitHub OIDC as client ${clientId} (issuer ${iss}, subject ${sub}).`;
}
