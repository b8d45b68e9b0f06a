import { refused } from '../../domain/failure.ts';
import { isProvenOurs } from '../../domain/ownership.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { claimOf, claimToTemporary } from '../../domain/target.ts';
import { isForgotten, isThrowAwayOf } from '../../domain/verification.ts';
import type { DeleteLabel } from '../../plan/labels.ts';
import type { StepOf } from '../../plan/plan.ts';
import { isExpirable } from '../expired.ts';
import { type Interruption, stale } from '../interruption.ts';
import { temporaryAt } from '../observe.ts';
import type { StepContext } from '../ports.ts';
import { isOfLivingRun, removeThrowAway, waitForOtherRuns } from '../verify/throw-aways.ts';
import { deleteCaptured } from './delete-captured.ts';
import { deleteVersions } from './delete-versions.ts';
import { isReplacedDisk, mayDeleteGeneralized } from './restore-proof.ts';

type Step = StepOf<'delete'>;

/** Deletes resources, each looked at once more right before: a deletion cannot be taken back. */
export async function deleteAll(
  step: Step,
  context: StepContext,
): Promise<Interruption | undefined> {
  const { label } = step;
  switch (label) {
    case 'old-versions':
    case 'old-verified-versions':
      return void (await deleteVersions(step, context));
    case 'captured-vm':
      return void (await deleteCaptured(step, context));
    case 'earlier-verify-vm':
      if (await waitForOtherRuns(step.of, step, context))
        return stale('another run was verifying this version');
  }
  const settled = await Promise.allSettled(
    step.of.map(async (id) => {
      if (!(await MAY_DELETE[label](id, context, step))) return;
      const isGone =
        label === 'verify-vm'
          ? await removeThrowAway(id, context)
          : await context.compute.remove(id).then(() => true);
      if (isGone) context.report.say(step, `Deleted ${nameOf(id)}.`);
    }),
  );
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return undefined;
}

type MayDelete = (id: string, context: StepContext, step: Step) => Promise<boolean>;

/** A throw-away VM of this run's version, or of one that is pruned, that no run needs any more. */
const isThrowAway: MayDelete = async (id, { compute, target }) => {
  const vm = await compute.vm(id);
  if (!vm) return false;
  if (target.operation === 'prune') {
    const now = compute.azureTime();
    const isOf = target.deletions.some((version) => isThrowAwayOf(version.id, vm));
    return now !== undefined && isForgotten(vm, now) && isOf;
  }
  const verify = 'verify' in target ? target.verify : undefined;
  return isThrowAwayOf(target.version, vm) && !(verify && isOfLivingRun(vm, verify, compute));
};

/** A version of this owner whose first build failed: Azure lets nothing else be done with it. */
const isOwnVersion: MayDelete = async (id, { compute, target, report }, step) => {
  const version = await compute.version(id);
  if (!version) return false;
  if (!isProvenOurs(claimOf(target), version))
    throw refused({
      what: `Image version ${nameOf(id)} was not deleted: its tags and its source do not prove that this run made it.`,
      why: 'Somebody else made or changed it, or Azure does not show what it was made of.',
      remedy: 'Run again with another `image-version`, or `auto`.',
    });
  if (version.provisioningState === 'Failed') {
    const reason = await compute.whyFailed(id);
    report.say(
      step,
      reason ? `It had failed: ${reason.words}` : 'An earlier attempt left it Failed.',
    );
  }
  return true;
};

/** Something that this run made only to capture from. */
const isOwnSource: MayDelete = async (id, { compute, target }) => {
  const found = await temporaryAt(compute, id);
  const claim = target.operation === 'capture' && claimToTemporary(target, id);
  return found !== undefined && claim && isProvenOurs(claim, found);
};

/** Whether a resource is there still, and still this run's to delete. */
const MAY_DELETE: {
  readonly [L in Exclude<DeleteLabel, `old-${string}versions` | 'captured-vm'>]: MayDelete;
} = {
  'failed-version': isOwnVersion,
  'verified-version': isOwnVersion,
  'verify-vm': isThrowAway,
  'earlier-verify-vm': isThrowAway,
  'generalized-vm': mayDeleteGeneralized,
  'old-disks': isReplacedDisk,
  'temporary-source': isOwnSource,
  'earlier-source': isOwnSource,
  /** One that retention still lets go; how many are kept was decided before. */
  'old-snapshots': async (id, { compute, target: { operation, request, tags } }) => {
    const vm =
      operation === 'capture'
        ? request.vm
        : operation === 'prune'
          ? request.snapshots?.vm
          : undefined;
    const found = await compute.snapshot(id);
    return !!(found && vm && (await isExpirable(compute, found, { tags, vm })));
  },
};
