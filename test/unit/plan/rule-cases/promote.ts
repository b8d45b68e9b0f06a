/**
 * For every rule of a promotion a case that breaks just it, and the nearest one that just passes.
 */
import type { Definition, ImageVersion } from '../../../../src/domain/observed.ts';
import type { RegionChoice } from '../../../../src/domain/regions.ts';
import type { PromoteRequest } from '../../../../src/domain/request.ts';
import { DEFINITION_ID, definition, NOW } from '../../worlds.ts';
import { copyVersion, DESTINATION, type PromoteCase, sourceVersion } from '../promote-judging.ts';
import {
  encryption,
  guarded,
  later,
  lock,
  plan,
  SET,
  sets,
  supported,
  tags,
  westeurope,
} from './making.ts';

interface Boundary {
  readonly breaks: PromoteCase;
  readonly passes: PromoteCase;
}

/** A copy, asked for so, of a version that is so. */
const copy = (
  asked: Partial<PromoteRequest> = {},
  source: Partial<ImageVersion> = {},
  more: PromoteCase = {},
): PromoteCase => ({ asked: { destination: DESTINATION, ...asked }, source, ...more });

/** A change where the version is. */
const change = (
  asked: Partial<PromoteRequest>,
  source: Partial<ImageVersion> = {},
  more: PromoteCase = {},
): PromoteCase => ({ asked, source, ...more });

/** A copy from one definition into another. */
const between = (own: Partial<Definition>, ofSource: Partial<Definition>): PromoteCase =>
  copy(
    {},
    {},
    {
      seen: {
        definition: definition({ id: DESTINATION, ...own }),
        sourceDefinition: definition(ofSource),
      },
    },
  );

const regions = (...choices: RegionChoice[]) => ({ regions: choices });
const inBoth = {
  regions: [
    { name: 'westeurope', replicas: 3 },
    { name: 'eastus', replicas: 3 },
  ],
};
const only = (name: string) => ({ ...regions({ name }), regionChanges: 'replace' as const });
const latest = { excludeFromLatest: false } as const;
const major = { choose: 'next', part: 'major' } as const;
const secret = encryption();
const keyed = { regions: [{ name: 'westeurope', replicas: 3, encryption: secret }] };
const east = { name: 'eastus', encryption: encryption(`${SET}-east`) };
const eastSet = [...sets(), { id: `${SET}-east`, location: 'eastus' }];
const elsewhere = SET.replace(/11111111/, '99999999');
const stateless = {
  osDiskImage: { securityProfile: { confidentialVMEncryptionType: 'NonPersistedTPM' as const } },
};
const confidential = { seen: { definition: definition({ securityType: 'ConfidentialVM' }) } };
const guardedHome = { regions: [{ name: 'westeurope', replicas: 3, encryption: guarded }] };

/** By the rule's id. */
export const PROMOTE_BOUNDARIES: Readonly<Record<string, Boundary>> = {
  'source-missing': { breaks: { source: null }, passes: {} },
  'source-no-latest': {
    breaks: { asked: { source: { definition: DEFINITION_ID, version: 'latest' } }, source: null },
    passes: { asked: { source: { definition: DEFINITION_ID, version: 'latest' } } },
  },
  'source-deleting': {
    breaks: { source: { provisioningState: 'Deleting' } },
    passes: { source: { provisioningState: 'Failed' } },
  },
  'source-not-ready': {
    breaks: copy({}, { provisioningState: 'Failed' }),
    passes: copy({}, { provisioningState: 'Updating' }),
  },
  'source-customer-key': {
    breaks: copy({}, keyed),
    passes: copy({}, { regions: [{ name: 'westeurope', replicas: 3, encryption: guarded }] }),
  },
  'source-shallow': {
    breaks: change({ replicas: 2 }, { replicationMode: 'Shallow' }),
    passes: change(
      { ...regions(westeurope), replicas: 1, ...latest, tags: { a: 'b' } },
      { replicationMode: 'Shallow', excludeFromLatest: false },
    ),
  },

  'copy-gallery-missing': {
    breaks: copy({}, {}, { seen: { gallery: undefined, definition: undefined } }),
    passes: copy(),
  },
  'copy-definition-missing': {
    breaks: copy({}, {}, { seen: { definition: undefined } }),
    passes: copy(),
  },
  'copy-definition-differs': {
    breaks: between({ generation: 'V1' }, { generation: 'V2' }),
    passes: between({ generation: 'V1', location: 'eastus' }, { generation: 'V1' }),
  },
  'copy-security-type': {
    breaks: between(supported, { securityType: 'TrustedLaunch' }),
    passes: between(supported, { securityType: 'Standard' }),
  },
  'copy-plan': {
    breaks: between({}, { plan }),
    passes: between({ plan: { ...plan, name: 'N' } }, { plan }),
  },
  'copy-features': {
    breaks: between({ diskControllers: ['SCSI', 'NVMe'] }, { diskControllers: ['SCSI'] }),
    passes: between(
      { diskControllers: ['scsi'], acceleratedNetwork: true },
      { diskControllers: ['SCSI', 'NVMe'], acceleratedNetwork: true, hibernation: true },
    ),
  },
  'gallery-state': {
    breaks: between({ provisioningState: 'Failed' }, {}),
    passes: between({}, { provisioningState: 'Failed' }),
  },
  'copy-home-region': {
    breaks: copy(regions({ name: 'eastus' })),
    passes: copy(regions({ name: 'eastus' }), inBoth),
  },
  'version-taken': {
    breaks: copy({}, {}, { versions: [copyVersion('1.0.0')] }),
    passes: copy({}, {}, { versions: [copyVersion('1.0.0', { sourceId: sourceVersion().id })] }),
  },
  'version-deleting': {
    breaks: copy(
      {},
      {},
      { versions: [copyVersion('1.0.0', { sourceId: sourceVersion().id }, 'Deleting')] },
    ),
    passes: copy({ version: major }, {}, { versions: [copyVersion('1.0.0', {}, 'Deleting')] }),
  },
  'version-soft-deleted': {
    breaks: copy({}, {}, { seen: { softDeleted: ['1.0.0'] } }),
    passes: copy({}, {}, { seen: { softDeleted: ['1.0.1'] } }),
  },
  'version-exhausted': {
    breaks: copy({ version: major }, {}, { versions: [copyVersion('2147483647.0.0')] }),
    passes: copy({ version: major }, {}, { versions: [copyVersion('2147483646.0.0')] }),
  },

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
