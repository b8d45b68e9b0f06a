import { type Disk, disksOf, type Inventory, type State, type Vm } from '../domain/observed.ts';
import type { RegionChoice } from '../domain/regions.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { parentId, resourceIdOf, resourceKind, sameId } from '../domain/resource-id.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { passedVerification } from '../domain/verification.ts';
import { temporariesOf } from '../domain/version-order.ts';
import { leftDetached, runThatGaveOs } from '../plan/after-capture.ts';
import { groupOf, keysOf, neededRights, scopesOf } from '../plan/needed-rights.ts';
import { type Step, writesOf } from '../plan/plan.ts';
import { captureOwner, type Origin } from '../plan/resolve.ts';
import { allReads } from './all-reads.ts';
import { returning } from './ancestors.ts';
import { partsOf } from './attached.ts';
import { expiredAmong } from './expired.ts';
import { ifAllowed } from './if-allowed.ts';
import { nearestNames } from './nearest-name.ts';
import type { Reads } from './ports.ts';
import { throwAwaysFor } from './verify/throw-aways.ts';

/** Looks at everything that resolving and the preflight rules need; reads only. */
export async function takeInventory(
  compute: Reads,
  request: CaptureRequest,
  origin: Origin,
): Promise<Inventory> {
  const now = new Date();
  const { subscriptionId } = resourceIdOf(request.definition);
  const [[vm, disks], [gallery, softDeleted], definition, versions, regions, encryptionSets] =
    await allReads([
      vmWithDisks(compute, request.vm),
      galleryWithBin(compute, request.definition),
      compute.definition(request.definition),
      compute.versions(request.definition),
      ifAllowed(compute.galleryRegions(subscriptionId)),
      encryptionSetsFor(compute, request.regions),
    ]);
  const { snapshot, snapshotRetention } = request;
  const listsSnapshots = snapshotRetention !== undefined || (snapshot && !vm);
  const recommendsSize = Object.keys(definition?.recommended ?? {}).length > 0;
  const comesBack = vm !== undefined && request.afterCapture === 'restore';
  const scopes = scopesOf(neededRights(request)).filter((scope) => vm || scope !== request.vm);
  const [vmSize, snapshotsBeside, rights, returns, detached] = await Promise.all([
    vm && recommendsSize ? ifAllowed(compute.vmSize(vm)) : undefined,
    listsSnapshots ? compute.snapshotsBeside(request.vm) : [],
    rightsAt(compute, scopes),
    comesBack && returning(compute, vm, disks, captureOwner(request, origin, vm)),
    vm && detachedFrom(compute, vm, captureOwner(request, origin, vm)),
  ]);
  const nearest = await nearestNames(compute, {
    vm: vm ? undefined : request.vm,
    definition: definition ? undefined : request.definition,
  });
  return {
    now,
    nearest,
    vm,
    disks,
    gallery,
    definition,
    versions,
    softDeleted,
    snapshotsBeside,
    rights,
    encryptionSets,
    ...(regions && regions.length > 0 && { regions }),
    ...(vmSize && { vmSize }),
    ...(returns && returns),
    ...(detached && { detached }),
  };
}

/** New disks that the VM lacks, where another run has brought it back in part. */
async function detachedFrom(compute: Reads, vm: Vm, owner: string) {
  if (runThatGaveOs(vm) === undefined) return undefined;
  const all = await ifAllowed(compute.disksBeside(vm.id));
  return all && leftDetached(vm, all, owner);
}

/**
 * Those of the disk encryption sets that these regions name which exist. An identity that is not allowed
 * to read one cannot make a version with it either (csi-driver#2610), so a refusal ends the run.
 */
export async function encryptionSetsFor(compute: Reads, regions: readonly RegionChoice[]) {
  const sets = await Promise.all(keysOf(regions).map((id) => compute.encryptionSet(id)));
  return sets.filter((set) => set !== undefined);
}

/** What this identity may do at these scopes; those that Azure does not tell are left out. */
export async function rightsAt(compute: Reads, scopes: readonly string[]) {
  const told = await Promise.all(
    scopes.map(async (scope) => ({
      scope,
      permissions: await ifAllowed(compute.permissions(scope)),
    })),
  );
  return told.flatMap(({ scope, permissions }) => (permissions ? [{ scope, permissions }] : []));
}

/** Locks on, above and below what a plan writes to. */
export function locksAround(compute: Reads, steps: readonly Step[]) {
  const { changes, deletions } = writesOf(steps);
  return locksOn(compute, [...changes, ...deletions]);
}

/** Locks on, above and below the resource groups of these; `undefined` when the identity lacks permission to read them. */
export async function locksOn(compute: Reads, ids: readonly string[]) {
  const groups = new Map(ids.map(groupOf).map((group) => [group.toLowerCase(), group]));
  const locks = await ifAllowed(
    Promise.all([...groups.values()].map((group) => compute.locks(group))),
  );
  return locks?.flat();
}

async function vmWithDisks(compute: Reads, id: string) {
  const vm = await compute.vm(id);
  return [vm, vm ? await disksOfVm(compute, vm) : []] as const;
}

/** The managed disks of a VM, OS disk first; one that could not be found is left out. */
export async function disksOfVm(compute: Reads, vm: Vm): Promise<Disk[]> {
  const ids = disksOf(vm).flatMap(({ id }) => id ?? []);
  const disks = await Promise.all(ids.map((id) => compute.disk(id)));
  return disks.filter((disk) => disk !== undefined);
}

/** The gallery of a definition, and which of its versions are in the gallery's recycle bin. */
export async function galleryWithBin(compute: Reads, definition: string) {
  const gallery = await compute.gallery(parentId(definition));
  const softDeleted = gallery?.softDelete ? await compute.softDeletedVersions(definition) : [];
  return [gallery, softDeleted] as const;
}

/** A managed image or a snapshot that a version is made of. */
export const temporaryAt = (compute: Reads, id: string) =>
  resourceKind(id) === 'image' ? compute.image(id) : compute.snapshot(id);

/**
 * Looks at the target's own resources as they are now; reads only.
 *
 * @param known what has been seen this very moment, and need not be asked again
 */
export async function observe(
  compute: Reads,
  target: CaptureTarget,
  known?: Inventory,
): Promise<State> {
  const { source } = target;
  const { request, assumedVm } = target;
  // Of a VM that is only assumed nothing has been made, and its names are not yet names.
  const rollback = assumedVm ? [] : target.snapshots;
  const temporary = assumedVm ? [] : temporariesOf(source);
  const changing = assumedVm
    ? []
    : target.newDisks.flatMap(({ disk, replaces = disk }) => [disk, replaces]);
  const [vm, version, snapshots, temporaries, listed, disks] = await Promise.all([
    known ? known.vm : compute.vm(request.vm),
    known && !known.versions.some(({ id }) => sameId(id, target.version))
      ? undefined
      : compute.version(target.version),
    Promise.all(rollback.map(({ snapshot }) => compute.snapshot(snapshot))),
    Promise.all(temporary.map((id) => temporaryAt(compute, id))),
    request.snapshotRetention === undefined
      ? []
      : (known?.snapshotsBeside ?? compute.snapshotsBeside(request.vm)),
    Promise.all(changing.map((id) => compute.disk(id))),
  ]);
  const { verify } = target;
  const left =
    verify && !assumedVm ? await throwAwaysFor(compute, version ?? target.version, verify) : {};
  const passed = verify && version && passedVerification(version, verify.script);
  // What another VM of the same name uses was not the captured one's.
  const goes = request.afterCapture === 'delete' && vm?.vmId === target.vmId;
  const parts = vm && goes ? await partsOf(compute, vm) : [];
  return {
    vm,
    version,
    snapshots: snapshots.filter((snapshot) => snapshot !== undefined),
    temporaries: temporaries.filter((temporary) => temporary !== undefined),
    attached: parts.filter(({ own }) => own).map(({ id }) => id),
    expired: await expiredAmong(compute, listed, {
      tags: target.tags,
      vm: request.vm,
      keep: request.snapshotRetention ?? 1,
      isMade: version !== undefined,
    }),
    ...left,
    disks: disks.filter((disk) => disk !== undefined),
    ...(passed && !request.ephemeral && { verification: passed }),
  };
}
