import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { JsonObject } from '../../local-azure/src/json.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { buildVm, definitionId } from './harness.ts';

/** Resource ID of version 1.0.0 of the default definition. */
export const storedVersionId = (azure: LocalAzure): string =>
  `${definitionId(azure)}/versions/1.0.0`;

/** A region as Azure shows it; those that are not said to have failed are complete. */
export type StoredRegion = JsonObject & { readonly name: string; readonly failed?: true };

/** Puts version 1.0.0 there, not in `latest`, without the minutes that a capture of it takes. */
export function putVersion(
  azure: LocalAzure,
  regions: readonly StoredRegion[],
  published = '2026-11-01T00:00:00+00:00',
): void {
  const failed = regions.some((region) => region.failed);
  const targetRegions = regions.map(({ failed: _, ...region }) => ({
    regionalReplicaCount: 1,
    storageAccountType: 'Standard_ZRS',
    ...region,
  }));
  const summary = regions.map((region) => ({
    region: region.name,
    state: region.failed ? 'Failed' : 'Completed',
    progress: region.failed ? 40 : 100,
    details: '',
  }));
  azure.world.put(
    asResource({
      id: storedVersionId(azure),
      location: 'westeurope',
      tags: { team: 'images' },
      properties: {
        provisioningState: failed ? 'Failed' : 'Succeeded',
        publishingProfile: {
          targetRegions,
          replicaCount: 1,
          excludeFromLatest: true,
          publishedDate: published,
          storageAccountStrategy: 'PreferStandard_ZRS',
          replicationMode: 'Full',
        },
        storageProfile: {
          source: { virtualMachineId: buildVm(azure) },
          osDiskImage: { sizeInGB: 64, hostCaching: 'ReadWrite', source: {} },
        },
        safetyProfile: { allowDeletionOfReplicatedLocations: false },
        replicationStatus: { aggregatedState: failed ? 'Failed' : 'Completed', summary },
      },
    }),
  );
}

/** IDs of VMs, interfaces and disks that are there for a verification. */
export function leftOf(azure: LocalAzure): string[] {
  azure.settle();
  return azure.world
    .all()
    .map(({ id }) => id)
    .filter((id) => /\/verify-[^/]*$/.test(id));
}
