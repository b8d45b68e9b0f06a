import type { Compute, Reporter } from './ports.ts';
import { sleep } from './wait.ts';

/**
 * Seconds after a change of a version in which another writer, who has read it before, may still
 * overwrite it: the ten for which this action takes what it read as fresh, the sixty for which it
 * lets a request be under way, and a few for clocks.
 */
const OVERWRITTEN_WITHIN = 75;
/** The same in the user's `poll-interval`, the unit of every wait; never longer. */
const IN_POLLS = 15;

/** How to wait. */
interface Manner {
  readonly compute: Pick<Compute, 'changedAt'>;
  readonly report: Pick<Reporter, 'info'>;
  readonly signal: AbortSignal;
  readonly pollSeconds: number | undefined;
}

/**
 * Waits until a change of this run can no longer be overwritten by whoever had read the version
 * before: Azure has no conditional PUT for versions, the last writer wins as a whole, and where it
 * queues updates it takes a list without regions that are not copied yet (azure.md §1). A run that
 * has waited for its regions has waited long enough.
 *
 * @returns whether it had to wait, so that it has to be looked once more
 */
export async function waitForOtherWriters(manner: Manner): Promise<boolean> {
  const { compute, report, signal, pollSeconds } = manner;
  if (compute.changedAt === undefined) return false;
  const seconds = Math.min(OVERWRITTEN_WITHIN, IN_POLLS * (pollSeconds ?? Infinity));
  const left = seconds - (Date.now() - compute.changedAt) / 1000;
  if (left <= 0) return false;
  report.info(
    `All is as it should be. Looking once more in ${Math.ceil(left)} s, should another writer have overwritten it.`,
  );
  await sleep(left, signal);
  return true;
}
