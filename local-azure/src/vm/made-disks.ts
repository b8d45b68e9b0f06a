/** The disks that come into being with a VM, or with an update that adds an empty one. */
import type { Arm } from '../arm.ts';
import { groupId, parseId } from '../arm-id.ts';
import { stamp } from '../clock.ts';
import { type JsonObject, numberAt, objectAt, textAt } from '../json.ts';
import { bytesOf, performanceOf, skuTier } from '../providers/disk-performance.ts';
import { asResource, type Resource } from '../world.ts';

/** What a disk takes from the image it is made from; nothing for an empty one. */
export interface DiskOrigin {
  readonly properties: JsonObject;
  readonly sizeGB: number;
  /** What it says of the image it comes from. */
  readonly creationData?: JsonObject | undefined;
  /** How a name that is not given begins, after the VM's. */
  readonly part: string;
}

/**
 * Makes the managed disk of an entry of the storage profile, and completes the entry with its
 * name, size and ID (recorded: `vm1_OsDisk_1_…`, `vm1_disk2_…`).
 */
export function makeDisk(arm: Arm, vm: Resource, entry: JsonObject, origin: DiskOrigin): void {
  const name = textAt(entry, 'name') ?? `${vm.name}_${origin.part}_${arm.random.hex(32)}`;
  const id = `${groupId(vm.id)}/providers/Microsoft.Compute/disks/${name}`;
  const sku = textAt(entry, 'managedDisk', 'storageAccountType') ?? usualSku(vm);
  const sizeGB = numberAt(entry, 'diskSizeGB') ?? origin.sizeGB;
  entry.name = name;
  entry.diskSizeGB = sizeGB;
  entry.managedDisk = { ...objectAt(entry, 'managedDisk'), storageAccountType: sku, id };
  arm.world.put(
    asResource({
      id,
      location: vm.location,
      tags: vm.tags ?? {},
      sku: { name: sku, tier: skuTier(sku) },
      ...(vm.zones === undefined ? {} : { zones: vm.zones }),
      properties: {
        ...origin.properties,
        creationData: {
          createOption: entry.createOption === 'Empty' ? 'Empty' : 'FromImage',
          ...origin.creationData,
        },
        diskSizeGB: sizeGB,
        ...performanceOf({ sku, sizeGB, now: arm.now() }),
        diskSizeBytes: bytesOf(sizeGB),
        encryption: { type: 'EncryptionAtRestWithPlatformKey' },
        networkAccessPolicy: 'AllowAll',
        publicNetworkAccess: 'Enabled',
        timeCreated: stamp(arm.now()),
        provisioningState: 'Succeeded',
        uniqueId: arm.random.uuid(),
      },
    }),
  );
}

/**
 * What the service adds to the entry of a data disk (recorded in
 * test_vm_create_by_attach_os_and_data_disks); a disk that is a VHD is not a managed one.
 */
export function completeDataDisk(arm: Arm, vm: Resource, entry: JsonObject): JsonObject {
  const id = textAt(entry, 'managedDisk', 'id');
  const disk = arm.world.get(id ?? '');
  const size = numberAt(disk, 'properties', 'diskSizeGB');
  const completed: JsonObject = {
    ...(id === undefined ? {} : { name: parseId(id).names.at(-1) ?? '' }),
    caching: 'None',
    ...(size === undefined ? {} : { diskSizeGB: size }),
    deleteOption: 'Detach',
    toBeDetached: false,
    ...entry,
  };
  if (entry.vhd !== undefined) return completed;
  const storageAccountType = textAt(disk, 'sku', 'name') ?? usualSku(vm);
  return { ...completed, managedDisk: { storageAccountType, ...objectAt(entry, 'managedDisk') } };
}

/**
 * The SKU of a disk that asks for none: Premium_LRS where the size of the VM can have it (recorded
 * with Standard_DS1_v2 and Standard_M64ms), as an `s` in its name tells (sizes/vm-naming-conventions).
 */
export function usualSku(vm: unknown): string {
  const size = textAt(vm, 'properties', 'hardwareProfile', 'vmSize') ?? '';
  const isPremium = /^(Standard_)?([A-Z]+S\d|[A-Za-z]+\d+(-\d+)?[a-z]*s)/.test(size);
  return isPremium || size === '' ? 'Premium_LRS' : 'Standard_LRS';
}
