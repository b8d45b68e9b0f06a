import type { ImageVersion, Observed, Vm } from '../domain/observed.ts';
import { deprovisionMark, owns } from '../domain/owner.ts';
import { type TargetRegion, withRegions } from '../domain/regions.ts';
import { sameId } from '../domain/resource-id.ts';
import { type Source, temporariesOf } from '../domain/source.ts';
import type { CaptureTarget, SnapshotTarget } from '../domain/target.ts';
import { hasWaited } from './has-waited.ts';
import type { Step } from './plan.ts';
import { captureSnapshots } from './source.ts';
import * as step from './step-makers.ts';

/**
 * The steps from what was observed to what the target wants, worked out backward from the goal:
 * a version of ours that is as far replicated as is to be waited for, and nothing temporary left.
 * Empty when that holds.
 *
 * Takes for granted that the preflight rules found no error and that a version under the target's
 * ID, if there is one, is this owner's (`isTaken`).
 */
export function planCapture(target: CaptureTarget, observed: Observed): Step[] {
  const { version } = observed;
  const fresh = () => [
    ...prepareVm(target, observed),
    ...prepareSource(target, observed),
    ...published(target, target.regions, target.source),
    ...lastly(target, observed),
  ];
  if (!version) return linked(fresh());
  const regions = withRegions(version.regions, target.regions);
  switch (version.provisioningState) {
    case 'Succeeded':
      if (regions.length > version.regions.length)
        return linked([...published(target, regions, undefined), ...lastly(target, observed)]);
      return linked(afterSuccess(target, observed, version));
    case 'Failed':
      return linked(
        wasEverReplicated(version)
          ? [...published(target, regions, target.source), ...lastly(target, observed)]
          : [step.discard(target), ...fresh()],
      );
    case 'Deleting':
      return linked([step.discard(target), ...fresh()]);
    default:
      return hasWaited(target.request.waitFor, target.location, version)
        ? []
        : linked(afterSuccess(target, observed, version));
  }
}

/** Whether somebody else's version stands under the number this target was given. */
export const isTaken = (target: CaptureTarget, { version }: Observed): boolean =>
  version !== undefined && !owns(target.owner, version.tags);

/** A failed version that once was usable somewhere may be in use: it is repaired, not deleted. */
const wasEverReplicated = ({ replication = [] }: ImageVersion): boolean =>
  replication.some((region) => region.state === 'Completed');

/** Sends the version, and all that follows once Azure has accepted it. */
const published = (
  target: CaptureTarget,
  regions: readonly TargetRegion[],
  source: Source | undefined,
): Step[] => [
  step.publish(target, regions, source),
  ...waited(target, regions),
  ...(target.source ? tidied(target, target.source, temporariesOf(target.source)) : []),
];

/** Waits as far as asked, and blocks the deletion last. */
function waited(target: CaptureTarget, regions: readonly TargetRegion[]): Step[] {
  const { waitFor, blockDeletionBeforeEndOfLife } = target.request;
  return [
    ...(waitFor === 'none' ? [] : [step.replicate(target, regions)]),
    ...(blockDeletionBeforeEndOfLife ? protectedOnes(target, regions) : []),
  ];
}

const protectedOnes = (target: CaptureTarget, regions: readonly TargetRegion[]): Step[] => [
  step.protect(target, regions),
  step.settle(target, regions),
];

/** What was only needed to capture from goes once every region is known to be complete. */
const tidied = (target: CaptureTarget, source: Source, ids: readonly string[]): Step[] =>
  target.request.waitFor === 'replicated' && ids.length > 0 ? [step.remove(source)] : [];

/** What is left once Azure calls the version Succeeded: wait, protect, tidy up, in this order. */
function afterSuccess(target: CaptureTarget, observed: Observed, version: ImageVersion): Step[] {
  const { waitFor, blockDeletionBeforeEndOfLife } = target.request;
  const { regions, deletionBlocked } = version;
  const done = hasWaited('replicated', target.location, version);
  if (!done && hasWaited(waitFor, target.location, version)) return [];
  const { source } = target;
  const left = ownTemporaries(target, observed).map(({ id }) => id);
  return [
    ...(done ? [] : [step.replicate(target, regions)]),
    ...(blockDeletionBeforeEndOfLife && !deletionBlocked ? protectedOnes(target, regions) : []),
    ...(source && (done || waitFor === 'replicated') && left.length > 0
      ? [step.remove(source)]
      : []),
    ...lastly(target, observed),
  ];
}

/** What the user asked to have deleted by name, once all else is well. */
function lastly(target: CaptureTarget, { vm, companions, expired }: Observed): Step[] {
  const { afterCapture, waitFor } = target.request;
  if (waitFor !== 'replicated') return [];
  const left = vm !== undefined || companions.length > 0;
  return [
    ...(expired.length > 0 ? [step.prune(expired)] : []),
    ...(afterCapture === 'delete' && left ? [step.retire(target.request.vm, companions)] : []),
  ];
}

const ownTemporaries = (target: CaptureTarget, { temporaries }: Observed) =>
  temporaries.filter(({ tags }) => owns(target.owner, tags));

/** What must happen to the VM before a version can be made of it. */
function prepareVm(target: CaptureTarget, { vm, snapshots }: Observed): Step[] {
  if (!vm || vm.generalized) return [];
  const deprovision = needsDeprovision(target, vm);
  const on = vm.power === 'running' || vm.power === 'starting';
  const start =
    deprovision && !on && target.request.deprovision === 'always' && !isOurs(target, vm);
  const rollback = isOurs(target, vm) ? [] : missing(target.snapshots, snapshots);
  const mark = target.osState === 'Generalized' && target.source?.from !== 'disks';
  return [
    ...(rollback.length > 0 ? [step.rollback(rollback)] : []),
    ...(start ? [step.start(vm)] : []),
    ...(deprovision ? [step.deprovision(vm)] : []),
    ...(deprovision || vm.power !== 'deallocated' ? [step.deallocate(vm)] : []),
    ...(mark ? [step.generalize(vm)] : []),
  ];
}

/** What the version is made of, where that is not the VM itself. */
function prepareSource(target: CaptureTarget, { vm, temporaries }: Observed): Step[] {
  const { source } = target;
  if (!vm || !source || source.from === 'vm') return [];
  if (source.from === 'image') {
    const ready = temporaries.some(({ provisioningState }) => provisioningState === 'Succeeded');
    return ready ? [] : [step.makeImage(vm, source.image)];
  }
  const wanted = captureSnapshots(vm, target.owner);
  const snapshots = missing(
    wanted.filter(({ snapshot }) => temporariesOf(source).includes(snapshot)),
    temporaries,
  );
  return snapshots.length > 0 ? [step.sourceSnapshots(snapshots)] : [];
}

/** Whether this run has begun to change the VM: a snapshot now would not be of before the change. */
const isOurs = (target: CaptureTarget, vm: Vm): boolean =>
  deprovisionMark(vm.tags)?.owner === target.owner;

/**
 * A specialized image keeps its identity; `never` asserts that the work is done; otherwise only a
 * VM that this run has seen complete its deprovision, and that nobody started since, needs none.
 */
function needsDeprovision(target: CaptureTarget, vm: Vm): boolean {
  if (target.osState === 'Specialized' || target.request.deprovision === 'never') return false;
  const mark = deprovisionMark(vm.tags);
  const seenComplete = mark?.stage === 'complete' && mark.owner === target.owner;
  return !(
    seenComplete &&
    (vm.power === 'stopped' || vm.power === 'deallocating' || vm.power === 'deallocated')
  );
}

function missing(
  wanted: readonly SnapshotTarget[],
  taken: readonly { readonly id: string; readonly provisioningState: string }[],
): SnapshotTarget[] {
  return wanted.filter(
    ({ snapshot }) =>
      !taken.some(
        ({ id, provisioningState }) => sameId(id, snapshot) && provisioningState === 'Succeeded',
      ),
  );
}

/** The steps of a capture follow one another: each needs the one before it. */
function linked(steps: readonly Step[]): Step[] {
  return steps.map((each, index) => ({
    ...each,
    needs: steps.slice(Math.max(0, index - 1), index).map(({ id }) => id),
  }));
}
