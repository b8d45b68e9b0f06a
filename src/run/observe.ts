import { type Disk, disksOf, type Observed, type Survey } from '../domain/observed.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { parentId } from '../domain/resource-id.ts';
import { expiredSnapshots } from '../domain/retention.ts';
import { temporariesOf } from '../domain/source.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { companionsLeft, companionsOf } from './companions.ts';
import type { Reads } from './ports.ts';

/** Looks at everything that resolving and the preflight rules need; reads only. */
export async function survey(compute: Reads, request: CaptureRequest): Promise<Survey> {
  const now = new Date();
  const [[vm, disks], [gallery, softDeleted], definition, versions] = await Promise.all([
    vmWithDisks(compute, request.vm),
    galleryWithBin(compute, request.definition),
    compute.definition(request.definition),
    compute.versions(request.definition),
  ]);
  const companions = vm && request.afterCapture === 'delete' ? await companionsOf(compute, vm) : [];
  const snapshotsBeside = !vm && request.snapshot ? await compute.snapshotsBeside(request.vm) : [];
  return {
    now,
    vm,
    disks,
    gallery,
    definition,
    versions,
    softDeleted,
    companions,
    snapshotsBeside,
  };
}

async function vmWithDisks(compute: Reads, id: string) {
  const vm = await compute.vm(id);
  const ids = vm ? disksOf(vm).flatMap((disk) => disk.id ?? []) : [];
  const disks = await Promise.all(ids.map((disk) => compute.disk(disk)));
  return [vm, disks.filter((disk): disk is Disk => disk !== undefined)] as const;
}

async function galleryWithBin(compute: Reads, definition: string) {
  const gallery = await compute.gallery(parentId(definition));
  const softDeleted = gallery?.softDelete ? await compute.softDeletedVersions(definition) : [];
  return [gallery, softDeleted] as const;
}

/** Looks at the target's own resources as they are now; reads only. */
export async function observe(compute: Reads, target: CaptureTarget): Promise<Observed> {
  const { source } = target;
  const readTemporary = (id: string) =>
    source?.from === 'image' ? compute.image(id) : compute.snapshot(id);
  const { request } = target;
  const [vm, version, snapshots, temporaries, companions, listed] = await Promise.all([
    compute.vm(request.vm),
    compute.version(target.version),
    Promise.all(target.snapshots.map(({ snapshot }) => compute.snapshot(snapshot))),
    Promise.all((source ? temporariesOf(source) : []).map(readTemporary)),
    companionsLeft(compute, target.companions, request.vm),
    request.snapshotRetention === undefined ? [] : compute.snapshotsBeside(request.vm),
  ]);
  return {
    vm,
    version,
    snapshots: snapshots.filter((snapshot) => snapshot !== undefined),
    temporaries: temporaries.filter((temporary) => temporary !== undefined),
    companions,
    expired: expiredSnapshots(listed, target.tags, request.snapshotRetention ?? 1),
  };
}
