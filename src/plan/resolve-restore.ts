import { deprovisionedBy, deprovisionMark } from '../domain/deprovision-mark.ts';
import type { Inventory } from '../domain/observed.ts';
import { holdsKey, ownerKey } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import type { RestoreRequest } from '../domain/request.ts';
import { sameId } from '../domain/resource-id.ts';
import {
  madeFor,
  POWER_TAG,
  placeIn,
  REPLACES_TAG,
  type RestoredDisk,
  type RestoreFacts,
  restoredDiskId,
  vmInTags,
} from '../domain/restore.ts';
import { chosenSet, isOfRoot, snapshotSets } from '../domain/snapshot-sets.ts';
import { tagValue } from '../domain/tags.ts';
import type { RestoreTarget } from '../domain/target.ts';
import {
  type AttachedDisk,
  type Disk,
  disksOf,
  isOn,
  type Snapshot,
  type Vm,
} from '../domain/vm.ts';
import { makingTags, type Origin } from './origin.ts';

/**
 * The owner of a restore: the same in each attempt of a run, another in the next run. It does not depend
 * on the machine, which may be created again on the way.
 */
export const restoreOwner = ({ vm, snapshotIds }: RestoreRequest, origin: Origin): string =>
  ownerKey({
    ...origin,
    operation: 'restore',
    source: vm,
    sourceInstance: '',
    definition: '',
    requestedVersion: snapshotIds.toSorted().join(' '),
  });

/**
 * Pins which snapshots the disks come back from, and their names.
 *
 * @returns `undefined` when that cannot be known; the rules then say why
 */
export function resolveRestore(
  request: RestoreRequest,
  origin: Origin,
  inventory: Inventory,
): RestoreTarget | undefined {
  const { vm, restore, made: before = [] } = inventory;
  if (!restore) return undefined;
  const owner = restoreOwner(request, origin);
  const made = madeFor(before, request.vm, owner);
  const model = vm ? vm.generalized && restore.model : vmInTags(made.get(undefined)?.tags);
  if (!vm && !model) return undefined;
  const chosen = vm ? chosenSnapshots(request, origin, vm, restore, inventory) : [];
  const now = vm ? disksOf(vm) : [];
  const luns = new Set([...now.map(({ lun }) => lun), ...made.keys()]);
  const disks = [...luns]
    .flatMap((lun) => {
      const current = now.find((disk) => disk.lun === lun);
      const root = restore.roots.find((one) => one.lun === lun);
      const from = chosen.find((one) => root && isOfRoot(one, root));
      const disk = restoredDiskId(request.vm, lun, owner);
      return restoredDisk({ disk, lun }, current, made.get(lun), from);
    })
    .sort((a, b) => (a.lun ?? -1) - (b.lun ?? -1));
  const location = vm?.location ?? made.get(undefined)?.location;
  if (disks.length === 0 || !location) return undefined;
  return {
    operation: 'restore',
    request,
    owner,
    vm: request.vm,
    vmId: vm?.vmId ?? '',
    location,
    disks,
    running: wasRunning(vm, made, chosen),
    ...(model && { model }),
    tags: makingTags(origin.provenance, request.vm, owner),
    version: '',
    regions: [],
  };
}

/** The snapshots to go back to, of the disks that have one. */
function chosenSnapshots(
  { snapshotIds }: RestoreRequest,
  { repository }: Origin,
  vm: Vm,
  { roots, named }: RestoreFacts,
  { snapshotsBeside, made = [] }: Inventory,
): Snapshot[] {
  if (snapshotIds.length > 0)
    return named.filter((snapshot) => roots.some((root) => isOfRoot(snapshot, root)));
  const holding = made.flatMap(({ sourceId }) => sourceId ?? []);
  const sets = snapshotSets(snapshotsBeside, roots, { repository, vm: vm.id });
  const set = chosenSet(sets, vm, holding);
  return set ? set.of.filter((one) => one !== undefined) : [];
}

/**
 * How a disk comes back; not at all when no snapshot is known.
 *
 * @param current what the VM has there now
 * @param from the snapshot to make it of, when it is not `made` yet
 */
function restoredDisk(
  { disk, lun }: { readonly disk: string; readonly lun: number | undefined },
  current: AttachedDisk | undefined,
  made: Disk | undefined,
  from: Snapshot | undefined,
): RestoredDisk[] {
  const snapshot = made?.sourceId ?? from?.id;
  const snapshotUniqueId = made?.sourceUniqueId ?? from?.uniqueId;
  if (!snapshot) return [];
  const isExchanged = made !== undefined && sameId(current?.id, made.id);
  const noted = tagValue(made?.tags, REPLACES_TAG) || undefined;
  const replaces = isExchanged || !current ? noted : current.id;
  const { caching, goesWithVm } = current ?? placeIn(made?.tags) ?? {};
  return [defined({ snapshot, snapshotUniqueId, disk, lun, replaces, caching, goesWithVm })];
}

/**
 * Whether the VM is to run in the end: as it was before this restore, and before the deprovision that
 * switched it off.
 */
function wasRunning(
  vm: Vm | undefined,
  made: ReturnType<typeof madeFor>,
  chosen: readonly Snapshot[],
): boolean {
  const [first] = [...made].sort(([a = -1], [b = -1]) => a - b);
  const place = placeIn(first?.[1].tags);
  if (place) return place.running;
  if (!vm) return true;
  // A capture starts a VM to deprovision it, and switches it off: only the snapshots know how it was.
  const mark = deprovisionMark(vm.tags);
  const isAsked = mark !== undefined && chosen.every(({ id }) => holdsKey(mark.owner, id));
  const isChanged = vm.generalized || deprovisionedBy(vm.tags) !== undefined || isAsked;
  const power = isChanged ? tagValue(chosen[0]?.tags, POWER_TAG) : vm.power;
  return power === undefined || isOn({ power });
}
