/** Boundaries of the rules on what becomes of a promoted version. */
import { DEFINITION_ID, definition, NOW } from '../../worlds.ts';
import { copyVersion, DESTINATION, sourceVersion } from '../promote-judging.ts';
import { encryption, guarded, later, lock, SET, sets, tags, westeurope } from './making.ts';
import {
  between,
  change,
  copy,
  inBoth,
  keyed,
  latest,
  type PromoteBoundary,
  regions,
  secret,
} from './promote-making.ts';

const only = (name: string) => ({ ...regions({ name }), regionChanges: 'replace' as const });
const east = { name: 'eastus', encryption: encryption(`${SET}-east`) };
const eastSet = [...sets(), { id: `${SET}-east`, location: 'eastus' }];
const elsewhere = SET.replace(/11111111/, '99999999');
const stateless = {
  osDiskImage: { securityProfile: { confidentialVMEncryptionType: 'NonPersistedTPM' as const } },
};
const confidential = { seen: { definition: definition({ securityType: 'ConfidentialVM' }) } };
const guardedHome = { regions: [{ name: 'westeurope', replicas: 3, encryption: guarded }] };

const remembering = (text: string) => ({
  tags: { 'golden-image-removed-uksouth': text },
  removed: [{ name: 'uksouth', replicas: 1 }],
});

/** By the rule's id. */
export const changeBoundaries: Readonly<Record<string, PromoteBoundary>> = {
  'region-removal': {
    breaks: change(only('westeurope'), inBoth),
    passes: change({ ...only('westeurope'), allowRegionRemoval: true }, inBoth),
  },
  'region-home': {
    breaks: change({ ...only('eastus'), allowRegionRemoval: true }, inBoth),
    passes: change(
      { ...only('eastus'), allowRegionRemoval: true },
      { ...inBoth, location: 'eastus' },
    ),
  },
  'region-storage-fixed': {
    breaks: change(
      { ...regions(westeurope), storageAccountType: 'Standard_ZRS' },
      { regions: [{ name: 'westeurope', replicas: 3, storageAccountType: 'Premium_LRS' }] },
    ),
    passes: change(
      { ...regions(westeurope, { name: 'eastus' }), storageAccountType: 'Premium_LRS' },
      { regions: [{ name: 'westeurope', replicas: 3, storageAccountType: 'Premium_LRS' }] },
    ),
  },
  'version-storage-fixed': {
    breaks: change({ storageAccountType: 'Standard_ZRS' }),
    passes: change({ storageAccountType: 'Standard_LRS' }),
  },
  'region-encryption-fixed': {
    breaks: change(regions({ ...westeurope, encryption: encryption(`${SET}2`) }), keyed, {
      seen: { encryptionSets: [{ id: `${SET}2`, location: 'westeurope' }] },
    }),
    passes: change(regions({ ...westeurope, encryption: encryption(SET.toUpperCase()) }), keyed, {
      seen: { encryptionSets: sets() },
    }),
  },
  'region-lun': {
    breaks: change(regions({ name: 'eastus', encryption: { dataDiskImages: [{ lun: 1 }] } }), {
      dataDisks: [0],
    }),
    passes: change(regions({ name: 'eastus', encryption: { dataDiskImages: [{ lun: 0 }] } }), {
      dataDisks: [0],
    }),
  },
  'block-without-end': {
    breaks: change({ blockDeletionBeforeEndOfLife: true }),
    passes: change({ blockDeletionBeforeEndOfLife: true, endOfLife: later(9) }),
  },
  'tags-full': {
    breaks: change({ tags: { one: 'more' } }, { tags: tags(50) }),
    passes: change({ tags: { T0: 'changed' } }, { tags: tags(50) }),
  },

  'latest-none': {
    breaks: change({ excludeFromLatest: true }, latest),
    passes: change({ excludeFromLatest: true, allowNoLatest: true }, latest),
  },
  'latest-lower': {
    breaks: change(latest, {}, { versions: [copyVersion('1.0.1')] }),
    passes: change(latest, {}, { versions: [copyVersion('0.9.9')] }),
  },
  'latest-region-excluded': {
    breaks: change(latest, {
      regions: [
        { name: 'westeurope', replicas: 3 },
        { name: 'eastus', replicas: 3, excludeFromLatest: true },
      ],
    }),
    passes: change(
      { ...latest, ...regions({ name: 'eastus' }) },
      {
        regions: [
          { name: 'westeurope', replicas: 3 },
          { name: 'eastus', replicas: 3, excludeFromLatest: true },
        ],
      },
    ),
  },
  'last-waits': {
    breaks: change({ ...latest, ...regions({ name: 'eastus', replicas: 3 }), waitFor: 'home' }),
    passes: change({ ...latest, waitFor: 'home' }),
  },

  'version-end-of-life': {
    breaks: copy({}, { endOfLife: NOW }),
    passes: change({ ...regions({ name: 'eastus' }) }, { endOfLife: NOW }),
  },
  'definition-end-of-life': {
    breaks: between({ endOfLife: NOW }, {}),
    passes: between({ endOfLife: new Date(+NOW + 1) }, { endOfLife: NOW }),
  },
  'version-outlives-definition': {
    breaks: change(
      { endOfLife: later(31) },
      {},
      {
        seen: { definition: definition({ endOfLife: later(30) }) },
      },
    ),
    passes: change(
      { endOfLife: later(30) },
      {},
      {
        seen: { definition: definition({ endOfLife: later(30) }) },
      },
    ),
  },

  'region-unknown': {
    breaks: change(regions({ name: 'atlantis' })),
    passes: change(regions({ name: 'atlantis', replicas: 3 }), {
      regions: [
        { name: 'westeurope', replicas: 3 },
        { name: 'atlantis', replicas: 1 },
      ],
    }),
  },
  'region-memory': {
    breaks: change({}, remembering('not JSON')),
    passes: change({ ...only('westeurope'), allowRegionRemoval: true }, remembering('')),
  },
  'region-twice': {
    breaks: change(regions({ name: 'eastus' }, { name: 'East US' })),
    passes: change(regions({ name: 'eastus' }, { name: 'westus' })),
  },
  'region-zone-redundancy': {
    breaks: change(regions({ name: 'westus' }), { storageAccountType: 'Standard_ZRS' }),
    passes: change(regions({ name: 'westus', storageAccountType: 'Standard_LRS' }), {
      storageAccountType: 'Standard_ZRS',
    }),
  },
  'replicas-total': {
    breaks: change(regions({ name: 'eastus', replicas: 98 })),
    passes: change(regions({ name: 'eastus', replicas: 97 })),
  },
  'replicas-for-latest': {
    breaks: change({ ...latest, replicas: 2 }),
    passes: change({ replicas: 2, ...latest }, { excludeFromLatest: false }),
  },

  'encryption-partial': {
    breaks: change(regions({ name: 'eastus' }), keyed),
    passes: change(regions(east), keyed, { seen: { encryptionSets: eastSet } }),
  },
  'encryption-lun-twice': {
    breaks: change(
      regions({ name: 'eastus', encryption: { dataDiskImages: [{ lun: 0 }, { lun: 0 }] } }),
    ),
    passes: change(
      regions({ name: 'eastus', encryption: { dataDiskImages: [{ lun: 0 }, { lun: 1 }] } }),
    ),
  },
  'encryption-set-subscription': {
    breaks: copy(
      regions({ ...westeurope, encryption: encryption(elsewhere) }),
      {},
      {
        seen: { encryptionSets: [{ id: elsewhere, location: 'westeurope' }] },
      },
    ),
    passes: copy(
      regions({ ...westeurope, encryption: secret }),
      {},
      {
        seen: { encryptionSets: sets() },
      },
    ),
  },
  'encryption-set-missing': {
    breaks: copy(regions({ ...westeurope, encryption: secret })),
    passes: copy(
      regions({ ...westeurope, encryption: secret }),
      {},
      {
        seen: { encryptionSets: sets() },
      },
    ),
  },
  'encryption-set-region': {
    breaks: copy(
      regions({ ...westeurope, encryption: secret }),
      {},
      {
        seen: { encryptionSets: sets('eastus') },
      },
    ),
    passes: copy(
      regions({ ...westeurope, encryption: secret }),
      {},
      {
        seen: { encryptionSets: sets('West Europe') },
      },
    ),
  },
  'encryption-confidential': {
    breaks: change(regions({ name: 'eastus' }), { ...guardedHome }, confidential),
    passes: change({ replicas: 4 }, {}, confidential),
  },
  'encryption-confidential-region': {
    breaks: change(regions({ name: 'eastus', encryption: guarded }), guardedHome, confidential),
    passes: change(regions({ name: 'eastus', encryption: stateless }), guardedHome, confidential),
  },

  locked: {
    breaks: change({}, {}, { deletions: [sourceVersion().id], locks: [lock(DEFINITION_ID)] }),
    // A region that goes is no deletion to Azure's locks, but a change.
    passes: change({ ...only('westeurope'), allowRegionRemoval: true }, inBoth, {
      locks: [lock(DEFINITION_ID)],
    }),
  },
  'locked-read-only': {
    breaks: copy({}, {}, { locks: [lock(DESTINATION, 'ReadOnly')] }),
    passes: copy({}, {}, { locks: [lock(DEFINITION_ID, 'ReadOnly')] }),
  },
  'policy-denies': {
    breaks: copy(
      {},
      {},
      {
        seen: {
          denials: [
            { doing: 'create image version x', policy: '', assignment: '', fields: ['tags[a]'] },
          ],
        },
      },
    ),
    passes: copy({}, {}, { seen: { denials: [] } }),
  },
  'rights-doubtful': {
    breaks: copy({}, {}, { seen: { rights: [{ scope: DESTINATION, permissions: [] }] } }),
    passes: copy(
      {},
      {},
      {
        seen: {
          rights: [{ scope: DESTINATION, permissions: [{ actions: ['*'], notActions: [] }] }],
        },
      },
    ),
  },
  'rights-missing': {
    breaks: copy(
      {},
      {},
      {
        seen: {
          rights: [DESTINATION, DEFINITION_ID].map((scope) => ({
            scope,
            permissions: [{ actions: ['*/read'], notActions: [] }],
          })),
        },
      },
    ),
    passes: copy(
      {},
      {},
      {
        seen: {
          rights: [
            { scope: DEFINITION_ID, permissions: [{ actions: ['*/read'], notActions: [] }] },
            { scope: DESTINATION, permissions: [{ actions: ['*'], notActions: [] }] },
          ],
        },
      },
    ),
  },
};
