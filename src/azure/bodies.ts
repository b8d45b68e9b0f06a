import type { GalleryImageVersion, Snapshot } from '@azure/arm-compute';
import type { SnapshotOrder, VersionOrder } from '../run/ports.ts';

/**
 * The snapshot as it is sent: incremental, and closed, because it holds the whole disk. DenyAll
 * forbids exporting it, and public access is switched off besides (azure.md §4, "Exposure"). The
 * SKU is left to Azure, which then takes ZRS where the region has it (§4, "Incremental").
 */
export const snapshotBody = ({ disk, location, tags }: SnapshotOrder): Snapshot => ({
  location,
  tags: { ...tags },
  incremental: true,
  creationData: { createOption: 'Copy', sourceResourceId: disk },
  networkAccessPolicy: 'DenyAll',
  publicNetworkAccess: 'Disabled',
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
    storageProfile: { source: { virtualMachineId: order.vm } },
    publishingProfile: {
      targetRegions: order.regions.map((region) => ({
        name: region.name,
        regionalReplicaCount: region.replicas,
        ...(region.storageAccountType && { storageAccountType: region.storageAccountType }),
        ...(region.excludeFromLatest !== undefined && {
          excludeFromLatest: region.excludeFromLatest,
        }),
      })),
      replicaCount: order.replicas,
      excludeFromLatest: order.excludeFromLatest,
      replicationMode: 'Full',
      ...(storageAccountType
        ? { storageAccountType }
        : { storageAccountStrategy: 'PreferStandard_ZRS' }),
      ...(order.endOfLife && { endOfLifeDate: order.endOfLife }),
    },
    safetyProfile: {
      allowDeletionOfReplicatedLocations: false,
      blockDeletionBeforeEndOfLife: false,
    },
  };
}
