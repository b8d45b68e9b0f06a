import { Failure } from '../domain/failure.ts';
import { type Finding, forbids } from '../domain/finding.ts';
import type { ImageVersion, Observed } from '../domain/observed.ts';
import { type RegionReplication, replicationOf } from '../domain/replication.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { CaptureTarget, Target } from '../domain/target.ts';
import { isTaken, planCapture } from '../plan/capture.ts';
import type { Step } from '../plan/plan.ts';
import { captureRules } from '../plan/preflight/capture-rules.ts';
import { judge } from '../plan/preflight/rule.ts';
import { type Origin, ownVersion, resolveCapture } from '../plan/resolve.ts';
import { observe, survey } from './observe.ts';
import type { Bench, Compute, Reporter } from './ports.ts';
import { runPlan } from './run-plan.ts';
import { StaleFacts } from './stale-facts.ts';

/** Rounds of observe, plan, run. Each but the last does work; more means going in circles. */
const MOST_ROUNDS = 10;

export interface Assignment {
  readonly request: CaptureRequest;
  readonly origin: Origin;
  readonly compute: Compute;
  readonly report: Reporter & Announcer;
  readonly signal: AbortSignal;
  readonly pollSeconds: number | undefined;
}

/** Is told what is known before the first change. */
export interface Announcer {
  announce(target: Target | undefined, steps: readonly Step[], findings: readonly Finding[]): void;
}

export interface Converged {
  readonly target: CaptureTarget;
  readonly replication: readonly RegionReplication[];
}

/**
 * Brings Azure to what the request wants: resolve once, then observe, plan and run until the plan
 * is empty. That last observation is the proof of success; on a repetition it is all there is.
 *
 * Throws a `Failure`: of the preflight rules before anything is changed, or of a step.
 */
export async function converge(assignment: Assignment): Promise<Converged> {
  const { compute, report, signal, pollSeconds } = assignment;
  let { target, observed } = await prepare(assignment);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (isTaken(target, observed)) {
      ({ target, observed } = await prepare(assignment));
      continue;
    }
    if (observed.version && isOfUse(observed.version)) report.versionKnown(target);
    if (observed.snapshots.length > 0)
      report.snapshotsTaken(observed.snapshots.map(({ id }) => id));
    const steps = planCapture(target, observed);
    if (steps.length === 0) return finish(target, observed, report);
    const bench: Bench = { compute, target, report, signal, pollSeconds };
    await runPlan(steps, bench).catch((failure: unknown) => noteStale(failure, report));
    observed = await observe(compute, target);
  }
  throw new Failure({
    kind: 'refused',
    what: `After ${MOST_ROUNDS} rounds there is still work to do on image version ${nameOf(target.version)}.`,
    why: 'Something else keeps changing the same resources.',
    remedy: 'Find out what in the activity log, stop it, then run again.',
  });
}

/** A version that is about to be deleted has no ID to give on. */
const isOfUse = ({ provisioningState }: ImageVersion): boolean =>
  provisioningState !== 'Failed' && provisioningState !== 'Deleting';

/** Looks, resolves and judges; nothing has been changed when this throws. */
async function prepare({ request, origin, compute, report }: Assignment) {
  const seen = await survey(compute, request);
  const target = resolveCapture(request, origin, seen);
  const mine = ownVersion(request, origin, seen);
  const findings = judge(captureRules, { request, survey: seen, target, mine });
  const observed = target && (await observe(compute, target));
  report.announce(target, observed ? planCapture(target, observed) : [], findings);
  if (forbids(findings)) throw refusal(findings);
  if (!observed) throw new Error('Nothing was found wrong, and yet nothing could be resolved');
  return { target, observed };
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

function finish(target: CaptureTarget, { version }: Observed, report: Reporter): Converged {
  const replication = replicationOf(version?.regions ?? target.regions, version?.replication ?? []);
  report.replication(replication);
  return { target, replication };
}
