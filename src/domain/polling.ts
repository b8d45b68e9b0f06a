/** When something is likely to end, in seconds of the clock that `elapsed` counts. */
export interface Forecast {
  /** When it began; not given: with the clock. */
  readonly since?: number;
  /** Seconds from then until the likely end; looks are densest around it. */
  readonly expected: number;
  /** How sure that is: the higher, the closer the looks stand around it; not given: of a median. */
  readonly certainty?: number;
}

/** Certainty of a median: nine of ten recorded operations end before 1.4 times of it. */
export const BY_MEDIAN = 6;
/** Certainty of the first replication of a version: recorded times are closer together. */
export const BY_CLOSE_MEDIAN = 18;
/** Certainty of an end that was reckoned from the progress so far. */
export const BY_PROGRESS = 32;

const SHORTEST = 0.5;
const LONGEST = 90;
/** An operation is overdue when it exceeds what is expected by this, divided by the certainty. */
const OVERDUE = 1.5;
/** What one request is worth, in seconds of noticing late. */
const WORTH = 0.35;
/** How finely the plausible ends are summed up. */
const GRAIN = 1 / 1500;

/**
 * Seconds until the next look. Looking late costs the user's time, looking often costs request
 * quota. With a hazard rate h of the operation's end, the two together cost least when looks follow
 * each other with a density of √(h / 2·worth) (Keller 1974, "Optimum checking schedules for systems
 * subject to random failure"). So they are rare while an end is implausible and dense around the
 * plausible one. Ends are taken as log-logistic around what is expected.
 *
 * An overdue operation is looked at so seldom that all looks fit into a VM's limits, the lowest of
 * Azure's: 12 reads a minute, 36 at once, and 15 operation polls, 45 at once
 * (compute-throttling-limits.md).
 *
 * @param clock seconds
 * @param unit the user's `poll-interval`, the unit of every wait; not given: adaptive
 */
export function pause(
  clock: number,
  { since = 0, expected, certainty = BY_MEDIAN }: Forecast,
  unit?: number,
): number {
  if (unit !== undefined) return unit;
  const elapsed = clock - since;
  const grain = Math.max(expected, elapsed) * GRAIN;
  let next = elapsed;
  for (let looks = 0; looks < 1 && next - elapsed < LONGEST; next += grain)
    looks += grain * Math.sqrt(hazard(next + grain / 2, expected, certainty) / (2 * WORTH));
  const isOverdue = elapsed > expected * (1 + OVERDUE / certainty);
  const affordable = isOverdue ? Math.max(Math.min(elapsed / 5, 5), elapsed / 60) : 0;
  return Math.min(Math.max(next - elapsed, affordable, SHORTEST), LONGEST);
}

/** Of an operation that goes on still: the chance that it ends within the next second. */
function hazard(elapsed: number, expected: number, certainty: number): number {
  const ratio = elapsed / expected;
  return ((certainty / expected) * ratio ** (certainty - 1)) / (1 + ratio ** certainty);
}

/** Seconds: the longest pause between two attempts. */
const LONGEST_BACK_OFF = 60;

/** Seconds before the attempt after the `failures`-th failure in a row, before they are spread. */
const doubling = (failures: number): number => Math.min(2 ** (failures - 1), LONGEST_BACK_OFF);

/**
 * Seconds to wait before trying again after the `failures`-th failure in a row: doubling from one
 * second to a minute, spread by up to a quarter so that many runs do not send at the same time.
 *
 * @param random between 0 and 1
 * @param most the user's `poll-interval`, which no pause exceeds
 */
export function backOff(failures: number, random: number, most = Infinity): number {
  return Math.min(doubling(failures) * (0.875 + random / 4), most * (0.75 + random / 4));
}

/**
 * Seconds that so many failures take without a `poll-interval`, at least. Shorter pauses fill the
 * same time with more attempts; only a `poll-interval` below a second shortens it.
 */
export function patience(failures: number, most = 1): number {
  const pauses = Array.from({ length: failures - 1 }, (_, index) => doubling(index + 1));
  return pauses.reduce((sum, pause) => sum + pause, 0) * 0.85 * Math.min(most, 1);
}
