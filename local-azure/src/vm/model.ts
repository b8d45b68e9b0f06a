/** What a VM's model says about its disks and NICs, and keeping those in step with it. */
import { sameId } from '../arm-id.ts';
import { stamp } from '../clock.ts';
import { type ArmError, armError } from '../errors.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import type { Resource, World } from '../world.ts';
import { powerOf } from './instance-view.ts';

/** OS disk first, then data disks: their entries in the storage profile. */
export function diskEntries(vm: Resource): JsonObject[] {
  const profile = objectAt(vm, 'properties', 'storageProfile');
  const os = objectAt(profile, 'osDisk');
  return [os, ...objectsAt(profile, 'dataDisks')];
}

/** The managed disk an entry of the storage profile is about. */
export function managedDiskId(entry: JsonObject): string | undefined {
  return textAt(entry, 'managedDisk', 'id');
}

/** The IDs of all managed disks attached to the VM. */
export function diskIds(vm: Resource): string[] {
  return diskEntries(vm).flatMap((entry) => managedDiskId(entry) ?? []);
}

/** The VM's next ETag; it counts changes (recorded). */
export function touch(vm: Resource): void {
  const count = Number(/\d+/.exec(String(vm.etag ?? '"1"'))?.[0] ?? 1);
  vm.etag = `"${count + 1}"`;
}

/** The disks of the VM are its own from now on. */
export function attachDisks(world: World, vm: Resource, now: number, isStart = false): void {
  for (const id of diskIds(vm)) {
    const disk = world.get(id);
    if (disk === undefined) continue;
    // A deallocated VM reserves its disks (DiskState in the disks' API).
    const state = powerOf(vm) === 'deallocated' ? 'Reserved' : 'Attached';
    // Also when the VM was deallocated or started (LastOwnershipUpdateTime in the disks' API).
    const isKept = sameId(textAt(disk, 'managedBy'), vm.id) && disk.properties.diskState === state;
    if (isStart || !isKept) {
      disk.properties.LastOwnershipUpdateTime = stamp(now);
    }
    disk.managedBy = vm.id;
    disk.properties.diskState = state;
  }
}

/** These disks belong to no VM any more. */
export function detachDisks(world: World, ids: readonly string[], now: number): void {
  for (const id of ids) {
    const disk = world.get(id);
    if (disk === undefined) continue;
    // "Last attached or detached" (LastOwnershipUpdateTime in the disks' API).
    if (disk.managedBy !== undefined) disk.properties.LastOwnershipUpdateTime = stamp(now);
    delete disk.managedBy;
    disk.properties.diskState = 'Unattached';
  }
}

/** The NICs of the VM know whose they are. */
export function attachNics(world: World, vm: Resource): void {
  for (const nic of nicEntries(vm)) {
    const found = world.get(textAt(nic, 'id') ?? '');
    if (found !== undefined) found.properties.virtualMachine = { id: vm.id };
  }
}

/** The entries of the network profile. */
export function nicEntries(vm: Resource): JsonObject[] {
  return objectsAt(vm, 'properties', 'networkProfile', 'networkInterfaces');
}

/** A disk to attach must exist and be free (codes and texts from memory). */
export function checkAttachable(world: World, vmId: string, diskId: string): ArmError | undefined {
  const disk = world.get(diskId);
  const name = diskId.split('/').at(-1) ?? diskId;
  if (disk === undefined) {
    return armError(404, 'NotFound', `Resource ${name} is not found.`);
  }
  const owner = textAt(disk, 'managedBy');
  if (owner === undefined || sameId(owner, vmId)) return undefined;
  return armError(
    409,
    'ConflictingUserInput',
    `Disk '${name}' cannot be attached as the disk is already owned by VM '${owner}'.`,
    { target: name },
  );
}
