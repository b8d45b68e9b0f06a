import { Failure } from '../domain/failure.ts';
import { type Finding, forbids, type Unchecked } from '../domain/finding.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { Target } from '../domain/target.ts';
import type { Step } from '../plan/plan.ts';
import { isOfUse, progressOf } from '../plan/replicated.ts';
import { givenUp } from './given-up.ts';
import type { Operation, Prepared, Seen } from './operation.ts';
import type { Bench, Compute, Reads, Reporter } from './ports.ts';
import { readOnly } from './read-only.ts';
import { RegionRepair, Repairable } from './repairable.ts';
import { runPlan } from './run-plan.ts';
import { StaleFacts } from './stale-facts.ts';
import { waitUntilSteady } from './steady.ts';

/** Rounds of observe, plan, run. Each but the last does work; more means going in circles. */
const MOST_ROUNDS = 10;
/** Numbers lost to other runs that capture into the same definition. */
const MOST_LOST = 100;

export interface Assignment<T extends Target, S extends Seen> {
  readonly operation: Operation<T, S>;
  readonly compute: Compute;
  readonly report: Reporter & Announcer;
  readonly signal: AbortSignal;
  /** The user's `poll-interval`, seconds. */
  readonly pollSeconds: number | undefined;
  /** Stop before the first change: the plan is all that is wanted. */
  readonly dryRun?: boolean;
}

/** What is known before the first change. */
export interface Announcement {
  /** Absent when too much is missing to say what the run is about. */
  readonly target?: Target;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** Regions that the version has already; empty when there is none. */
  readonly before: readonly TargetRegion[];
}

/** Is told what is known before the first change. */
export interface Announcer {
  announce(known: Announcement): void;
}

/**
 * Brings Azure to what the operation wants: resolve once, then observe, plan and run until the
 * plan is empty. That last observation is the proof of success; on a repetition it is all there is.
 *
 * A dry run ends when it has announced the plan, and has nothing in hand to change Azure with.
 *
 * Throws a `Failure`: of the preflight rules before anything is changed, or of a step.
 */
export async function converge<T extends Target, S extends Seen>(assignment: Assignment<T, S>) {
  const { operation, compute, report, signal, pollSeconds, dryRun = false } = assignment;
  if (dryRun) return void (await prepare(assignment, readOnly(compute)));
  let { target, owner, seen } = await prepare(assignment, compute);
  const repair = new RegionRepair(target);
  let lost = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (operation.isLost(target, seen)) {
      ({ target, owner, seen } = await prepare(assignment, compute));
      // With each number that is lost another run has got on: that is no going in circles.
      if (++lost < MOST_LOST) round = -1;
      continue;
    }
    tellFacts(target, seen, report);
    const { version } = seen;
    if (version && repair.isInVain(version)) {
      const failure = await givenUp(version, progressOf(version), compute, true);
      report.warn(repair.after(new Repairable(failure, version)));
    }
    const steps = operation.plan(target, seen, repair.next(version));
    if (steps.length === 0) {
      if (!(await waitUntilSteady(assignment))) return conclude(assignment, target);
      seen = await operation.observe(compute, target);
      continue;
    }
    const tags = operation.tags(target);
    const bench: Bench = { compute, target, owner, tags, report, signal, pollSeconds };
    await runPlan(steps, bench).catch((thrown: unknown) => {
      if (thrown instanceof Repairable) return report.warn(repair.after(thrown));
      noteStale(thrown, report);
      repair.startOver();
    });
    seen = await operation.observe(compute, target);
  }
  throw new Failure({
    kind: 'refused',
    what: `After ${MOST_ROUNDS} rounds there is still work to do on image version ${nameOf(target.version)}.`,
    why: 'Something else keeps changing the same resources.',
    remedy: 'Find out what in the activity log, stop it, then run again.',
  });
}

/** What the last look found, as outputs: known before any step of this round. */
function tellFacts(target: Target, { version, snapshots }: Seen, report: Reporter): void {
  if (version && isOfUse(version)) {
    report.versionKnown(target);
    report.replication(progressOf(version));
  }
  if (snapshots.length > 0) report.snapshotsTaken(snapshots.map(({ id }) => id));
}

/** What `latest` means now is asked, not reckoned. */
async function conclude<T extends Target, S extends Seen>(
  { operation, compute, report }: Assignment<T, S>,
  target: T,
): Promise<void> {
  const now = await operation.latest?.(compute, target);
  if (now) report.latest({ after: now });
}

/** Looks, resolves and judges; nothing has been changed when this throws. */
async function prepare<T extends Target, S extends Seen>(
  { operation, report, dryRun = false }: Assignment<T, S>,
  compute: Reads,
) {
  const prepared: Prepared<T, S> = await operation.prepare(compute, dryRun);
  const { target, findings, unchecked, owner, latest } = prepared;
  const seen = target && (prepared.seen ?? (await operation.observe(compute, target)));
  const free = target && seen && !operation.isLost(target, seen);
  const steps = free ? operation.plan(target, seen) : [];
  const before = (free && seen.version?.regions) || [];
  report.announce({ ...(target && { target }), steps, findings, unchecked, before });
  const { before: latestBefore, after: latestAfter } = latest ?? {};
  // What will be is told of a dry run alone: a run that is refused or fails leaves something else.
  const isForecast = dryRun && !forbids(findings);
  if (latestBefore)
    report.latest({
      before: latestBefore,
      ...(isForecast && latestAfter && { after: latestAfter }),
    });
  if (forbids(findings)) throw refusal(findings);
  if (!target || !seen) throw new Error('Nothing was found wrong, yet nothing could be resolved');
  return { target, owner, seen };
}

function refusal(findings: readonly Finding[]): Failure {
  const errors = findings.filter((finding) => finding.severity === 'error');
  return new Failure({
    kind: 'refused',
    what:
      errors.length === 1
        ? (errors[0]?.message ?? '')
        : `${errors.length} problems were found before anything was changed:\n${errors.map((finding) => `- ${finding.message} ${finding.remedy}`).join('\n')}`,
    ...(errors.length === 1 && errors[0] && { remedy: errors[0].remedy }),
  });
}

function noteStale(failure: unknown, report: Reporter): void {
  if (!(failure instanceof StaleFacts)) throw failure;
  report.warn(`Things changed while this run was at work (${failure.message}); looking again.`);
}
