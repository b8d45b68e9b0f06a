import { setSecret } from '@actions/core';
import { HttpClient, HttpClientError } from '@actions/http-client';
import { certificateProblem } from '../domain/certificate.ts';
import { Failure, messageOf } from '../domain/failure.ts';
import { within } from '../run/wait.ts';

/** Seconds for one ID token, however slowly GitHub answers: `getIDToken` has no limit of its own. */
const MOST_SECONDS = 60;

/** Whether GitHub lets this job ask for ID tokens: the runner sets both variables, or neither. */
export function mayHaveIdToken(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
}

/** Asks GitHub for a fresh ID token; throws a `Failure` that says what the workflow lacks. */
export async function gitHubIdToken(audience: string): Promise<string> {
  if (!mayHaveIdToken(process.env))
    throw new Failure({
      kind: 'input',
      what: 'This job is not allowed to request a GitHub ID token, so it cannot sign in to Azure.',
      why: 'The job lacks the permission, or it runs for a pull request from a fork, which never gets one.',
      remedy:
        'Add `permissions: id-token: write` (and `contents: read`) to the job, or say with `auth-type` how else to sign in: managed-identity, cli or environment.',
    });
  const late = () => new Error(`GitHub gave no whole answer in ${MOST_SECONDS} seconds`);
  try {
    return await within(MOST_SECONDS, late, () => idToken(audience));
  } catch (cause) {
    const message = messageOf(cause);
    const status = cause instanceof HttpClientError && cause.statusCode;
    const host = URL.parse(process.env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '')?.host ?? 'GitHub';
    const distrust = certificateProblem(message, host);
    throw new Failure({
      kind: distrust ? 'input' : 'transient',
      what: 'GitHub gave no ID token, so the run cannot sign in to Azure.',
      why: status ? `GitHub answered ${status} (${message}).` : message,
      remedy: 'Re-run the failed job. If it fails again, see https://www.githubstatus.com.',
      ...distrust,
      cause,
    });
  }
}

/**
 * As `getIDToken` of @actions/core, but for redirects: it follows them, and its client gives the job's
 * token to any host.
 */
async function idToken(audience: string): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = '' } =
    process.env;
  setSecret(token);
  const client = new HttpClient('actions/oidc-client', [], {
    allowRedirects: false,
    allowRetries: true,
    maxRetries: 10,
  });
  const { result } = await client.getJson<{ readonly value?: unknown } | undefined>(
    `${url}&audience=${encodeURIComponent(audience)}`,
    { authorization: `Bearer ${token}` },
  );
  if (typeof result?.value !== 'string' || result.value === '')
    throw new Error('There is no ID token in its answer');
  setSecret(result.value);
  return result.value;
}
