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
  const sku = textAt(entry, 'managedDisk', 'storageAccountType') ?? 'Premium_LRS';
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
      properties: {
        ...origin.properties,
        creationData: { createOption: entry.createOption === 'Empty' ? 'Empty' : 'FromImage' },
        diskSizeGB: sizeGB,
        ...performanceOf(sku, sizeGB),
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

/** What the service adds to the entry of a data disk (recorded in test_vm_create_by_attach_os_and_data_disks). */
export function completeDataDisk(arm: Arm, entry: JsonObject): JsonObject {
  const id = textAt(entry, 'managedDisk', 'id');
  const disk = arm.world.get(id ?? '');
  const storageAccountType = textAt(disk, 'sku', 'name');
  const size = numberAt(disk, 'properties', 'diskSizeGB');
  return {
    ...(id === undefined ? {} : { name: parseId(id).names.at(-1) ?? '' }),
    caching: 'None',
    ...(size === undefined ? {} : { diskSizeGB: size }),
    deleteOption: 'Detach',
    toBeDetached: false,
    ...entry,
    managedDisk: {
      ...(storageAccountType === undefined ? {} : { storageAccountType }),
      ...objectAt(entry, 'managedDisk'),
    },
  };
}
