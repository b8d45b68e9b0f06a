import { isProvenOurs } from '../../domain/claim.ts';
import type { Inventory, State } from '../../domain/observed.ts';
import { holdsKey, SUFFIXES } from '../../domain/owner.ts';
import { defined } from '../../domain/plain-objects.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import { nameOf, resourceKind, sameId } from '../../domain/resource-id.ts';
import { madeFor } from '../../domain/restore.ts';
import { type CaptureTarget, claimToTemporary } from '../../domain/target.ts';
import { passedVerification } from '../../domain/verification.ts';
import { temporariesOf } from '../../domain/version-order.ts';
import { type Disk, type DiskCopy, isMadeOf, type Vm } from '../../domain/vm.ts';
import { areThoseTaken, leftDetached, runThatGaveOs } from '../../plan/after-capture.ts';
import { asEphemeral, isTaken, planCapture } from '../../plan/capture.ts';
import { withoutSnapshot } from '../../plan/capture-steps.ts';
import { neededRights } from '../../plan/needed-rights.ts';
import type { Origin } from '../../plan/origin.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import { reportFacts } from '../../plan/reported.ts';
import { captureOwner, resolveCapture } from '../../plan/resolve-capture.ts';
import { rootsOf } from '../ancestors.ts';
import { partsOf } from '../attached.ts';
import { nearestNames } from '../meant-resource.ts';
import {
  disksOfVm,
  encryptionSetsFor,
  expiredAmong,
  galleryWithBin,
  rightsAt,
  temporaryAt,
} from '../observe.ts';
import type { Operation, Situation } from '../operation.ts';
import type { Reads } from '../ports.ts';
import { allReads, ifAllowed, thatExist } from '../reading.ts';
import { lookAround } from '../surroundings.ts';
import { throwAwaysFor } from '../verify/throw-aways.ts';

/** A build VM becomes an image version. */
export function captureOperation(asked: CaptureRequest, origin: Origin): Operation<CaptureTarget> {
  const request = asked.ephemeral ? asEphemeral(asked, origin.runId) : asked;
  return {
    async prepare(compute, dryRun) {
      const inventory = await takeInventory(compute, request, origin);
      const { found, namesTaken } = await named(compute, inventory, (suffix) =>
        resolveCapture(request, origin, inventory, suffix, dryRun),
      );
      const target = found?.target;
      const around = await lookAround(compute, found, {
        ...inventory,
        ...(namesTaken && { namesTaken }),
        unsaved: found && !namesTaken ? withoutSnapshot(found.target, found.seen) : [],
        leftDisks: found ? await leftDisks(compute, found) : [],
      });
      return {
        ...preflight('capture', { request, target, dryRun, origin, ...around }),
        found,
        shown: reportFacts(inventory, target),
      };
    },
    observe,
    plan: planCapture,
    isLost: isTaken,
  };
}

/**
 * Of a VM that an attempt of this run has deleted, the disks that are left: its snapshots tell them, where
 * Azure shows what they are of. The run can do without.
 */
async function leftDisks(compute: Reads, { target, seen }: Situation<CaptureTarget>) {
  if (target.request.afterCapture !== 'delete' || seen.vm || !seen.version) return [];
  const disks = await Promise.all(
    target.snapshots.map(async ({ disk, diskUniqueId }) => {
      const found = resourceKind(disk) === 'disk' && (await ifAllowed(compute.disk(disk)));
      if (!found || found.attachedTo.length > 0) return [];
      const isIt = isMadeOf(defined({ sourceId: disk, sourceUniqueId: diskUniqueId }), found);
      return isIt ? [found.id] : [];
    }),
  );
  return disks.flat();
}

/** Looks at everything that resolving and the preflight rules need; reads only. */
async function takeInventory(
  compute: Reads,
  request: CaptureRequest,
  origin: Origin,
): Promise<Inventory> {
  const now = new Date();
  const [[vm, disks], [gallery, softDeleted], definition, versions, regions, encryptionSets] =
    await allReads([
      vmWithDisks(compute, request.vm),
      galleryWithBin(compute, request.definition),
      compute.definition(request.definition),
      compute.versions(request.definition),
      ifAllowed(compute.galleryRegions(request.definition)),
      encryptionSetsFor(compute, request.regions),
    ]);
  const { snapshot, snapshotRetention } = request;
  const listsSnapshots = snapshotRetention !== undefined || (snapshot && !vm);
  const recommendsSize = Object.keys(definition?.recommended ?? {}).length > 0;
  const comesBack = vm !== undefined && request.afterCapture === 'restore';
  const needs = neededRights(request).filter(({ scope }) => vm || scope !== request.vm);
  const [vmSize, snapshotsBeside, rights, returns, detached] = await Promise.all([
    vm && recommendsSize ? ifAllowed(compute.vmSize(vm)) : undefined,
    listsSnapshots ? compute.snapshotsBeside(request.vm) : [],
    rightsAt(compute, needs),
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
    ...defined({ regions, vmSize, detached }),
    ...returns,
  };
}

async function vmWithDisks(compute: Reads, id: string) {
  const vm = await compute.vm(id);
  return [vm, vm ? await disksOfVm(compute, vm) : []] as const;
}

/**
 * The disks that attempts of this owner have made for the VM, their snapshots of it, and what each of its
 * disks comes from.
 */
async function returning(compute: Reads, vm: Vm, disks: readonly Disk[], owner: string) {
  const [all, listed] = await Promise.all([
    compute.disksBeside(vm.id),
    compute.snapshotsBeside(vm.id),
  ]);
  const made = madeFor(all, vm.id, owner);
  const roots = await rootsOf(compute, vm, disks, made);
  const named = listed.filter(({ id }) => holdsKey(owner, id));
  return { made: [...made.values()], restore: { roots, named, versionsSeen: false } };
}

/** New disks that the VM lacks, where another run has brought it back in part. */
async function detachedFrom(compute: Reads, vm: Vm, owner: string) {
  if (runThatGaveOs(vm) === undefined) return undefined;
  const all = await ifAllowed(compute.disksBeside(vm.id));
  return all && leftDetached(vm, all, owner);
}

/**
 * Resolves with names under which nothing stands, or what this owner made itself: names are the same
 * on each attempt, and who knows them can put something else there beforehand. Where all are taken,
 * the rules refuse the plan, and the names are beside it.
 */
async function named(
  compute: Reads,
  inventory: Inventory,
  resolve: (suffix: string) => CaptureTarget | undefined,
): Promise<{ found?: Situation<CaptureTarget>; namesTaken?: readonly string[] }> {
  const taken = new Set<string>();
  let sketch: Situation<CaptureTarget> | undefined;
  for (const suffix of SUFFIXES) {
    const resolved = resolve(suffix);
    if (!resolved) return {};
    const seen = await observe(compute, resolved, inventory);
    const isFree = namesAreFree(resolved, seen, inventory.disks);
    // A version that is there is completed; the VM gets no disks of what nothing proves.
    const target = isFree ? resolved : { ...resolved, newDisks: [] };
    if (isFree || (seen.version && suffix === SUFFIXES.at(-1)))
      return { found: { target, seen, steps: planCapture(target, seen) } };
    const without = { ...seen, snapshots: [], temporaries: [], disks: [] };
    sketch ??= { target: resolved, seen: without, steps: planCapture(resolved, without) };
    for (const { id } of [...seen.snapshots, ...seen.temporaries, ...newDisksIn(resolved, seen)])
      taken.add(nameOf(id));
  }
  return { ...(sketch && { found: sketch }), namesTaken: [...taken] };
}

/** Dates count until there is a version: from then on the VM may start again. */
const namesAreFree = (target: CaptureTarget, seen: State, disks: readonly Disk[]): boolean => {
  const areOurs = (found: readonly DiskCopy[]) =>
    found.every((each) =>
      isProvenOurs(claimToTemporary(target, each.id, seen.version ? undefined : disks), each),
    );
  const isOfSnapshot = (disk: Disk) =>
    target.newDisks.some(({ disk: id, snapshot }) => {
      // One that an earlier attempt has attached is ours, also when its snapshot is another by now.
      const isUsed = disk.attachedTo.length > 0;
      const taken = isUsed ? undefined : seen.snapshots.find((one) => sameId(one.id, snapshot));
      return sameId(id, disk.id) && isMadeOf(disk, { id: snapshot, uniqueId: taken?.uniqueId });
    });
  return (
    (areOurs(seen.snapshots) || areThoseTaken(target, seen)) &&
    areOurs(seen.temporaries) &&
    newDisksIn(target, seen).every(isOfSnapshot)
  );
};

const newDisksIn = ({ newDisks }: CaptureTarget, { disks = [] }: State): Disk[] =>
  disks.filter(({ id }) => newDisks.some(({ disk }) => sameId(disk, id)));

/**
 * Looks at the target's own resources as they are now; reads only.
 *
 * @param known what has been seen this very moment, and need not be asked again
 */
async function observe(compute: Reads, target: CaptureTarget, known?: Inventory): Promise<State> {
  const { source, request, assumedVm } = target;
  // Of a VM that is only assumed nothing has been made, and its names are not yet names.
  const rollback = assumedVm ? [] : target.snapshots.map(({ snapshot }) => snapshot);
  const temporary = assumedVm ? [] : temporariesOf(source);
  const changing = assumedVm
    ? []
    : target.newDisks.flatMap(({ disk, replaces = disk }) => [disk, replaces]);
  const [vm, version, snapshots, temporaries, listed, disks] = await Promise.all([
    known ? known.vm : compute.vm(request.vm),
    known && !known.versions.some(({ id }) => sameId(id, target.version))
      ? undefined
      : compute.version(target.version),
    thatExist(rollback, (id) => compute.snapshot(id)),
    thatExist(temporary, (id) => temporaryAt(compute, id)),
    request.snapshotRetention === undefined
      ? []
      : (known?.snapshotsBeside ?? compute.snapshotsBeside(request.vm)),
    thatExist(changing, (id) => compute.disk(id)),
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
    snapshots,
    temporaries,
    attached: parts.filter(({ own }) => own).map(({ id }) => id),
    expired: await expiredAmong(compute, listed, {
      tags: target.tags,
      vm: request.vm,
      keep: request.snapshotRetention ?? 1,
      isMade: version !== undefined,
    }),
    ...left,
    disks,
    ...(passed && !request.ephemeral && { verification: passed }),
  };
}
