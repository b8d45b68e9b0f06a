import type { DiskCopy, State, Vm } from '../domain/observed.ts';
import { DEPROVISION_TAG, deprovisionMark, hasBegunDeprovision } from '../domain/owner.ts';
import { isProvenOurs } from '../domain/ownership.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { sameId } from '../domain/resource-id.ts';
import { isDeprovisionBegun, POWER_TAG } from '../domain/restore.ts';
import { type Tags, tagValue } from '../domain/tags.ts';
import { type CaptureTarget, claimToTemporary, type SnapshotTarget } from '../domain/target.ts';
import { isComingBack } from './after-capture.ts';
import { type Step, step } from './plan.ts';

/** What must happen to the VM before a version can be made of it. */
export function prepareVm(target: CaptureTarget, { vm, snapshots }: State): Step[] {
  if (!vm || vm.generalized || isComingBack(target, vm)) return [];
  const deprovision = needsDeprovision(target, vm);
  const ready = vm.power === 'running' && vm.agentReady !== false;
  const start =
    deprovision && !ready && target.request.deprovision === 'always' && !hasBegun(target, vm);
  const rollback = hasBegun(target, vm) ? [] : missing(target, target.snapshots, snapshots);
  const mark = target.osState === 'Generalized' && target.source?.from !== 'disks';
  return [
    ...(rollback.length > 0
      ? [
          step('snapshot', {
            of: rollback,
            all: target.snapshots,
            purpose: 'rollback',
            tags: stateTags(vm),
          }),
        ]
      : []),
    ...(start ? [step('start', { vm: vm.id })] : []),
    ...(deprovision ? [deprovisioning(vm, target.request)] : []),
    ...(start || vm.power !== 'deallocated' ? [step('deallocate', { vm: vm.id })] : []),
    ...(mark
      ? [step('generalize', { vm: vm.id, vouched: target.request.deprovision === 'never' })]
      : []),
  ];
}

/** On snapshots of before the change: what a restore has to know of the VM then. */
function stateTags(vm: Vm): Tags {
  const mark = tagValue(vm.tags, DEPROVISION_TAG);
  return {
    [POWER_TAG]: vm.power,
    ...(mark !== undefined && isDeprovisionBegun(vm) && { [DEPROVISION_TAG]: mark }),
  };
}

const deprovisioning = (vm: Vm, request: CaptureRequest): Step =>
  step('deprovision', {
    vm: vm.id,
    osType: vm.osType,
    ...(request.deprovisionScript && { script: request.deprovisionScript }),
    ...(request.snapshot && { canComeBack: true }),
    timeoutSeconds: request.deprovisionTimeoutSeconds,
  });

/** What the version is made of, where that is not the VM itself. */
export function prepareSource(target: CaptureTarget, { vm, temporaries }: State): Step[] {
  const { source } = target;
  if (!vm || !source || source.from === 'vm') return [];
  if (source.from === 'image') {
    const ready = temporaries.some((image) => isReady(target, image));
    return ready ? [] : [step('image', { vm: vm.id, image: source.image, location: vm.location })];
  }
  const snapshots = missing(target, target.captured, temporaries);
  return snapshots.length > 0
    ? [step('snapshot', { of: snapshots, all: snapshots, purpose: 'source' })]
    : [];
}

/** Whether this run has begun to change the VM: a snapshot now would not be of before the change. */
const hasBegun = (target: CaptureTarget, vm: Vm): boolean =>
  hasBegunDeprovision(target.owner, vm.tags);

/**
 * A specialized image keeps its identity; `never` asserts that the work is done; otherwise only a
 * Windows VM that this run has seen complete its deprovision, and that nobody started since, needs
 * none. A Linux guest proves it once more by its serial log, which the writer of a tag cannot forge;
 * of Windows no such proof outlives the deallocation.
 */
function needsDeprovision(target: CaptureTarget, vm: Vm): boolean {
  if (target.osState === 'Specialized' || target.request.deprovision === 'never') return false;
  const mark = deprovisionMark(vm.tags);
  const seenComplete = mark?.stage === 'complete' && mark.owner === target.owner;
  return !(
    vm.osType === 'Windows' &&
    seenComplete &&
    (vm.power === 'stopped' || vm.power === 'deallocating' || vm.power === 'deallocated')
  );
}

/** Those that do not exist yet: what only stands under the name, but is of another disk, is none. */
const missing = (
  target: CaptureTarget,
  wanted: readonly SnapshotTarget[],
  taken: readonly DiskCopy[],
): SnapshotTarget[] =>
  wanted.filter(
    ({ snapshot }) => !taken.some((each) => sameId(each.id, snapshot) && isReady(target, each)),
  );

const isReady = (target: CaptureTarget, found: DiskCopy): boolean =>
  found.provisioningState === 'Succeeded' &&
  isProvenOurs(claimToTemporary(target, found.id), found);
