/** Worlds that break the rules on regions, encryption and locks: see rule-worlds.ts. */

import { parentId } from '../../local-azure/src/arm-id.ts';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { asResource } from '../../local-azure/src/world.ts';
import type { RegionEncryption } from '../../src/domain/encryption.ts';
import type { RegionChoice } from '../../src/domain/regions.ts';
import { buildVm } from './harness.ts';
import type { RuleWorld } from './rule-worlds.ts';
import {
  changeVm,
  compute,
  dataDisk,
  definition,
  deny,
  disks,
  encryptionSet,
  lock,
  osDisk,
  specialized,
} from './world-changes.ts';

const OTHER = '0f1e2d3c-4b5a-4697-8877-665544332211';

const inRegions = (...regions: RegionChoice[]): RuleWorld => ({
  request: (azure) => ({ ...specialized(azure), regions }),
});

/** The home region, encrypted so. */
const atHome = (
  encryption: (azure: LocalAzure) => RegionEncryption,
  ...others: RegionChoice[]
): RuleWorld => ({
  request: (azure) => ({
    ...specialized(azure),
    regions: [{ name: 'westeurope', encryption: encryption(azure) }, ...others],
  }),
});

const osImage = (diskEncryptionSetId: string): RegionEncryption => ({
  osDiskImage: { diskEncryptionSetId },
});

/** Both disks of the build VM under a customer-managed key. */
function keyed(azure: LocalAzure): void {
  const encryption = { diskEncryptionSetId: encryptionSet(azure) };
  for (const name of [osDisk, dataDisk]) disks(azure, name, {}, { encryption });
}

/** A confidential VM, and a definition for such. */
function confidential(azure: LocalAzure): void {
  definition(azure, { features: [{ name: 'SecurityType', value: 'ConfidentialVM' }] });
  changeVm(azure, (vm) => ({ ...vm, securityProfile: { securityType: 'ConfidentialVM' } }));
}

/** A gallery in another subscription, with a definition like the specialized one. */
function awayGallery(azure: LocalAzure): string {
  const id = compute(azure, 'galleries/golden/images/away', OTHER);
  const like = azure.world.get(specialized(azure).definition);
  for (const each of [id.replace('/images/away', ''), id])
    azure.world.put(
      asResource({
        id: each,
        location: 'westeurope',
        properties: {
          ...(each === id ? like?.properties : {}),
          provisioningState: 'Succeeded',
        },
      }),
    );
  return id;
}

const guarded = (): RegionEncryption => ({
  osDiskImage: { securityProfile: { confidentialVMEncryptionType: 'EncryptedWithPmk' } },
});

/** By the rule's id. */
export const regionWorlds: Readonly<Record<string, RuleWorld>> = {
  'region-unknown': inRegions({ name: 'atlantis' }),
  'region-twice': inRegions({ name: 'eastus' }, { name: 'East US' }),
  'region-zone-redundancy': inRegions({ name: 'westus', storageAccountType: 'Standard_ZRS' }),
  'replicas-total': inRegions(
    { name: 'westeurope', replicas: 50 },
    { name: 'eastus', replicas: 51 },
  ),
  'shallow-regions': {
    request: (azure) => ({ ...specialized(azure), replicationMode: 'Shallow', replicas: 2 }),
  },
  'encryption-customer-key': { request: specialized, change: keyed },
  'encryption-confidential': { request: specialized, change: confidential },
  'encryption-confidential-region': {
    ...atHome(guarded, { name: 'northeurope', encryption: guarded() }),
    change: confidential,
  },
  'encryption-partial': atHome((azure) => osImage(encryptionSet(azure)), { name: 'northeurope' }),
  'encryption-lun': atHome((azure) => ({
    dataDiskImages: [{ lun: 5, diskEncryptionSetId: encryptionSet(azure) }],
  })),
  'encryption-lun-twice': atHome((azure) => ({
    dataDiskImages: [
      { lun: 0, diskEncryptionSetId: encryptionSet(azure) },
      { lun: 0, diskEncryptionSetId: encryptionSet(azure) },
    ],
  })),
  'encryption-set-subscription': atHome((azure) =>
    osImage(encryptionSet(azure, 'westeurope', OTHER)),
  ),
  'encryption-set-missing': atHome((azure) => osImage(compute(azure, 'diskEncryptionSets/gone'))),
  'encryption-set-region': atHome((azure) => osImage(encryptionSet(azure, 'northeurope'))),
  'encryption-source-subscription': {
    change: keyed,
    request: (azure) => {
      const set = encryptionSet(azure, 'westeurope', OTHER);
      const dataDiskImages = [{ lun: 0, diskEncryptionSetId: set }];
      const encryption = { ...osImage(set), dataDiskImages };
      return { definition: awayGallery(azure), regions: [{ name: 'westeurope', encryption }] };
    },
  },
  locked: {
    request: (azure) => ({ ...specialized(azure), afterCapture: 'delete' }),
    change: (azure) => {
      lock(azure, buildVm(azure).split('/providers/')[0] ?? '', 'CanNotDelete');
    },
  },
  'policy-denies': {
    request: specialized,
    change: (azure) => deny(azure),
  },
  'locked-read-only': {
    request: specialized,
    change: (azure) => lock(azure, parentId(specialized(azure).definition), 'ReadOnly'),
  },
};
