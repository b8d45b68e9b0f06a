import { getIDToken } from '@actions/core';
import { Failure } from '../domain/failure.ts';

/** Asks GitHub for a fresh ID token; throws a `Failure` that says what the workflow lacks. */
export async function gitHubIdToken(audience: string): Promise<string> {
  if (!process.env.ACTIONS_ID_TOKEN_REQUEST_URL || !process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN)
    throw new Failure({
      kind: 'input',
      what: 'This job may not have a GitHub ID token, so it cannot sign in to Azure.',
      why: 'The job lacks the permission, or it runs for a pull request from a fork, which never gets one.',
      remedy: 'Add `permissions: id-token: write` (and `contents: read`) to the job.',
    });
  try {
    return await getIDToken(audience);
  } catch (cause) {
    throw new Failure({
      kind: 'transient',
      what: 'GitHub gave no ID token, so the run cannot sign in to Azure.',
      why: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Run the failed job again; see https://www.githubstatus.com if it lasts.',
      cause,
    });
  }
}
