import { connect } from './azure/connect.ts';
import { hasAzSession } from './azure/sign-in/az-session.ts';
import { asFailure, Failure } from './domain/failure.ts';
import { nameOf } from './domain/resource-id.ts';
import { joined } from './domain/words.ts';
import { gitHubIdToken } from './github/id-token.ts';
import { assignmentOf, readInputs } from './github/inputs/requests.ts';
import { inputSource, mask, readJournal, say, tell } from './github/runner.ts';
import type { CleanUp, Leftovers } from './plan/clean-up.ts';
import { cleanUp } from './run/clean-up.ts';
import { within } from './run/wait.ts';

/** Of the five minutes that GitHub grants a cancelled job in all, `post` takes no more than these. */
const LIMIT_SECONDS = 120;

/**
 * The `post` of the action. Says what goes on in Azure if `main` could not say so any more, and
 * deletes what a run that failed or was cancelled should not leave behind. Only ever warns.
 */
export async function runPost(): Promise<void> {
  const { finished, doing, version, leftovers } = readJournal();
  if (!finished && doing) tell(killed(doing, leftovers?.ephemeral ? '' : version));
  if (!leftovers) return;
  try {
    report(await tidy(leftovers));
  } catch (thrown) {
    tell(undone(leftovers, asFailure(thrown)));
  }
  // Whatever still waits for an answer is not waited for.
  process.exit(0);
}

/** What is ephemeral is not worth waiting for. */
const killed = (doing: string, version: string): string =>
  joined(' ', [
    `The run was killed during "${doing}". Operations that Azure has accepted continue. Re-run the failed job; it resumes here.`,
    version &&
      `To only wait for the version, in this or another job: \`operation: wait\` with \`source-image-version: ${version}\`.`,
  ]);

async function tidy(leftovers: Leftovers): Promise<CleanUp> {
  const inputs = readInputs(inputSource(() => hasAzSession(process.env)));
  const { signIn } = assignmentOf(inputs);
  const { pollSeconds } = inputs;
  return within(LIMIT_SECONDS, outOfTime, async (signal) => {
    const shared = { signal, pollSeconds, mask, say };
    return cleanUp(await connect({ ...shared, signIn, getIdToken: gitHubIdToken }), leftovers);
  });
}

function report({ remove, keep, because }: CleanUp): void {
  if (remove.length > 0)
    say(`Deleted ${remove.map(nameOf).join(', ')}, which this run needed only temporarily.`);
  if (keep.length > 0)
    tell(
      `${keep.map(nameOf).join(', ')}, only needed to capture from, stay: ${because}. A re-run of the failed job deletes them. Otherwise delete them when they are not needed: ${deletion(keep)}`,
    );
}

const undone = (
  { temporaries, throwAway, ephemeral, version }: Leftovers,
  { what, why }: Failure,
): string =>
  joined(' ', [
    `The temporary resources of this run could not be checked: ${what}`,
    why,
    `Re-run the failed job; it resumes here. Otherwise make sure that these are deleted: ${deletion([...temporaries, ...(throwAway ? [throwAway] : []), ...(ephemeral ? [version] : [])])}`,
  ]);

const deletion = (ids: readonly string[]): string => `az resource delete --ids ${ids.join(' ')}`;

const outOfTime = () =>
  new Failure({
    kind: 'timeout',
    what: `It did not end within ${LIMIT_SECONDS / 60} minutes.`,
  });
