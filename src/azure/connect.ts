import type { Compute } from '../run/ports.ts';
import { Arm } from './arm.ts';
import { findCloud } from './cloud.ts';
import { computeOf } from './compute.ts';
import type { SessionOptions } from './reader.ts';
import { retry } from './retry.ts';
import { sdkLogTo } from './sdk-log.ts';
import { credentialFor, type SignInOptions } from './sign-in/sign-in.ts';

type ConnectOptions = SessionOptions & Omit<SignInOptions, 'cloud'>;

/**
 * Two minutes of failures: short enough for a mistake in the inputs, and longer than the minute for
 * which MSAL sends nothing after a 429 or 5xx (its ThrottlingUtils).
 */
const MOST_FAILURES = 8;

/**
 * Signs in and gives Azure Compute. The first token is fetched here, so that a sign-in that
 * cannot work ends the run before anything else.
 */
export async function connect(options: ConnectOptions): Promise<Compute> {
  const { signIn, signal, httpClient } = options;
  sdkLogTo(options.say);
  const patience = { ...options, doing: 'sign in', mostFailures: MOST_FAILURES };
  const cloud = await retry(() => findCloud(signIn.environment, signal, httpClient), patience);
  const credential = credentialFor({ ...options, cloud });
  // As the SDK asks (its tokens stand in a cache of their own), so that its first call has one.
  const tokenOptions = { abortSignal: signal, enableCae: true };
  await retry(() => credential.getToken(cloud.scope, tokenOptions), patience);
  const arm = new Arm({
    endpoint: cloud.resourceManager,
    scope: cloud.scope,
    credential,
    signal,
    mask: options.mask,
    pollSeconds: options.pollSeconds,
    ...(httpClient && { httpClient }),
  });
  return computeOf(arm, options);
}
