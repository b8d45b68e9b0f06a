/** The disks of a version's source, as far as the source tells of them. */
import type { Arm } from '../../arm.ts';
import { numberAt, objectAt, objectsAt, textAt } from '../../json.ts';
import type { Resource } from '../../world.ts';

/** One disk of the source. */
export interface SourceDisk {
  /** Undefined for the OS disk. */
  readonly lun: number | undefined;
  readonly sizeGB: number;
  readonly hostCaching: string;
  readonly sku: string | undefined;
  /** The disk, snapshot or image resource it was read from. */
  readonly resource: Resource | undefined;
}

/** Size of a VHD, which nothing tells: that of the Linux images in the recordings. */
export const vhdSizeGB = 30;

/** The disks of a VM: their own resources know more of them than the VM does. */
export function machineDisks(arm: Arm, machine: Resource): SourceDisk[] {
  const profile = objectAt(machine, 'properties', 'storageProfile');
  const all = [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')];
  return all.map((disk, position) => {
    const resource = arm.world.get(textAt(disk, 'managedDisk', 'id') ?? '');
    return {
      lun: position === 0 ? undefined : numberAt(disk, 'lun'),
      sizeGB:
        numberAt(resource, 'properties', 'diskSizeGB') ?? numberAt(disk, 'diskSizeGB') ?? vhdSizeGB,
      hostCaching: textAt(disk, 'caching') ?? 'None',
      sku: textAt(resource, 'sku', 'name') ?? textAt(disk, 'managedDisk', 'storageAccountType'),
      resource,
    };
  });
}

/** The disks of a managed image. */
export function imageDisks(arm: Arm, image: Resource): SourceDisk[] {
  const profile = objectAt(image, 'properties', 'storageProfile');
  const all = [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')];
  return all.map((disk, position) => {
    const from = textAt(disk, 'managedDisk', 'id') ?? textAt(disk, 'snapshot', 'id') ?? '';
    return {
      lun: position === 0 ? undefined : numberAt(disk, 'lun'),
      sizeGB: numberAt(disk, 'diskSizeGB') ?? vhdSizeGB,
      hostCaching: textAt(disk, 'caching') ?? 'None',
      sku: textAt(disk, 'storageAccountType'),
      resource: arm.world.get(from),
    };
  });
}

/** The disks of another version. */
export function versionDisks(version: Resource): SourceDisk[] {
  const profile = objectAt(version, 'properties', 'storageProfile');
  const all = [objectAt(profile, 'osDiskImage'), ...objectsAt(profile, 'dataDiskImages')];
  return all.map((disk, position) => ({
    lun: position === 0 ? undefined : numberAt(disk, 'lun'),
    sizeGB: numberAt(disk, 'sizeInGB') ?? vhdSizeGB,
    hostCaching: textAt(disk, 'hostCaching') ?? 'None',
    sku: undefined,
    resource: undefined,
  }));
}
