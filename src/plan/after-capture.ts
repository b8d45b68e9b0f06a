import {
  deprovisionedBy,
  deprovisionMark,
  deprovisionNonce,
  snapshotsDigest,
} from '../domain/deprovision-mark.ts';
import type { Inventory, State } from '../domain/observed.ts';
import { diskNameParts, holdsKey, ownerOf } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import {
  isUnsettled,
  madeFor,
  POWER_TAG,
  placeIn,
  REPLACES_TAG,
  type RestoredDisk,
  restoredDiskId,
} from '../domain/restore.ts';
import { ourTags, tagValue } from '../domain/tags.ts';
import type { CaptureTarget } from '../domain/target.ts';
import type { SnapshotTarget } from '../domain/version-order.ts';
import { type Disk, disksOf, isOn, type Snapshot, type Vm } from '../domain/vm.ts';
import type { Step } from './plan.ts';
import { hasDisks, oldDisks, planRestore } from './restore.ts';

/*
 * `after-capture: restore`: once the version is accepted it needs its source snapshots only. The VM then
 * gets new disks, made of its snapshots of before the change, while the version replicates.
 */

/**
 * The VM with the disks that it is captured from. Where an attempt of this owner has given it new ones,
 * those are named that the new ones replace: by what Azure tells of where they come from.
 */
export function asCaptured(
  vm: Vm,
  { made = [], restore }: Pick<Inventory, 'made' | 'restore'>,
  owner: string,
): Vm {
  const original = (disk: Disk, lun: number | undefined): string => {
    const ancestors = restore?.roots.find((root) => root.lun === lun)?.ancestors ?? [];
    const at = ancestors.findIndex(({ id }) => sameId(id, disk.id));
    return ancestors[at + 1]?.id ?? tagValue(disk.tags, REPLACES_TAG) ?? disk.id;
  };
  const before = (current: Vm['osDisk']): Vm['osDisk'] => {
    const found = made.find((disk) => sameId(disk.id, current.id));
    if (!found) return current;
    const id = original(found, current.lun);
    return { ...current, id, name: nameOf(id) };
  };
  const detached = [...madeFor(made, vm.id, owner)].flatMap(([lun, disk]) => {
    if (disksOf(vm).some((each) => each.lun === lun)) return [];
    const id = original(disk, lun);
    const { caching, goesWithVm } = placeIn(disk.tags) ?? {};
    return [defined({ id, name: nameOf(id), lun, ephemeral: false, caching, goesWithVm })];
  });
  return {
    ...vm,
    osDisk: before(vm.osDisk),
    dataDisks: [...vm.dataDisks.map(before), ...detached],
  };
}

/**
 * The new data disks of a VM that another run has given its new OS disk, and that it has not attached yet.
 * A finished restore is not asked: who detached a disk since then did so on purpose.
 *
 * @param all the disks beside the VM
 */
export function leftDetached(vm: Vm, all: readonly Disk[], owner: string): Disk[] {
  const key = runThatGaveOs(vm);
  if (key === undefined || holdsKey(owner, vm.osDisk.id)) return [];
  const made = madeFor(all, vm.id, key);
  const os = made.get(undefined);
  if (!os || (!isUnsettled(os.tags) && ownerOf(os.tags) !== undefined)) return [];
  return [...made].flatMap(([lun, disk]) => {
    const isThere = disksOf(vm).some((each) => each.lun === lun);
    return isThere || disk.attachedTo.length > 0 ? [] : [disk];
  });
}

/** What stands for the run in the name of the VM's OS disk, if a restore made that. */
export function runThatGaveOs({ id, osDisk }: Vm): string | undefined {
  const { purpose, lun, key } = diskNameParts(osDisk.id ?? '', id) ?? {};
  return purpose === 'restored-' && lun === undefined ? key : undefined;
}

/**
 * The disks that the VM comes back with, OS disk first. None when it has disks now that this run has not
 * captured: once that cannot be made up for, a snapshot has to be of each, unless it is a new one itself.
 *
 * @param vm as it was captured
 */
export function newDisksOf(
  vm: Vm,
  { vm: now = vm, made = [], restore }: Inventory,
  known: {
    readonly snapshots: readonly SnapshotTarget[];
    readonly owner: string;
    /** Whether the version is there, or the deprovision has begun: no snapshot is taken any more. */
    readonly isChanged: boolean;
  },
): RestoredDisk[] {
  const { snapshots, owner, isChanged } = known;
  const isCaptured = ({ id }: Vm['osDisk']): boolean =>
    made.some((disk) => sameId(disk.id, id)) ||
    (restore?.named.some(
      ({ id: taken, sourceId }) =>
        sameId(sourceId, id) && snapshots.some(({ snapshot }) => sameId(snapshot, taken)),
    ) ??
      false);
  if (isChanged && !disksOf(now).every(isCaptured)) return [];
  return disksOf(vm).flatMap(({ id, lun, caching, goesWithVm }) => {
    const taken = snapshots.find(({ disk }) => sameId(disk, id));
    if (!id || !taken) return [];
    const disk = restoredDiskId(vm.id, lun, owner);
    const { snapshot } = taken;
    const snapshotUniqueId =
      made.find((one) => sameId(one.id, disk))?.sourceUniqueId ??
      restore?.named.find((one) => sameId(one.id, snapshot))?.uniqueId;
    const place = { lun, caching, goesWithVm };
    return [defined({ snapshot, snapshotUniqueId, disk, replaces: id, ...place })];
  });
}

/**
 * Whether the snapshots of before the change are those that this run took, whatever became of their
 * tags: the VM's mark tells them, or each has become the new disk that the VM has.
 */
export function areThoseTaken(
  { owner, newDisks }: CaptureTarget,
  { vm, snapshots, disks = [] }: State,
): boolean {
  if (!vm) return false;
  const told = deprovisionedBy(vm.tags) === owner && deprovisionMark(vm.tags)?.snapshots;
  if (told) return told === snapshotsDigest(snapshots);
  const isBecome = ({ disk, snapshot }: RestoredDisk) =>
    disks.some(({ id, sourceId }) => sameId(id, disk) && sameId(sourceId, snapshot));
  return newDisks.length > 0 && hasDisks(vm, newDisks) && newDisks.every(isBecome);
}

/** Whether this capture runs something in the guest: a specialized image keeps its identity. */
export const isDeprovisioned = ({
  osState,
  request,
}: Pick<CaptureTarget, 'osState' | 'request'>): boolean =>
  osState === 'Generalized' && request.deprovision !== 'never';

/** Whether this run has begun to change the guest. Without a deprovision, it writes no such mark. */
export const hasBegun = (
  target: Pick<CaptureTarget, 'osState' | 'request' | 'owner'>,
  { tags }: Vm,
): boolean => isDeprovisioned(target) && deprovisionedBy(tags) === target.owner;

/** Whether the VM has begun to come back: nothing is done to it any more to make the version. */
export const isComingBack = ({ newDisks: [os] }: CaptureTarget, vm: Vm): boolean =>
  os !== undefined && sameId(vm.osDisk.id, os.disk);

/** Whether another VM, run or person has put other disks or another deprovision in the place. */
export function isTakenOver({ newDisks: wanted, owner, vmId }: CaptureTarget, vm: Vm): boolean {
  const known = disksOf(vm).every(({ id, lun }) =>
    wanted.some((one) => one.lun === lun && (sameId(one.disk, id) || sameId(one.replaces, id))),
  );
  const isOthers = ![undefined, owner].includes(deprovisionedBy(vm.tags));
  return vm.vmId !== vmId || vm.generalized || isOthers || !known;
}

/** The plan of a capture with the steps that bring its VM back, as soon as Azure has the version. */
export function withReturn(target: CaptureTarget, seen: State, steps: Step[]): Step[] {
  const { vm, disks = [], snapshots } = seen;
  const { newDisks: wanted } = target;
  const [first] = wanted;
  if (!first || !vm || isTakenOver(target, vm)) return steps;
  // A disk that goes may be the new one of an earlier run, and tell how the VM was then.
  const news = disks.filter(({ id }) => wanted.some(({ disk }) => sameId(disk, id)));
  const made = news.find(({ id }) => sameId(id, first.disk));
  const isBack = hasDisks(vm, wanted) && made !== undefined && !isUnsettled(made.tags);
  const at = steps.findIndex(({ do: kind }) => kind === 'publish') + 1;
  const restoring = {
    vm: vm.id,
    disks: wanted,
    running: ranBefore(target, vm, news, snapshots) ?? false,
    tags: ourTags(target.tags),
    // Whoever plans has no mark to go by yet.
    ...(vm.osType === 'Windows' &&
      isDeprovisioned(target) && { nonce: deprovisionNonce(target.owner) }),
  };
  // What makes the version has deallocated the VM by then.
  const isOff = at > 0 && !isComingBack(target, vm);
  const then: Vm = isOff ? { ...vm, power: 'deallocated' } : vm;
  const back = isBack ? [] : planRestore(restoring, { vm: then, disks });
  return [...steps.slice(0, at), ...back, ...steps.slice(at), ...oldDisksToGo(target, seen)];
}

/** A version that has failed can be made again of the old disks: they go when no region needs that. */
const oldDisksToGo = ({ request, newDisks: wanted }: CaptureTarget, seen: State): Step[] =>
  request.oldDisks === 'delete' && seen.verification?.passed !== false
    ? oldDisks({ vm: request.vm, disks: wanted }, seen)
    : [];

/**
 * Whether the VM ran before the capture; `undefined` when nothing tells it.
 *
 * @param disks the new ones
 */
export function ranBefore(
  target: CaptureTarget,
  vm: Vm,
  disks: readonly Pick<Disk, 'tags'>[],
  snapshots: readonly Pick<Snapshot, 'tags'>[],
): boolean | undefined {
  const place = disks.map(({ tags }) => placeIn(tags)).find((one) => one !== undefined);
  if (place) return place.running;
  const told = snapshots.map(({ tags }) => tagValue(tags, POWER_TAG)).find(Boolean);
  if (told) return isOn({ power: told });
  // Only with `always` does a run start a VM whose guest it deprovisions.
  const ran = target.request.deprovision !== 'always' && hasBegun(target, vm);
  return ran || isOn(vm) || undefined;
}
