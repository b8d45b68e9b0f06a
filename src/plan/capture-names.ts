import { byOwner, isOurs } from '../domain/claim.ts';
import { diskNameFor, nameFor, ownDiskNameParts, SUFFIXES } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import { IMAGE, idBeside, SNAPSHOT, sameId } from '../domain/resource-id.ts';
import type { SnapshotTarget } from '../domain/version-order.ts';
import { type Disk, disksOf, type Snapshot, type Vm } from '../domain/vm.ts';

/** What a capture of this VM makes, with its names, which are the same on every attempt of an owner. */
export function captureNames(
  vm: Vm,
  owner: string,
  suffix = '',
  seen: readonly Pick<Disk, 'id' | 'uniqueId'>[] = [],
) {
  const snapshots = (purpose: '' | 'source-'): SnapshotTarget[] =>
    disksOf(vm).flatMap(({ id: disk, lun }) => {
      if (!disk) return [];
      const name = diskNameFor(vm.name, { purpose, lun, suffix }, owner);
      const diskUniqueId = seen.find((one) => sameId(one.id, disk))?.uniqueId;
      return [defined({ disk, diskUniqueId, lun, snapshot: idBeside(vm.id, SNAPSHOT, name) })];
    });
  const image = idBeside(vm.id, IMAGE, nameFor(vm.name, `source${suffix}`, owner));
  return {
    /** Snapshots of the disks before the change, a way back. OS disk first. */
    rollback: snapshots(''),
    /** What a version can be made of; the snapshots are of the deprovisioned disks. */
    sources: {
      vm: { from: 'vm', vm: vm.id },
      image: { from: 'image', vm: vm.id, image },
      disks: { from: 'disks', of: snapshots('source-') },
    },
  } as const;
}

/**
 * The snapshots of before the change among what is listed, for a VM that is gone and whose disks nobody
 * can name any more. OS disk first.
 *
 * @param vm the resource ID it had
 */
export function rollbackSnapshotsAmong(
  listed: readonly Snapshot[],
  vm: string,
  owner: string,
): SnapshotTarget[] {
  const own = listed.flatMap((snapshot) => {
    const parts = ownDiskNameParts(snapshot.id, vm, owner);
    const isWayBack = parts?.purpose === '' && isOurs(byOwner(owner), snapshot);
    return isWayBack ? [{ ...parts, snapshot }] : [];
  });
  // What stands under an earlier name was not the run's to use.
  const last = SUFFIXES.findLast((each) => own.some(({ suffix }) => suffix === each));
  return own
    .filter(({ suffix }) => suffix === last)
    .sort((a, b) => (a.lun ?? -1) - (b.lun ?? -1))
    .map(({ snapshot: { id, sourceId: disk = '', sourceUniqueId: diskUniqueId } }) =>
      defined({ disk, diskUniqueId, snapshot: id }),
    );
}
