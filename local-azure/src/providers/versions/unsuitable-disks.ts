/** Disks that no version can be made of: some are refused at once, some only when they are copied. */
import { type ErrorBody, invalidParameter } from '../../errors.ts';
import { at, type JsonObject, objectAt, objectsAt } from '../../json.ts';
import type { Source } from './sources.ts';

/** Largest disk that can be replicated, in GB (troubleshooting-shared-images.md). */
const maxSizeGB = 2048;

/**
 * Throws what is refused at once. Texts: troubleshooting-shared-images.md; status and code inferred.
 */
export function requireSuitableDisks(source: Source): void {
  const profile = objectAt(source.resource, 'properties', 'storageProfile');
  if (source.kind === 'virtualMachine') {
    if (at(profile, 'osDisk', 'diffDiskSettings') !== undefined) {
      // (troubleshooting-shared-images.md.)
      throw invalidParameter(
        `Source virtual machine ${source.id} cannot contain an ephemeral OS disk`,
      );
    }
    const entries = [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')];
    if (entries.some((entry) => at(entry, 'vhd') !== undefined)) {
      throw invalidParameter(
        `Source virtual machine ${source.id} must be created from Managed Disks`,
      );
    }
    const ultra = source.disks.find(({ sku }) => sku?.startsWith('UltraSSD_'));
    if (ultra !== undefined) {
      throw invalidParameter(
        `Source virtual machine ${source.id} cannot contain disk ['${ultra.resource?.id}'] stored in an ` +
          'UltraSSD account type',
      );
    }
  }
  const luns = source.disks.map(({ lun }) => lun).filter((lun) => lun !== undefined);
  if (new Set(luns).size < luns.length) {
    throw invalidParameter(
      'Duplicated lun numbers have been detected in the input data disks. Lun number must be unique for ' +
        'each data disk',
    );
  }
  const encrypted = source.disks.find(
    ({ resource }) =>
      at(resource, 'properties', 'encryptionSettingsCollection', 'enabled') === true,
  );
  if (encrypted === undefined) return;
  // That it is refused is from memory, the wording invented.
  throw invalidParameter(
    `Disk ${encrypted.resource?.id} is encrypted by Azure Disk Encryption and cannot be a source.`,
  );
}

/** What the copying of the disks ends with, when it cannot succeed. */
export function uncopiableDisk(source: Source, profile: JsonObject): ErrorBody | undefined {
  const modern = source.disks.find((disk) => /^PremiumV2_/.test(disk.sku ?? ''));
  // (azure-cli#29091: InternalOperationError from the operation.)
  if (modern !== undefined && source.kind === 'virtualMachine') {
    return replicationFailure(
      'InternalOperationError',
      `Snapshots of ${modern.sku} disks are not supported.`,
    );
  }
  const largest = Math.max(0, ...source.disks.map((disk) => disk.sizeGB));
  if (largest <= maxSizeGB || profile.replicationMode === 'Shallow') return undefined;
  // (troubleshooting-shared-images.md; code inferred.)
  return replicationFailure(
    'GallerySourceResourceExceedsMaxSize',
    `The GalleryImageVersion source resource size ${largest} exceeds the max size ${maxSizeGB} supported`,
  );
}

function replicationFailure(code: string, reason: string): ErrorBody {
  return { code, message: `Replication failed in this region due to '${reason}'.` };
}
