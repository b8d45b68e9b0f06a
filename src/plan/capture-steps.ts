import { isProvenOurs } from '../domain/claim.ts';
import { DEPROVISION_TAG, deprovisionedBy, deprovisionMark } from '../domain/deprovision-mark.ts';
import type { State } from '../domain/observed.ts';
import { defined } from '../domain/plain-objects.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { sameId } from '../domain/resource-id.ts';
import { POWER_TAG } from '../domain/restore.ts';
import { type Tags, tagValue, withTags } from '../domain/tags.ts';
import { type CaptureTarget, claimToTemporary } from '../domain/target.ts';
import { whereTag } from '../domain/throw-away.ts';
import {
  type SnapshotTarget,
  type Source,
  snapshotsIn,
  type VersionOrder,
} from '../domain/version-order.ts';
import type { DiskCopy, Vm } from '../domain/vm.ts';
import { hasBegun, isComingBack, isDeprovisioned } from './after-capture.ts';
import { deletion, inOrder } from './common-steps.ts';
import { type Step, step } from './plan.ts';
import { untilProven } from './verify.ts';

/* Parts of the plan of a capture, whether its version is kept or not. */

/** From the VM to a version that Azure has accepted. */
export const making = (target: CaptureTarget, observed: State): Step[] =>
  inOrder(
    prepareVm(target, observed),
    deletion('earlier-source', earlierSources(target, observed)),
    prepareSource(target, observed),
    target.source && step('publish', { order: orderOf(target, target.source) }),
  );

const orderOf = (target: CaptureTarget, source: Source): VersionOrder => {
  const { request, version, location, tags, verify } = target;
  const { replicas, replicationMode, storageAccountType, endOfLife } = request;
  return {
    id: version,
    location,
    source,
    regions: untilProven(target.regions, verify),
    replicas,
    replicationMode,
    // Nobody gets a version by `latest` that has not proved itself.
    excludeFromLatest: request.excludeFromLatest || verify !== undefined,
    tags: verify ? withTags(tags, whereTag(verify.vm.id)) : tags,
    ...defined({ storageAccountType, endOfLife }),
  };
};

/** What must happen to the VM before a version can be made of it. */
function prepareVm(target: CaptureTarget, { vm, snapshots }: State): Step[] {
  if (!vm || vm.generalized || isComingBack(target, vm)) return [];
  const deprovision = needsDeprovision(target, vm);
  const ready = vm.power === 'running' && vm.agentReady !== false;
  // A snapshot now would not be of before the change.
  const begun = hasBegun(target, vm);
  const start = deprovision && !ready && target.request.deprovision === 'always' && !begun;
  const rollback = begun ? [] : missing(target, target.snapshots, snapshots);
  const mark = target.osState === 'Generalized' && target.source?.from !== 'disks';
  return inOrder(
    rollback.length > 0 &&
      step('snapshot', {
        of: rollback,
        all: target.snapshots,
        purpose: 'rollback',
        tags: stateTags(vm),
      }),
    start && step('start', { vm: vm.id }),
    deprovision && deprovisioning(vm, target.request),
    (start || vm.power !== 'deallocated') &&
      step('deallocate', {
        vm: vm.id,
        ...(isDeprovisioned(target) && vm.osType === 'Windows' && { isSilent: true }),
      }),
    mark && step('generalize', { vm: vm.id, vouched: target.request.deprovision === 'never' }),
  );
}

/** On snapshots of before the change: what a restore has to know of the VM then. */
function stateTags(vm: Vm): Tags {
  const mark = tagValue(vm.tags, DEPROVISION_TAG);
  return {
    [POWER_TAG]: vm.power,
    ...(mark !== undefined &&
      deprovisionedBy(vm.tags) !== undefined && { [DEPROVISION_TAG]: mark }),
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
function prepareSource(target: CaptureTarget, seen: State): Step[] {
  const { source } = target;
  const { vm } = seen;
  const earlier = earlierSources(target, seen);
  const temporaries = seen.temporaries.filter(({ id }) => !earlier.includes(id));
  if (!vm || !source || source.from === 'vm') return [];
  if (source.from === 'image') {
    const ready = temporaries.some((image) => isReady(target, image));
    return ready ? [] : [step('image', { vm: vm.id, image: source.image })];
  }
  const snapshots = missing(target, snapshotsIn(source), temporaries);
  return snapshots.length > 0
    ? [step('snapshot', { of: snapshots, all: snapshots, purpose: 'source' })]
    : [];
}

/**
 * Source snapshots that were taken before their disks were detached: nothing shows any more that the VM
 * was off by then. The old disks of a VM that is back hold the same still.
 */
function earlierSources(target: CaptureTarget, { vm, temporaries, disks = [] }: State): string[] {
  if (!vm || !isComingBack(target, vm)) return [];
  return temporaries.flatMap((each) => {
    const from = snapshotsIn(target.source).find(({ snapshot }) => sameId(snapshot, each.id));
    const disk = disks.find(({ id }) => sameId(id, from?.disk));
    const isUsed = !disk || isProvenOurs(claimToTemporary(target, each.id, [disk]), each);
    return isUsed || !isProvenOurs(claimToTemporary(target, each.id), each) ? [] : [each.id];
  });
}

/**
 * A specialized image keeps its identity; `never` asserts that the work is done; otherwise only a
 * Windows VM that this run has seen complete its deprovision, and that nobody started since, needs
 * none. A Linux guest proves it once more by its serial log, which the writer of a tag cannot forge;
 * of Windows no such proof outlives the deallocation.
 */
function needsDeprovision(target: CaptureTarget, vm: Vm): boolean {
  if (!isDeprovisioned(target)) return false;
  const mark = deprovisionMark(vm.tags);
  const seenComplete = mark?.stage === 'complete' && mark.owner === target.owner;
  return !(
    vm.osType === 'Windows' &&
    seenComplete &&
    (vm.power === 'stopped' || vm.power === 'deallocating' || vm.power === 'deallocated')
  );
}

/** Disks that the VM was given too late for a snapshot of before the change, or whose snapshot is gone. */
export const withoutSnapshot = (target: CaptureTarget, { vm, snapshots }: State): string[] =>
  vm && hasBegun(target, vm)
    ? target.snapshots
        .filter(({ snapshot }) => !snapshots.some(({ id }) => sameId(id, snapshot)))
        .map(({ disk }) => disk)
    : [];

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

/** What the user asked to have deleted by name, once all else is well. */
export function lastly(
  target: CaptureTarget,
  seen: Pick<State, 'vm' | 'attached' | 'expired' | 'verification'>,
): Step[] {
  const { request, vmId } = target;
  const { vm, attached, expired, verification } = seen;
  if (request.waitFor !== 'replicated' || verification?.passed === false) return [];
  // Another machine under the same name was not captured, and is not to be deleted.
  const goes = request.afterCapture === 'delete' && vm !== undefined && vm.vmId === vmId;
  return [
    ...deletion('old-snapshots', expired),
    ...deletion('captured-vm', goes ? [request.vm, ...attached] : []),
  ];
}

/** IDs of what this run made only to capture from, as far as it is there still. */
export const ownTemporaries = (target: CaptureTarget, { temporaries }: State): string[] =>
  temporaries
    .filter((temporary) => isProvenOurs(claimToTemporary(target, temporary.id), temporary))
    .map(({ id }) => id);
