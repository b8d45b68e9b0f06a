import { connect } from './azure/connect.ts';
import { hasAzSession } from './azure/sign-in/az-session.ts';
import { asFailure, Failure } from './domain/failure.ts';
import { nameOf } from './domain/resource-id.ts';
import { inputSource, mask, say, tell } from './github/environment.ts';
import { gitHubIdToken } from './github/id-token.ts';
import { readAssignment } from './github/inputs/assignment.ts';
import { readJournal } from './github/journal.ts';
import type { CleanUp, Leftovers } from './plan/clean-up.ts';
import { howToWait } from './plan/in-flight.ts';
import { cleanUp } from './run/clean-up.ts';
import { aborted } from './run/wait.ts';

/** Of the five minutes that GitHub grants a cancelled job in all, `post` takes no more than these. */
const LIMIT_MS = 120_000;

/**
 * The `post` of the action. Says what goes on in Azure if `main` could not say so any more, and
 * deletes what a run that failed or was cancelled should not leave behind. Only ever warns.
 */
export async function runPost(): Promise<void> {
  const { finished, doing, version, leftovers } = readJournal();
  if (!finished && doing) tell(killed(doing, version));
  if (!leftovers) return;
  try {
    report(await tidy(leftovers));
  } catch (thrown) {
    tell(undone(leftovers, asFailure(thrown)));
  }
  // Whatever still waits for an answer is not waited for.
  process.exit(0);
}

const killed = (doing: string, version: string): string =>
  version
    ? `The run was killed while image version ${version} was being made. Azure goes on with it. Run the failed job again to take up waiting. ${howToWait(version)}`
    : `The run was killed during "${doing}". Run the failed job again: it takes up where this attempt stopped.`;

async function tidy(leftovers: Leftovers): Promise<CleanUp> {
  const source = inputSource(() => hasAzSession(process.env));
  const { signIn, patience } = readAssignment(source);
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(outOfTime()), LIMIT_MS);
  const manner = { signal: end.signal, pollSeconds: patience.pollSeconds, mask };
  const work = async () =>
    cleanUp(await connect({ ...manner, signIn, getIdToken: gitHubIdToken, say }), leftovers);
  try {
    return await Promise.race([aborted(end.signal), work()]);
  } finally {
    clearTimeout(timer);
  }
}

function report({ remove, keep, because }: CleanUp): void {
  if (remove.length > 0)
    say(`Deleted ${remove.map(nameOf).join(', ')}, which this run needed only for a while.`);
  if (keep.length > 0)
    tell(
      `${keep.map(nameOf).join(', ')}, only needed to capture from, stay: ${because}. Running the failed job again deletes them in the end; without that, delete them once they are not needed: ${deletion(keep)}`,
    );
}

const undone = ({ temporaries, throwAway }: Leftovers, { what, why }: Failure): string =>
  [
    `What this run needed only for a while could not be looked after: ${what}`,
    why,
    `Running the failed job again takes it up. Otherwise see that these are gone: ${deletion([...temporaries, ...(throwAway ? [throwAway] : [])])}`,
  ]
    .filter(Boolean)
    .join(' ');

const deletion = (ids: readonly string[]): string => `az resource delete --ids ${ids.join(' ')}`;

const outOfTime = () =>
  new Failure({
    kind: 'timeout',
    what: `There was no end of it within ${LIMIT_MS / 60_000} minutes.`,
  });
