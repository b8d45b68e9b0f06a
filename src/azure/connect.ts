import { format } from 'node:util';
import { AzureLogger } from '@azure/logger';
import type { Compute } from '../run/ports.ts';
import { Arm, type SessionOptions } from './arm.ts';
import { findCloud } from './cloud.ts';
import { readsOf } from './reads.ts';
import { retry } from './retry.ts';
import { Session } from './session.ts';
import { credentialFor, type SignInOptions } from './sign-in/sign-in.ts';
import { writesOf } from './writes.ts';

/**
 * Two minutes of failures: short enough for a mistake in the inputs, and longer than the minute for
 * which MSAL sends nothing after a 429 or 5xx (its ThrottlingUtils).
 */
const MOST_FAILURES = 8;

/**
 * Signs in and gives Azure Compute. The first token is fetched here, so that a sign-in that
 * cannot work ends the run before anything else.
 */
export async function connect(
  options: SessionOptions & Omit<SignInOptions, 'cloud'>,
): Promise<Compute> {
  const { signIn, signal, httpClient } = options;
  sdkLogTo(options.say);
  const patience = { ...options, doing: 'sign in', mostFailures: MOST_FAILURES };
  const cloud = await retry(() => findCloud(signIn.environment, signal, httpClient), patience);
  const credential = credentialFor({ ...options, cloud });
  // As the SDK asks (its tokens stand in a cache of their own), so that its first call has one.
  const tokenOptions = { abortSignal: signal, enableCae: true };
  await retry(() => credential.getToken(cloud.scope, tokenOptions), patience);
  const { resourceManager: endpoint, scope } = cloud;
  const session = new Session(new Arm({ ...options, endpoint, scope, credential }), options);
  const { own } = session;
  const reads = readsOf(session);
  return {
    reads,
    ...reads,
    ...writesOf(session, reads),
    takeTagOverrides: () => own.takeOverrides(),
    get wrote() {
      return own.count > 0;
    },
    get changedAt() {
      return own.changedAt;
    },
  };
}

/** What a URL's query must not show: the signatures of poll URLs and of SAS. */
const SIGNATURES = /([?&](?:c|s|h|sig)=)[^&\s"']+/g;

/**
 * Sends the SDK's own log, which there is when the user sets AZURE_LOG_LEVEL, the way of all other
 * lines. It would go to standard error, which the runner reads beside standard output, so that
 * nobody knows whether a secret is masked before a line that holds it is shown; and the poller
 * writes signed URLs in full.
 */
function sdkLogTo(print: (line: string) => void): void {
  AzureLogger.log = (...parts: unknown[]) =>
    print(format(...parts).replaceAll(SIGNATURES, '$1REDACTED'));
}
