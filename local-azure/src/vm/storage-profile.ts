/** The storage profile that an update makes of a VM's. */
import type { Arm } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { tellsDiskController } from '../service-history.ts';
import type { Resource } from '../world.ts';
import { spellDisks } from './filled.ts';
import { generationOf } from './instance-view.ts';
import { completeDataDisk } from './made-disks.ts';
import { managedDiskId } from './model.ts';

/** What was sent of it, completed with what stays; disks that are left out are to be detached. */
export function storageProfile(
  arm: Arm,
  vm: Resource,
  given: JsonObject,
  apiVersion: string,
): JsonObject {
  spellDisks(given);
  const old = objectAt(vm, 'properties', 'storageProfile');
  const osDisk = diskEntry(objectAt(old, 'osDisk'), objectAt(given, 'osDisk'));
  completeManagedDisk(arm, osDisk);
  const imageReference = {
    ...objectAt(old, 'imageReference'),
    ...objectAt(given, 'imageReference'),
  };
  const hasImage = Object.keys(imageReference).length > 0;
  const profile: JsonObject = { ...old, ...given, ...(hasImage ? { imageReference } : {}), osDisk };
  // A VM of the second generation says how its disks are attached (recorded).
  const tells = tellsDiskController(arm.now(), textAt(vm, 'location'));
  if (generationOf(vm) === 'V2' && tells) profile.diskControllerType ??= 'SCSI';
  if (!Array.isArray(given.dataDisks)) return profile;
  return { ...profile, dataDisks: dataDisks(arm, vm, objectsAt(given, 'dataDisks'), apiVersion) };
}

/** API version since which a disk that is being detached is still shown (recorded). */
const toBeDetachedSince = '2019-03-01';

/** Disks that stay come first, with those that go until they are gone; then the new ones. */
function dataDisks(
  arm: Arm,
  vm: Resource,
  given: readonly JsonObject[],
  apiVersion: string,
): JsonObject[] {
  const old = objectsAt(vm, 'properties', 'storageProfile', 'dataDisks');
  const kept = old.flatMap((entry) => {
    const sent = given.find((each) => isSameDisk(entry, each));
    if (sent !== undefined) return [diskEntry(entry, sent)];
    return apiVersion < toBeDetachedSince ? [] : [{ ...entry, toBeDetached: true }];
  });
  const added = given.filter((each) => !old.some((entry) => isSameDisk(entry, each)));
  return [...kept, ...added.map((entry) => completeDataDisk(arm, vm, entry))];
}

function isSameDisk(old: JsonObject, given: JsonObject): boolean {
  const [was, is] = [managedDiskId(old), managedDiskId(given)];
  if (was !== undefined && is !== undefined) return sameId(was, is);
  const isNamed = typeof given.name === 'string' && typeof old.name === 'string';
  return isNamed ? given.name === old.name : given.lun === old.lun;
}

/** A managed disk tells its kind, also one that takes another's place (recorded of data disks). */
function completeManagedDisk(arm: Arm, entry: JsonObject): void {
  const disk = arm.world.get(managedDiskId(entry) ?? '');
  const storageAccountType = textAt(disk, 'sku', 'name');
  if (storageAccountType === undefined) return;
  entry.managedDisk = { storageAccountType, ...objectAt(entry, 'managedDisk') };
}

/** What a body leaves out of an entry for the same disk, or says to be null (azure-cli does), stays. */
function diskEntry(old: JsonObject, sent: JsonObject): JsonObject {
  const given = withoutNulls(sent);
  const ids = [textAt(old, 'managedDisk', 'id'), textAt(given, 'managedDisk', 'id')];
  if (ids[1] !== undefined && !sameId(ids[0], ids[1])) return { ...old, ...given };
  const managedDisk = { ...objectAt(old, 'managedDisk'), ...objectAt(given, 'managedDisk') };
  return { ...old, ...given, ...(ids[0] === undefined ? {} : { managedDisk }) };
}

function withoutNulls(entry: JsonObject): JsonObject {
  const pairs = Object.entries(entry).filter(([, value]) => value !== null);
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, isObject(value) ? withoutNulls(value) : value]),
  ) as JsonObject;
}
