import type { ImageVersion } from '../../domain/gallery.ts';
import { type Inventory, NOTHING_SEEN, type State, stateOf } from '../../domain/observed.ts';
import type { RestoreRequest } from '../../domain/request.ts';
import { resourceKind, sameId } from '../../domain/resource-id.ts';
import { madeFor, type RestoredDisk, type Root } from '../../domain/restore.ts';
import { isOfRoot } from '../../domain/snapshot-sets.ts';
import type { RestoreTarget } from '../../domain/target.ts';
import type { Snapshot, Vm } from '../../domain/vm.ts';
import { leftDetached } from '../../plan/after-capture.ts';
import { neededRights } from '../../plan/needed-rights.ts';
import type { Origin } from '../../plan/origin.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import { resolveRestore, restoreOwner } from '../../plan/resolve-restore.ts';
import { planRestore } from '../../plan/restore.ts';
import { ancestorsOf, rootsOf } from '../ancestors.ts';
import { nearestNames } from '../meant-resource.ts';
import { disksOfVm, rightsAt } from '../observe.ts';
import type { Operation } from '../operation.ts';
import type { Reads } from '../ports.ts';
import { allReads, ifAllowed, inTurn, thatExist } from '../reading.ts';
import { lookAround } from '../surroundings.ts';

/** A VM comes back as it was when snapshots of its disks were taken. */
export const restoreOperation = (
  request: RestoreRequest,
  origin: Origin,
): Operation<RestoreTarget> => ({
  async prepare(compute, dryRun) {
    const inventory = await takeInventory(compute, request, restoreOwner(request, origin));
    const target = resolveRestore(request, origin, inventory);
    const seen = target && (await observe(compute, target));
    const found = target && seen && { target, seen, steps: planRestore(target, seen) };
    const around = await lookAround(compute, found, inventory);
    return { ...preflight('restore', { request, target, dryRun, origin, ...around }), found };
  },
  observe,
  plan: planRestore,
});

/** Looks at everything that resolving a restore and its rules need; reads only. */
async function takeInventory(
  compute: Reads,
  request: RestoreRequest,
  owner: string,
): Promise<Inventory> {
  const now = new Date();
  const [vm, disksBeside, snapshotsBeside, named] = await allReads([
    compute.vm(request.vm),
    compute.disksBeside(request.vm),
    compute.snapshotsBeside(request.vm),
    thatExist(request.snapshotIds, (id) => compute.snapshot(id)),
  ]);
  const [disks, model, rights, nearest] = await Promise.all([
    vm ? disksOfVm(compute, vm) : [],
    vm?.generalized ? compute.vmModel(request.vm) : undefined,
    rightsAt(compute, neededRights(request, { vm })),
    nearestNames(compute, { vm: vm ? undefined : request.vm }),
  ]);
  const made = madeFor(disksBeside, request.vm, owner);
  const roots = vm ? await rootsOf(compute, vm, disks, made) : [];
  const versions = vm && (await ifAllowed(versionsOf(compute, vm, roots, snapshotsBeside)));
  return {
    ...NOTHING_SEEN,
    now,
    vm,
    disks,
    rights,
    snapshotsBeside,
    nearest,
    versions: versions ?? [],
    made: [...made.values()],
    detached: vm ? leftDetached(vm, disksBeside, owner) : [],
    restore: {
      roots,
      named,
      ...(model && { model }),
      versionsSeen: versions !== undefined,
    },
  };
}

/**
 * The versions that were made of this VM, of its disks or their snapshots, with their replication;
 * `undefined` where the galleries cannot be listed.
 */
async function versionsOf(
  compute: Reads,
  vm: Vm,
  roots: readonly Root[],
  snapshots: readonly Snapshot[],
): Promise<ImageVersion[] | undefined> {
  const definitions = await compute.definitionsFor(vm);
  if (!definitions) return undefined;
  const all = (await inTurn(definitions, (id) => compute.versions(id))).flat();
  const isOfVm = async ({ sourceId }: ImageVersion): Promise<boolean> => {
    if (sourceId === undefined) return false;
    const kind = resourceKind(sourceId);
    if (kind === 'image') return sameId((await compute.image(sourceId))?.sourceId, vm.id);
    const snapshot = snapshots.find(({ id }) => sameId(id, sourceId));
    return (
      sameId(sourceId, vm.id) ||
      (snapshot !== undefined && roots.some((root) => isOfRoot(snapshot, root)))
    );
  };
  const own = await inTurn(all, async (version) =>
    (await isOfVm(version)) ? compute.version(version.id) : undefined,
  );
  return own.filter((version) => version !== undefined);
}

/** Looks at the VM and its disks as they are now; reads only. */
async function observe(compute: Reads, target: RestoreTarget): Promise<State> {
  const ids = target.disks.flatMap(({ disk, replaces }) => [disk, ...(replaces ? [replaces] : [])]);
  // A replaced disk is deleted only while its snapshot proves what it was.
  const isProof = async ({ snapshot, replaces }: RestoredDisk) => {
    if (target.request.oldDisks !== 'delete') return true;
    const [found, disk] = await Promise.all([
      compute.snapshot(snapshot),
      replaces ? compute.disk(replaces) : undefined,
    ]);
    return (
      found !== undefined &&
      (!disk || isOfRoot(found, { ancestors: await ancestorsOf(compute, disk) }))
    );
  };
  const [vm, disks, proofs] = await Promise.all([
    compute.vm(target.vm),
    thatExist(ids, (id) => compute.disk(id)),
    Promise.all(target.disks.map(isProof)),
  ]);
  return {
    ...stateOf(undefined),
    vm,
    snapshots: target.disks
      .filter((_, index) => proofs[index])
      .map(({ snapshot: id }) => ({ id, provisioningState: 'Succeeded', tags: {} })),
    disks,
  };
}
