import type {
  EncryptionImages,
  GalleryImageVersion,
  GalleryImageVersionStorageProfile,
  Image,
  Snapshot,
} from '@azure/arm-compute';
import type { RegionEncryption } from '../domain/encryption.ts';
import type { Source } from '../domain/source.ts';
import type { ImageOrder, SnapshotOrder, VersionOrder } from '../run/ports.ts';

/**
 * The snapshot as it is sent. One to go back to is incremental, and closed, because it holds the
 * whole disk: DenyAll forbids exporting it, and public access is switched off besides (azure.md
 * §4, "Exposure"). Nobody knows whether Azure takes such a one as the source of a version, so one
 * to capture from is left at the defaults, as recorded (test_gallery_specialized); it lives
 * minutes. The SKU is left to Azure, which takes ZRS where the region has it (§4, "Incremental").
 */
export const snapshotBody = ({ disk, location, tags, purpose }: SnapshotOrder): Snapshot => ({
  location,
  tags: { ...tags },
  creationData: { createOption: 'Copy', sourceResourceId: disk },
  ...(purpose === 'rollback' && {
    incremental: true,
    networkAccessPolicy: 'DenyAll',
    publicNetworkAccess: 'Disabled',
  }),
});

/** A managed image takes all disks of its VM (recorded: test_shared_gallery). */
export const imageBody = ({ location, tags, vm, generation }: ImageOrder): Image => ({
  location,
  tags: { ...tags },
  sourceVirtualMachine: { id: vm },
  ...(generation && { hyperVGeneration: generation }),
});

/**
 * The version as it is sent. Everything whose default has changed between API versions is said
 * explicitly (azure.md §0 no. 9, §1): storage, mode, replicas, exclusion, safety profile.
 */
export function versionBody(order: VersionOrder): GalleryImageVersion {
  const { storageAccountType } = order;
  return {
    location: order.location,
    tags: { ...order.tags },
    storageProfile: storageProfile(order.source),
    publishingProfile: {
      targetRegions: order.regions.map((region) => ({
        name: region.name,
        regionalReplicaCount: region.replicas,
        ...(region.storageAccountType && { storageAccountType: region.storageAccountType }),
        ...(region.excludeFromLatest !== undefined && {
          excludeFromLatest: region.excludeFromLatest,
        }),
        ...(region.encryption && { encryption: encryptionBody(region.encryption) }),
      })),
      replicaCount: order.replicas,
      excludeFromLatest: order.excludeFromLatest,
      replicationMode: order.replicationMode,
      ...(storageAccountType
        ? { storageAccountType }
        : { storageAccountStrategy: 'PreferStandard_ZRS' }),
      ...(order.endOfLife && { endOfLifeDate: order.endOfLife }),
    },
    safetyProfile: {
      allowDeletionOfReplicatedLocations: false,
      blockDeletionBeforeEndOfLife: order.blockDeletionBeforeEndOfLife,
    },
  };
}

/** An update may send an empty one: what is stored stays (traffic README, "Shapes"). */
function storageProfile(source: Source | undefined): GalleryImageVersionStorageProfile {
  switch (source?.from) {
    case undefined:
      return {};
    case 'vm':
      return { source: { virtualMachineId: source.vm } };
    case 'image':
      return { source: { id: source.image } };
    case 'disks':
      return {
        osDiskImage: { source: { id: source.os } },
        dataDiskImages: source.data.map(({ lun, snapshot }) => ({ lun, source: { id: snapshot } })),
      };
  }
}

/** A copy that the SDK's mutable types take. */
const encryptionBody = ({ osDiskImage, dataDiskImages }: RegionEncryption): EncryptionImages => ({
  ...(osDiskImage && { osDiskImage }),
  ...(dataDiskImages && { dataDiskImages: dataDiskImages.map((disk) => ({ ...disk })) }),
});
