/**
 * For every rule of a promotion that foretells a refusal of Azure's, a world that breaks it: with
 * the checks the run stops before any write, without them the local Azure refuses.
 */

import { parentId } from '../../local-azure/src/arm-id.ts';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { type JsonObject, objectAt } from '../../local-azure/src/json.ts';
import type { RegionEncryption } from '../../src/domain/encryption.ts';
import type { CaptureRequest, PromoteRequest } from '../../src/domain/request.ts';
import { resourceIdOf } from '../../src/domain/resource-id.ts';
import { definitionId, promote } from './harness.ts';
import { DESTINATION, inDev, OTHER, stored } from './promotion.ts';
import { ask, deny, encryptionSet, lock, restrict } from './world-changes.ts';

/** A world that breaks a rule. */
export interface PromoteWorld {
  /** How version 1.0.0 was captured. */
  readonly begin?: Partial<CaptureRequest>;
  readonly change?: (azure: LocalAzure) => Promise<void> | void;
  readonly asked?: (azure: LocalAzure) => Partial<PromoteRequest>;
  /** The request that Azure refuses, where the action itself would never send it. */
  readonly ask?: (azure: LocalAzure) => Promise<string>;
}

const copy = (asked: Partial<PromoteRequest> = {}) => ({ destination: DESTINATION, ...asked });

/** A copy, asked for so. */
const copies = (asked: Partial<PromoteRequest> = {}): PromoteWorld => ({
  asked: () => copy(asked),
});

/** A change where the version is, asked for so. */
const changes = (asked: Partial<PromoteRequest>): PromoteWorld => ({ asked: () => asked });

/** The home region of the copy, encrypted so. */
const keyed = (encryption: (azure: LocalAzure) => RegionEncryption): PromoteWorld => ({
  asked: (azure) => copy({ regions: [{ name: 'westeurope', encryption: encryption(azure) }] }),
});

const osImage = (diskEncryptionSetId: string): RegionEncryption => ({
  osDiskImage: { diskEncryptionSetId },
});

const guarded: RegionEncryption = {
  osDiskImage: { securityProfile: { confidentialVMEncryptionType: 'EncryptedWithPmk' } },
};

/** Changes the properties of a resource. */
function properties(azure: LocalAzure, id: string, more: JsonObject): void {
  stored(azure, id);
  Object.assign(azure.world.get(id)?.properties ?? {}, more);
}

/** Changes what version 1.0.0 says of itself. */
const source = (more: JsonObject) => (azure: LocalAzure) => properties(azure, inDev(azure), more);

const profile = (more: JsonObject) => (azure: LocalAzure) => {
  stored(azure, inDev(azure));
  Object.assign(objectAt(azure.world.get(inDev(azure)), 'properties', 'publishingProfile'), more);
};

const definition = (more: JsonObject) => (azure: LocalAzure) =>
  properties(azure, DESTINATION, more);

/** Both definitions for images of confidential VMs. */
function confidential(azure: LocalAzure): void {
  const features = [{ name: 'SecurityType', value: 'ConfidentialVM' }];
  for (const id of [DESTINATION, definitionId(azure)]) properties(azure, id, { features });
}

/** Another version with the number of the copy. */
const namesake = (provisioningState: string) => (azure: LocalAzure) => {
  const other = stored(azure, inDev(azure));
  azure.world.put({
    ...other,
    id: `${DESTINATION}/versions/1.0.0`,
    tags: {},
    properties: { ...other.properties, provisioningState },
  });
};

/** One that was made of something else. */
const ofAnotherSource = (provisioningState: string) => (azure: LocalAzure) => {
  namesake(provisioningState)(azure);
  const id = `${DESTINATION}/versions/1.0.0`;
  properties(azure, id, { storageProfile: { source: { id: `${inDev(azure)}-other` } } });
};

/** Puts a copy, of version 1.0.0 unless told otherwise. */
const putCopy = (
  azure: LocalAzure,
  { of = inDev(azure), into = DESTINATION, name = '1.0.0', location = 'westeurope' } = {},
) =>
  ask(azure, 'PUT', `${into}/versions/${name}`, {
    location,
    properties: {
      publishingProfile: { targetRegions: [{ name: location }] },
      storageProfile: { source: { id: of } },
    },
  });

/** Puts version 1.0.0 as it is, but for this of its publishing profile. */
const putAgain = (azure: LocalAzure, more: JsonObject) => {
  const { location, properties: kept } = stored(azure, inDev(azure));
  const { publishedDate: _, ...before } = objectAt(kept, 'publishingProfile');
  return ask(azure, 'PUT', inDev(azure), {
    location,
    properties: { publishingProfile: { ...before, ...more }, storageProfile: {} },
  });
};

const TWO = { regions: [{ name: 'westeurope' }, { name: 'northeurope' }] };
const replace = (name: string) => ({ regionChanges: 'replace' as const, regions: [{ name }] });

/** By the rule's id. */
export const promoteWorlds: Readonly<Record<string, PromoteWorld>> = {
  'source-missing': {
    asked: (azure) => copy({ source: { definition: definitionId(azure), version: '9.9.9' } }),
    ask: (azure) => putCopy(azure, { of: inDev(azure).replace('1.0.0', '9.9.9') }),
  },
  'source-deleting': {
    change: source({ provisioningState: 'Deleting' }),
    ...changes({ tags: { stage: 'prod' } }),
    ask: (azure) => putAgain(azure, {}),
  },
  'source-not-ready': { begin: { waitFor: 'none' }, ...copies() },
  'source-customer-key': {
    change: (azure) => {
      const encryption = osImage(encryptionSet(azure)) as JsonObject;
      profile({ targetRegions: [{ name: 'West Europe', regionalReplicaCount: 1, encryption }] })(
        azure,
      );
    },
    ...copies(),
  },
  'source-shallow': { begin: { replicationMode: 'Shallow' }, ...copies() },

  'copy-gallery-missing': {
    ...copies({ destination: DESTINATION.replace('production', 'nowhere') }),
    ask: (azure) => putCopy(azure, { into: DESTINATION.replace('production', 'nowhere') }),
  },
  'copy-definition-missing': {
    ...copies({ destination: `${DESTINATION}-none` }),
    ask: (azure) => putCopy(azure, { into: `${DESTINATION}-none` }),
  },
  'copy-definition-differs': { change: definition({ hyperVGeneration: 'V1' }), ...copies() },
  'copy-security-type': {
    change: definition({ features: [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }] }),
    ...copies(),
  },
  'copy-plan': {
    change: definition({ purchasePlan: { name: 'n', publisher: 'p', product: 'o' } }),
    ...copies(),
  },
  'copy-home-region': {
    ...copies({ regions: [{ name: 'eastus2' }] }),
    ask: (azure) => putCopy(azure, { location: 'eastus2' }),
  },
  'version-taken': {
    change: ofAnotherSource('Succeeded'),
    ...copies(),
    ask: (azure) => putCopy(azure),
  },
  'version-failed': {
    change: ofAnotherSource('Failed'),
    ...copies(),
    ask: (azure) => putCopy(azure),
  },
  'version-deleting': {
    change: namesake('Deleting'),
    ...copies(),
    ask: (azure) => putCopy(azure),
  },
  'version-exhausted': {
    change: (azure) => {
      const other = stored(azure, inDev(azure));
      azure.world.put({
        ...other,
        id: `${DESTINATION}/versions/2147483647.0.0`,
        name: '2147483647.0.0',
      });
    },
    ...copies({ version: { choose: 'next', part: 'major' } }),
    ask: (azure) => putCopy(azure, { name: '2147483648.0.0' }),
  },

  'region-removal': {
    begin: TWO,
    ...changes(replace('westeurope')),
    ask: (azure) => putAgain(azure, { targetRegions: [{ name: 'westeurope' }] }),
  },
  'region-home': {
    begin: TWO,
    ...changes({ ...replace('northeurope'), allowRegionRemoval: true }),
  },
  'region-storage-fixed': changes({
    regions: [{ name: 'westeurope', storageAccountType: 'Premium_LRS' }],
  }),
  'version-storage-fixed': {
    begin: { storageAccountType: 'Standard_LRS' },
    ...changes({ storageAccountType: 'Standard_ZRS' }),
    ask: (azure) => putAgain(azure, { storageAccountType: 'Standard_ZRS' }),
  },
  'region-encryption-fixed': {
    asked: (azure) => ({
      regions: [{ name: 'westeurope', encryption: osImage(encryptionSet(azure)) }],
    }),
  },
  'tags-full': {
    change: (azure) => {
      stored(azure, inDev(azure));
      const version = azure.world.get(inDev(azure));
      const names = Array.from({ length: 50 }, (_, index) => [`t${index}`, '']);
      if (version) version.tags = Object.fromEntries(names);
    },
    ...changes({ tags: { one: 'more' } }),
  },

  'version-end-of-life': {
    change: profile({ endOfLifeDate: '2026-11-01T00:00:00+00:00' }),
    ...copies(),
  },
  'region-unknown': changes({ regions: [{ name: 'atlantis' }] }),
  'region-twice': changes({ regions: [{ name: 'eastus2' }, { name: 'East US 2' }] }),
  'region-zone-redundancy': changes({
    regions: [{ name: 'westus', storageAccountType: 'Standard_ZRS' }],
  }),
  'replicas-total': changes({ regions: [{ name: 'eastus2', replicas: 100 }] }),

  'encryption-partial': {
    asked: (azure) => ({
      regions: [{ name: 'northeurope', encryption: osImage(encryptionSet(azure, 'northeurope')) }],
    }),
  },
  'encryption-lun-twice': keyed((azure) => {
    const set = encryptionSet(azure, 'westeurope', OTHER);
    return { dataDiskImages: [0, 0].map((lun) => ({ lun, diskEncryptionSetId: set })) };
  }),
  'encryption-set-subscription': keyed((azure) => osImage(encryptionSet(azure))),
  'encryption-set-missing': keyed((azure) =>
    osImage(encryptionSet(azure, 'westeurope', OTHER).replace('keys-', 'gone-')),
  ),
  'encryption-set-region': keyed((azure) => osImage(encryptionSet(azure, 'northeurope', OTHER))),
  'encryption-confidential': { change: confidential, ...copies() },
  'encryption-confidential-region': {
    begin: TWO,
    change: confidential,
    ...copies({ regions: TWO.regions.map((region) => ({ ...region, encryption: guarded })) }),
  },

  locked: {
    change: async (azure) => {
      const error = { code: 'AllocationFailed', message: 'It failed.' };
      const match = { method: 'PUT', path: '**/production/**/versions/*' };
      azure.faults.add({ match, fate: { operation: { status: 'Failed', error } }, times: 1 });
      await promote(azure, copy());
      lock(azure, parentId(DESTINATION), 'CanNotDelete');
    },
    ...copies(),
  },
  'policy-denies': {
    change: (azure) => deny(azure),
    ...copies(),
  },
  'locked-read-only': {
    change: (azure) => lock(azure, parentId(DESTINATION), 'ReadOnly'),
    ...copies(),
  },
  'rights-missing': {
    change: (azure) =>
      restrict(
        azure,
        ['Microsoft.Authorization/permissions/read'],
        resourceIdOf(DESTINATION).subscriptionId,
      ),
    ...copies(),
  },
};
