import type { Compute } from './ports.ts';
import type { Reporter } from './reporter.ts';
import type { StepContext } from './step-context.ts';
import { sleep } from './wait.ts';

/**
 * Seconds after a change of a version in which another writer, who has read it before, may still
 * overwrite it: the ten for which this action takes what it read as fresh, the sixty for which it
 * lets a request be under way, and a few for clocks.
 */
const OVERWRITTEN_WITHIN = 75;
/** The same in the user's `poll-interval`; never longer. */
const IN_POLLS = 15;

/**
 * Waits until a change of this run can no longer be overwritten by whoever had read the version
 * before: Azure has no conditional PUT for versions, the last writer wins as a whole, and where it
 * queues updates it takes a list without regions that are not copied yet. A run that has waited for its
 * regions has waited long enough.
 *
 * @param waits how often it has waited already since the last change
 * @returns whether it had to wait, so that it has to be looked again
 */
export async function waitForOtherWriters(
  {
    compute,
    report,
    signal,
    pollSeconds,
  }: Pick<StepContext, 'signal' | 'pollSeconds'> & {
    readonly compute: Pick<Compute, 'changedAt'>;
    readonly report: Pick<Reporter, 'info'>;
  },
  waits: number,
): Promise<boolean> {
  if (compute.changedAt === undefined) return false;
  const seconds = Math.min(OVERWRITTEN_WITHIN, IN_POLLS * (pollSeconds ?? Infinity));
  const left = seconds - (Date.now() - compute.changedAt) / 1000;
  if (left <= 0) return false;
  if (waits === 0)
    report.info(
      `Everything is complete. For ${Math.ceil(left)} s more, this run checks whether another writer overwrites it.`,
    );
  await sleep(Math.min(left, pollSeconds ?? Infinity), signal);
  return true;
}
