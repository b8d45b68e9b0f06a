import { distinctBy } from '../domain/plain-objects.ts';
import type { RegionChoice } from '../domain/regions.ts';
import { groupOf, parentId, resourceKind } from '../domain/resource-id.ts';
import {
  expiredSnapshots,
  isOfAnother,
  isOfEarlierRun,
  type Retention,
} from '../domain/snapshot-sets.ts';
import { type Disk, disksOf, type Snapshot, type Vm } from '../domain/vm.ts';
import { keysOf, type NeededRight } from '../plan/needed-rights.ts';
import type { Reads } from './ports.ts';
import { ifAllowed, thatExist } from './reading.ts';

/**
 * Those of the disk encryption sets that these regions name which exist. An identity that is not allowed
 * to read one cannot make a version with it either (csi-driver#2610), so a refusal ends the run.
 */
export const encryptionSetsFor = (compute: Reads, regions: readonly RegionChoice[]) =>
  thatExist(keysOf(regions), (id) => compute.encryptionSet(id));

/** What this identity may do where it needs these rights; scopes that Azure does not tell are left out. */
export async function rightsAt(compute: Reads, needs: readonly NeededRight[]) {
  const scopes = distinctBy(needs, ({ scope }) => scope.toLowerCase());
  const told = await Promise.all(
    scopes.map(async ({ scope }) => ({
      scope,
      permissions: await ifAllowed(compute.permissions(scope)),
    })),
  );
  return told.flatMap(({ scope, permissions }) => (permissions ? [{ scope, permissions }] : []));
}

/** Locks on, above and below the resource groups of these; `undefined` when the identity lacks permission to read them. */
export async function locksOn(compute: Reads, ids: readonly string[]) {
  const groups = distinctBy(ids.map(groupOf), (group) => group.toLowerCase());
  const locks = await ifAllowed(Promise.all(groups.map((group) => compute.locks(group))));
  return locks?.flat();
}

/** The managed disks of a VM, OS disk first; one that could not be found is left out. */
export const disksOfVm = (compute: Reads, vm: Vm): Promise<Disk[]> =>
  thatExist(
    disksOf(vm).flatMap(({ id }) => id ?? []),
    (id) => compute.disk(id),
  );

/** The gallery of a definition, and which of its versions are in the gallery's recycle bin. */
export async function galleryWithBin(compute: Reads, definition: string) {
  const gallery = await compute.gallery(parentId(definition));
  const softDeleted = gallery?.softDelete ? await compute.softDeletedVersions(definition) : [];
  return [gallery, softDeleted] as const;
}

/** A managed image or a snapshot that a version is made of. */
export const temporaryAt = (compute: Reads, id: string) =>
  resourceKind(id) === 'image' ? compute.image(id) : compute.snapshot(id);

/** The snapshots among these that retention lets go. */
export async function expiredAmong(
  compute: Reads,
  listed: readonly Snapshot[],
  retention: Retention,
): Promise<string[]> {
  const ours = await Promise.all(
    listed.map(async (each) => ((await isExpirable(compute, each, retention)) ? [each] : [])),
  );
  return expiredSnapshots(ours.flat(), retention);
}

/** Whether a snapshot is of an earlier run, no version needs it, and its disk is no other VM's. */
export async function isExpirable(
  compute: Reads,
  snapshot: Snapshot,
  retention: Pick<Retention, 'tags' | 'vm'>,
): Promise<boolean> {
  if (!isOfEarlierRun(snapshot, retention, compute.azureTime())) return false;
  return !isOfAnother(snapshot, await ifAllowed(compute.disk(snapshot.sourceId ?? '')), retention);
}
