import type { Finding } from '../domain/finding.ts';
import { mayHaveIdToken } from './id-token.ts';
import type { InputSource } from './inputs/reader.ts';
import type { pullRequestIn } from './workflow-run.ts';

/**
 * Whether this run cannot sign in for no fault of the workflow: it is for a pull request from a
 * fork, which gets no ID token, no secrets and no variables (GitHub's "Using secrets in GitHub
 * Actions"; that variables are left out too was seen in freeradius-server#5925). Where runs of
 * forks are given tokens, it can; so it can where another way to sign in was asked for or
 * prepared.
 */
export function isShutOut(
  pull: ReturnType<typeof pullRequestIn>,
  { get, env, azSession }: InputSource,
): boolean {
  const byToken = /^(oidc)?$/i.test(get('auth-type').trim());
  return pull?.fromFork === true && byToken && !mayHaveIdToken(env) && !azSession();
}

/** What a run that is shut out says of itself. */
export const shutOut = (comment: boolean): Finding => ({
  rule: 'fork-pull-request',
  severity: 'notice',
  message: `This pull request comes from a fork, which GitHub gives no ID token, so the run cannot look at Azure. Only the inputs were checked${comment ? '; there is no comment either, because its token is only allowed to read' : ''}.`,
  remedy:
    'Nothing to do here. To check the rest before merging, push the branch to this repository.',
});
