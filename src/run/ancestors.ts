import { resourceKind, sameId } from '../domain/resource-id.ts';
import type { madeFor, Root } from '../domain/restore.ts';
import { type Disk, disksOf, type Vm } from '../domain/vm.ts';
import type { Reads } from './ports.ts';

/** Restores of restores that are looked at. */
const MOST = 5;

/**
 * The disks that this one comes from, itself first: a disk that a restore made was made of a snapshot,
 * which is of a disk. Ends where a snapshot or a disk is gone.
 */
export async function ancestorsOf(compute: Reads, disk: Disk): Promise<Root['ancestors']> {
  const found = [ancestor(disk.id, disk.uniqueId)];
  let source = disk.sourceId;
  while (source !== undefined && resourceKind(source) === 'snapshot' && found.length <= MOST) {
    const snapshot = await compute.snapshot(source);
    const id = snapshot?.sourceId;
    if (id === undefined || resourceKind(id) !== 'disk') break;
    if (found.some((known) => sameId(known.id, id))) break;
    found.push(ancestor(id, snapshot?.sourceUniqueId));
    source = (await compute.disk(id))?.sourceId;
  }
  return found;
}

/**
 * What the disks of the VM come from. A data disk that an earlier attempt has detached, and whose new disk it
 * has not attached yet, is known by the new one.
 */
export async function rootsOf(
  compute: Reads,
  vm: Vm,
  disks: readonly Disk[],
  made: ReturnType<typeof madeFor>,
): Promise<Root[]> {
  const there = disksOf(vm).map(({ id, lun }) => ({
    lun,
    disk: disks.find((each) => sameId(each.id, id)),
  }));
  const detached = [...made].flatMap(([lun, disk]) =>
    there.some((one) => one.lun === lun) ? [] : [{ lun, disk }],
  );
  return Promise.all(
    [...there, ...detached].map(async ({ lun, disk }) => ({
      ...(lun !== undefined && { lun }),
      ancestors: disk ? await ancestorsOf(compute, disk) : [],
    })),
  );
}

const ancestor = (id: string, uniqueId: string | undefined) => ({
  id,
  ...(uniqueId && { uniqueId }),
});
