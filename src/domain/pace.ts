/** How long to wait before looking again. All numbers are seconds. */
export interface Waiting {
  /** Since the operation began. */
  readonly elapsed: number;
  /** What it usually takes; looks are densest around it. */
  readonly expected: number;
  /** The user's `poll-interval`, the unit of every wait; not given: adaptive. */
  readonly unit?: number | undefined;
}

const SOONEST = 0.5;
const RARELY = 15;
const OFTEN = 0.5;
const SPARSELY = 5;
/** Of what is expected, between two looks around the plausible end. */
const PART = 1 / 150;
const LATE = 30;
/** Reads that Azure lets a VM save up, less those that went before; and those of a second more. */
const SAVED_READS = 24;
const READS_PER_SECOND = 12 / 60;

/**
 * Seconds until the next look. Looking late costs the user's time, looking often costs request
 * quota, so looks are rare while the end is implausible, dense around the plausible end, and thin
 * out once the operation is overdue. All of it fits into a VM's buckets: 12 reads a minute, 36 at
 * once, and 15 operation polls, 45 at once (azure.md §6).
 */
export function pause({ elapsed, expected, unit }: Waiting): number {
  if (unit !== undefined) return unit;
  const plausibleFrom = expected / 2;
  if (elapsed < plausibleFrom) return Math.min(Math.max(plausibleFrom - elapsed, SOONEST), RARELY);
  if (elapsed < expected * 1.5) return whilePlausible(expected);
  return Math.min(Math.max(Math.min(elapsed / 5, SPARSELY), elapsed / 200), LATE);
}

/** A small part of what is expected, unless the looks were then more than a VM's reads allow. */
function whilePlausible(expected: number): number {
  const earlier = expected / 2 / RARELY;
  const affordable = SAVED_READS + expected * 1.5 * READS_PER_SECOND - earlier;
  return Math.max(OFTEN, expected * PART, expected / affordable);
}

/**
 * Seconds to wait before trying again after the `failures`-th failure in a row: doubling from one
 * unit to a minute, spread by up to a quarter so that many runs do not knock together.
 *
 * @param random between 0 and 1
 */
export function backOff(failures: number, random: number, unit = 1): number {
  return Math.min(unit * 2 ** (failures - 1), 60 * unit) * (0.875 + random / 4);
}
