import { asFailure, type Failure, refused } from '../domain/failure.ts';
import { type Finding, forbids } from '../domain/finding.ts';
import type { LatestChange } from '../domain/latest.ts';
import { nameOf } from '../domain/resource-id.ts';
import { OUR_PREFIX } from '../domain/tags.ts';
import type { Target } from '../domain/target.ts';
import { quoted } from '../domain/words.ts';
import type { Step } from '../plan/plan.ts';
import { hasFailedAgain, nextRepair } from '../plan/region-repair.ts';
import { isOfUse, progressOf } from '../plan/replicated.ts';
import type { Interruption, Verdict } from './interruption.ts';
import type { Operation, Prepared, Situation } from './operation.ts';
import { waitForOtherWriters } from './other-writers.ts';
import type { Compute, Reads, TagOverride } from './ports.ts';
import type { Reporter } from './reporter.ts';
import {
  atFirst,
  isLost,
  looked,
  type RunState,
  stepsFor,
  type Task,
  throwAwaysLeft,
  waited,
  worked,
} from './rounds.ts';
import { runPlan } from './run-plan.ts';
import type { StepContext } from './step-context.ts';
import { versionFailure } from './steps/replicate.ts';
import { withVmLeft } from './vm-left.ts';

/** Rounds of observe, plan, run. Each but the last does work; more means going in circles. */
const MOST_ROUNDS = 10;
/** Numbers lost to other runs that capture into the same definition. */
const MOST_LOST = 3;

interface Assignment<T extends Target> extends Omit<StepContext, 'target'> {
  readonly operation: Operation<T>;
  /** Stop before the first change: the plan is all that is wanted. */
  readonly dryRun?: boolean;
}

/**
 * Brings Azure to what the operation wants: resolve once, then observe, plan and run until the
 * plan is empty. That last observation is the proof of success; on a repetition it is all there is.
 *
 * A dry run ends when it has announced the plan, and has nothing in hand to change Azure with.
 *
 * Throws a `Failure`: of the preflight rules before anything is changed, or of a step.
 */
export async function converge<T extends Target>(assignment: Assignment<T>): Promise<void> {
  const { compute, dryRun = false } = assignment;
  if (dryRun) return void (await prepare(assignment, compute.reads));
  for (let lost = 0; lost <= MOST_LOST; lost++) {
    const prepared = await prepare(assignment, compute);
    if (await carryOut(assignment, prepared)) return;
  }
  throw refused({
    what: `Other runs took ${MOST_LOST} version numbers, one after the other, before this run could.`,
    why: 'Too many runs capture into the same image definition at once.',
    remedy: 'Start fewer runs at once, then re-run the failed job.',
  });
}

/** Rounds of observe, plan, run; whether the target is reached in the end, not lost to another run. */
async function carryOut<T extends Target>(
  assignment: Assignment<T>,
  prepared: Situation<T> & Pick<Prepared<T>, 'latest'>,
): Promise<boolean> {
  const run = { ...assignment, target: prepared.target, foretold: prepared.latest };
  let known = atFirst(prepared);
  while (known.rounds < MOST_ROUNDS) {
    const outcome = await round(known, run);
    if (typeof outcome === 'string') return outcome === 'reached';
    known = outcome;
  }
  throw circling(run.target);
}

/**
 * One round: what the run has come to, or what is known when the next one begins; `lost`: another run took
 * what this one was given.
 *
 * @param run with what `latest` meant before it, and was to mean after it
 */
async function round<T extends Target>(
  before: RunState,
  run: Assignment<T> & Task<T> & { readonly foretold?: LatestChange | undefined },
): Promise<RunState | 'reached' | 'lost'> {
  const { operation, target, compute, report } = run;
  const failure = before.verdict?.failure;
  if (isLost(before, run)) {
    if (before.hasBooted) await runSteps(throwAwaysLeft(before), run, before.verdict);
    if (failure) throw failure;
    return 'lost';
  }
  const known = await told(before, run);
  const steps = stepsFor(known, run);
  if (steps.length > 0) return look(await work(steps, known, run), run);
  if (failure) throw failure;
  if (await waitForOtherWriters(run, known.waits)) return look(waited(known), run);
  // What `latest` means now is asked, not reckoned.
  const now = await operation.latest?.(compute, target);
  if (now) report.learned({ latestAfter: now });
  // A version that is not waited for is not yet `latest` where nothing was.
  const lost = Object.keys(now ?? {}).filter(
    (name) => run.foretold?.before[name] && run.foretold.after[name] && !now?.[name],
  );
  if (lost.length > 0) report.warn(noLatest(lost));
  return 'reached';
}

const noLatest = (regions: readonly string[]): string =>
  `Nothing is \`latest\` any more in ${quoted(regions)}: during this run, somebody deleted the version that was to be \`latest\` there, or took it out of \`latest\`. Deployments that ask for it fail there until \`operation: promote\` puts a version into \`latest\`.`;

/** Tells what the last look has shown, also that a repair was in vain; throws when none is left. */
async function told(known: RunState, { compute, target, report }: StepContext): Promise<RunState> {
  const { version, snapshots, verification } = known.seen;
  if (version && isOfUse(version))
    report.learned({ versionKnown: true, replication: progressOf(version) });
  if (verification) report.learned({ verification });
  if (snapshots.length > 0) report.learned({ snapshotIds: snapshots.map(({ id }) => id) });
  if (!version || !hasFailedAgain(known.repair, version, target)) return known;
  const failure = await versionFailure(version, progressOf(version), compute, true);
  const { repair, says } = nextRepair(known.repair, failure, version, target);
  report.warn(says);
  return { ...known, repair };
}

async function work(
  steps: readonly Step[],
  before: RunState,
  context: StepContext,
): Promise<RunState> {
  const interruption = await runSteps(steps, context, before.verdict);
  if (interruption?.is === 'verified')
    context.report.learned({ verification: interruption.verification });
  const { known, says } = worked(before, interruption, context.target);
  if (says) context.report.warn(says);
  return known;
}

async function look<T extends Target>(
  before: RunState,
  run: Assignment<T> & Task<T>,
): Promise<RunState> {
  const known = looked(before, await run.operation.observe(run.compute, run.target), run);
  if (before.verdict && !known.verdict) run.report.learned({ verification: undefined });
  return known;
}

function circling(target: Target): Failure {
  const kind = target.operation === 'prune' ? 'image definition' : 'image version';
  const about = target.operation === 'restore' ? 'the VM' : `${kind} ${nameOf(target.version)}`;
  return refused({
    what: `After ${MOST_ROUNDS} rounds there is still work to do on ${about}.`,
    why: 'Something else keeps changing the same resources.',
    remedy: 'Find the cause in the activity log and stop it, then re-run the failed job.',
  });
}

/**
 * Runs a plan; a failure tells what state the VM is left in, where that matters. A run whose image has
 * failed ends with that, whatever goes wrong while it tidies up.
 */
const runSteps = (
  steps: readonly Step[],
  context: StepContext,
  verdict: Verdict | undefined,
): Promise<Interruption | undefined> =>
  runPlan(steps, context)
    .catch(async (thrown: unknown) => {
      throw await withVmLeft(thrown, context);
    })
    .finally(() => tellTagOverrides(context.compute, context.report))
    .catch((thrown: unknown) => {
      if (!verdict?.failure || context.signal.aborted) throw thrown;
      context.report.warn(asFailure(thrown).message);
      throw verdict.failure;
    });

/** Warns of each tag that Azure stored otherwise than it was sent; each is told once in a run. */
function tellTagOverrides(compute: Compute, report: Reporter): void {
  const all = compute.takeTagOverrides();
  const isOurTag = ({ name }: TagOverride) => name.toLowerCase().startsWith(OUR_PREFIX);
  for (const override of all.filter((each) => !isOurTag(each))) report.warn(wordsOn(override));
  const marked = new Set(all.filter(isOurTag).map(({ id }) => nameOf(id)));
  if (marked.size > 0)
    report.warn(
      `Azure did not keep this action's tags on ${quoted([...marked])} (a policy). This run continues by what Azure itself shows. A re-run recognizes less without them: exempt tags \`${OUR_PREFIX}*\` from the policy.`,
    );
}

function wordsOn({ id, name, sent, stored, afterWrites }: TagOverride): string {
  if (afterWrites !== undefined)
    return `Something ${stored === undefined ? 'removed' : 'changed'} tag \`${name}\` of \`${nameOf(id)}\` after each of ${afterWrites} writes; requested \`${sent}\`. This run leaves it so. The activity log of the resource shows who does this.`;
  return stored === undefined
    ? `Azure removed tag \`${name}\` from \`${nameOf(id)}\` (a policy); requested \`${sent}\`.`
    : `Azure set tag \`${name}\` of \`${nameOf(id)}\` to \`${stored}\` (a policy); requested \`${sent}\`.`;
}

/** Looks, resolves, plans and judges; nothing has been changed when this throws. */
async function prepare<T extends Target>(
  { operation, report, dryRun = false }: Assignment<T>,
  compute: Reads,
): Promise<Situation<T> & Pick<Prepared<T>, 'latest'>> {
  const { found, latest, pruning, ...judged } = await operation.prepare(compute, dryRun);
  const { findings } = judged;
  if (pruning && !forbids(findings)) report.learned({ pruning });
  const free = found && !operation.isLost?.(found.target, found.seen) ? found : undefined;
  report.announce({
    ...judged,
    ...(found && { target: found.target }),
    planned: free?.steps ?? [],
    before: free?.seen.version?.regions ?? [],
  });
  // What will be is told of a dry run alone: a run that is refused or fails leaves something else.
  const isForecast = dryRun && !forbids(findings);
  if (latest)
    report.learned({
      latestBefore: latest.before,
      ...(isForecast && { latestAfter: latest.after }),
    });
  if (forbids(findings)) throw refusal(findings);
  if (!found) throw new Error('Nothing was found wrong, yet nothing could be resolved');
  return { ...found, ...(latest && { latest }) };
}

function refusal(findings: readonly Finding[]): Failure {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first, second] = errors;
  if (first && !second) return refused({ what: first.message, remedy: first.remedy });
  const all = errors.map(({ message, remedy }) => `- ${message} ${remedy}`).join('\n');
  return refused({
    what: `${errors.length} problems were found before anything was changed:\n${all}`,
  });
}
