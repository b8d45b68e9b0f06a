import { refused } from '../../domain/failure.ts';
import type { ImageVersion, Vm } from '../../domain/observed.ts';
import { isProvenOurs, type Owned } from '../../domain/ownership.ts';
import { nameOf, type ResourceKind, resourceKind } from '../../domain/resource-id.ts';
import { claimOf, claimToTemporary } from '../../domain/target.ts';
import { isForgotten, isThrowAwayOf } from '../../domain/verification.ts';
import type { StepOf } from '../../plan/plan.ts';
import { isExpirable } from '../expired.ts';
import { type Interruption, stale } from '../interruption.ts';
import type { StepContext } from '../ports.ts';
import { isOfLivingRun, removeThrowAway, waitForOtherRuns } from '../verify/throw-aways.ts';
import { deleteCaptured } from './delete-captured.ts';
import { deleteVersions } from './delete-versions.ts';
import { isReplacedDisk, mayDeleteGeneralized, tellKept } from './restore-proof.ts';

/** A disk cannot go before its VM. */
const ORDER: readonly ResourceKind[] = ['version', 'image', 'snapshot', 'vm', 'disk'];

/** Deletes resources, each looked at once more right before: a deletion cannot be taken back. */
export async function deleteAll(
  step: StepOf<'delete'>,
  context: StepContext,
): Promise<Interruption | undefined> {
  const { target } = context;
  const isOld = step.label === 'old-versions' || step.label === 'old-verified-versions';
  if (isOld && target.operation === 'prune')
    return void (await deleteVersions(step, context, target));
  if (step.label === 'captured-vm') return void (await deleteCaptured(step, context));
  if (step.label === 'earlier-verify-vm' && (await waitForOtherRuns(step.of, step, context)))
    return stale('another run was verifying this version');
  for (const kind of ORDER) {
    const ids = step.of.filter((id) => resourceKind(id) === kind);
    const settled = await Promise.allSettled(
      ids.map(async (id) => {
        if (!(await mayDelete(id, kind, step, context))) {
          if (step.label === 'old-disks') await tellKept(id, context);
          return;
        }
        const isGone =
          kind === 'vm' && step.label === 'verify-vm'
            ? await removeThrowAway(id, context)
            : await context.compute.remove(id).then(() => true);
        if (isGone) context.report.say(step, `Deleted ${nameOf(id)}.`);
      }),
    );
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
  }
  return undefined;
}

/** Whether a snapshot is still one that retention lets go; how many are kept was decided before. */
async function isStillExpired(id: string, { compute, target }: StepContext) {
  const vm = retentionVm(target);
  const found = await compute.listedSnapshot(id);
  return !!(found && vm && (await isExpirable(compute, found, { tags: target.tags, vm })));
}

const retentionVm = ({ operation, request }: StepContext['target']): string | undefined =>
  operation === 'capture' ? request.vm : operation === 'prune' ? request.snapshots?.vm : undefined;

/** Whether it is there still, and still this run's to delete. */
async function mayDelete(
  id: string,
  kind: ResourceKind,
  step: StepOf<'delete'>,
  context: StepContext,
): Promise<boolean> {
  const { compute, target } = context;
  const isOwn = (found: Owned | undefined): boolean =>
    found !== undefined &&
    target.operation === 'capture' &&
    isProvenOurs(claimToTemporary(target, id), found);
  switch (kind) {
    case 'version':
      return mayDeleteVersion(id, step, context);
    case 'image':
      return isOwn(await compute.image(id));
    case 'snapshot':
      return step.label === 'old-snapshots'
        ? isStillExpired(id, context)
        : isOwn(await compute.snapshot(id));
    case 'vm': {
      if (step.label === 'generalized-vm') return mayDeleteGeneralized(id, context);
      const vm = await compute.vm(id);
      if (!vm) return false;
      if (target.operation === 'prune') return isForgottenOf(target.deletions, vm, compute);
      const isThrowAway = step.label === 'verify-vm' || step.label === 'earlier-verify-vm';
      if (!isThrowAway) return true;
      const verify = 'verify' in target ? target.verify : undefined;
      return isThrowAwayOf(target.version, vm) && !(verify && isOfLivingRun(vm, verify, compute));
    }
    case 'disk':
      return step.label === 'old-disks' && isReplacedDisk(id, context);
    default:
      return false;
  }
}

/** Whether a VM is the throw-away VM of one of these versions, and nobody's any more. */
function isForgottenOf(
  versions: readonly ImageVersion[],
  vm: Vm,
  compute: StepContext['compute'],
): boolean {
  const now = compute.azureTime();
  return (
    now !== undefined && isForgotten(vm, now) && versions.some(({ id }) => isThrowAwayOf(id, vm))
  );
}

/**
 * A version of this owner whose first build failed: Azure lets nothing else be done with it.
 */
async function mayDeleteVersion(
  id: string,
  step: StepOf<'delete'>,
  { compute, target, report }: StepContext,
): Promise<boolean> {
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
}
