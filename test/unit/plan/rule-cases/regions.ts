/** Boundaries of the rules on regions, encryption, locks and rights. */
import {
  dataDisk,
  definition,
  GALLERY_ID,
  GROUP,
  inventory,
  SUBSCRIPTION,
  target,
  VM_ID,
  version,
  versionId,
  vm,
} from '../../worlds.ts';
import {
  away,
  type Boundary,
  confidential,
  elsewhere,
  encryption,
  guarded,
  keyed,
  lock,
  ofDefinition,
  pair,
  regions,
  SET,
  sets,
  supported,
  westeurope,
  withDisks,
} from './making.ts';

/** The version of this run, of which a repair has removed a region that this tag remembers. */
const remembering = (text: string) =>
  version('1.0.0', 'Succeeded', {
    tags: { ...target().tags, 'golden-image-removed-uksouth': text },
    sourceId: VM_ID,
    removed: [{ name: 'uksouth', replicas: 1 }],
  });

/** By the rule's id. */
export const regionBoundaries: Readonly<Record<string, Boundary>> = {
  'region-unknown': {
    breaks: regions({ name: 'atlantis' }),
    passes: regions({ name: 'West US' }),
  },
  'region-memory': {
    breaks: { seen: { versions: [remembering('{"excludeFromLatest":"yes"}')] } },
    passes: { seen: { versions: [remembering('{"excludeFromLatest":true}')] } },
  },
  'region-twice': {
    breaks: regions({ name: 'eastus' }, { name: 'East US' }),
    passes: regions({ name: 'eastus' }, { name: 'westus' }),
  },
  'region-zone-redundancy': {
    breaks: regions({ name: 'westus', storageAccountType: 'Standard_ZRS' }),
    passes: {
      asked: {
        storageAccountType: 'Standard_ZRS',
        regions: [{ name: 'westus', storageAccountType: 'Standard_LRS' }],
      },
    },
  },
  'replicas-total': {
    breaks: regions({ name: 'westeurope', replicas: 50 }, { name: 'eastus', replicas: 51 }),
    passes: regions({ name: 'westeurope', replicas: 50 }, { name: 'eastus', replicas: 50 }),
  },
  'shallow-regions': {
    breaks: { asked: { replicationMode: 'Shallow', replicas: 2, excludeFromLatest: true } },
    passes: { asked: { replicationMode: 'Shallow', replicas: 1, excludeFromLatest: true } },
  },
  'shallow-source': {
    breaks: ofDefinition(supported, {
      replicationMode: 'Shallow',
      replicas: 1,
      excludeFromLatest: true,
    }),
    passes: ofDefinition({}, { replicationMode: 'Shallow', replicas: 1, excludeFromLatest: true }),
  },
  'replicas-for-latest': { breaks: { asked: { replicas: 2 } }, passes: { asked: { replicas: 3 } } },

  'encryption-customer-key': {
    breaks: { seen: { disks: keyed } },
    passes: {
      asked: { regions: [{ ...westeurope, encryption: encryption() }] },
      seen: { disks: keyed, encryptionSets: sets() },
    },
  },
  'encryption-confidential': {
    breaks: pair(confidential, confidential),
    passes: {
      ...pair(confidential, confidential),
      asked: { regions: [{ ...westeurope, encryption: guarded }] },
    },
  },
  'encryption-confidential-region': {
    breaks: {
      ...pair(confidential, confidential),
      asked: {
        regions: [
          { ...westeurope, encryption: guarded },
          { name: 'eastus', encryption: guarded },
        ],
      },
    },
    passes: {
      ...pair(confidential, confidential),
      asked: {
        regions: [
          { ...westeurope, encryption: guarded },
          {
            name: 'eastus',
            encryption: {
              osDiskImage: { securityProfile: { confidentialVMEncryptionType: 'NonPersistedTPM' } },
            },
          },
        ],
      },
    },
  },
  'encryption-partial': {
    breaks: {
      asked: { regions: [{ ...westeurope, encryption: encryption() }, { name: 'eastus' }] },
      seen: { encryptionSets: sets() },
    },
    passes: {
      asked: { regions: [{ ...westeurope, encryption: encryption() }] },
      seen: { encryptionSets: sets() },
    },
  },
  'encryption-lun': {
    breaks: regions({ ...westeurope, encryption: { dataDiskImages: [{ lun: 0 }] } }),
    passes: {
      ...withDisks([dataDisk(0)]),
      ...regions({ ...westeurope, encryption: { dataDiskImages: [{ lun: 0 }] } }),
    },
  },
  'encryption-lun-twice': {
    breaks: {
      ...withDisks([dataDisk(0)]),
      ...regions({ ...westeurope, encryption: { dataDiskImages: [{ lun: 0 }, { lun: 0 }] } }),
    },
    passes: {
      ...withDisks([dataDisk(0), dataDisk(1)]),
      ...regions({ ...westeurope, encryption: { dataDiskImages: [{ lun: 0 }, { lun: 1 }] } }),
    },
  },
  'encryption-set-subscription': {
    breaks: {
      asked: {
        regions: [{ ...westeurope, encryption: encryption(SET.replace(SUBSCRIPTION, elsewhere)) }],
      },
      seen: {
        encryptionSets: [{ id: SET.replace(SUBSCRIPTION, elsewhere), location: 'westeurope' }],
      },
    },
    passes: {
      asked: { regions: [{ ...westeurope, encryption: encryption(SET.toUpperCase()) }] },
      seen: { encryptionSets: sets() },
    },
  },
  'encryption-set-missing': {
    breaks: { asked: { regions: [{ ...westeurope, encryption: encryption() }] } },
    passes: {
      asked: { regions: [{ ...westeurope, encryption: encryption() }] },
      seen: { encryptionSets: sets() },
    },
  },
  'encryption-set-region': {
    breaks: {
      asked: { regions: [{ ...westeurope, encryption: encryption() }] },
      seen: { encryptionSets: sets('eastus') },
    },
    passes: {
      asked: { regions: [{ ...westeurope, encryption: encryption() }] },
      seen: { encryptionSets: sets('westeurope') },
    },
  },
  'encryption-source-subscription': {
    breaks: {
      asked: {
        definition: away,
        regions: [{ ...westeurope, encryption: encryption(SET.replace(SUBSCRIPTION, elsewhere)) }],
      },
      seen: {
        disks: keyed,
        definition: definition({ id: away }),
        encryptionSets: [{ id: SET.replace(SUBSCRIPTION, elsewhere), location: 'westeurope' }],
      },
    },
    passes: { asked: { definition: away }, seen: { definition: definition({ id: away }) } },
  },
  'encryption-trusted-launch': {
    breaks: {
      asked: { regions: [{ ...westeurope, encryption: encryption() }] },
      seen: {
        vm: vm({ securityType: 'TrustedLaunch' }),
        definition: definition({ securityType: 'TrustedLaunch' }),
        disks: keyed,
        encryptionSets: sets(),
      },
    },
    passes: {
      seen: {
        vm: vm({ securityType: 'TrustedLaunch' }),
        definition: definition({ securityType: 'TrustedLaunch' }),
      },
    },
  },

  locked: {
    breaks: {
      deletions: [VM_ID],
      locks: [lock(GROUP.split('/providers')[0] ?? '')],
    },
    passes: { deletions: [VM_ID], locks: [lock(GALLERY_ID)] },
  },
  'locked-read-only': {
    breaks: { changes: [versionId('1.0.0')], locks: [lock(GALLERY_ID.toUpperCase(), 'ReadOnly')] },
    passes: {
      changes: [versionId('1.0.0')],
      locks: [lock(GALLERY_ID), lock(`${GALLERY_ID}2`, 'ReadOnly'), lock(VM_ID, 'ReadOnly')],
    },
  },
  'policy-denies': {
    breaks: {
      seen: { denials: [{ doing: 'take snapshot x', policy: '', assignment: '', fields: [] }] },
    },
    passes: { seen: { denials: [] } },
  },
  'rights-doubtful': {
    breaks: { seen: { rights: [{ scope: VM_ID, permissions: [] }] } },
    passes: {
      seen: {
        rights: [{ scope: VM_ID, permissions: [{ actions: ['*'], notActions: [] }] }],
      },
    },
  },
  'rights-missing': {
    breaks: {
      seen: {
        rights: [
          {
            scope: VM_ID.toUpperCase(),
            permissions: [
              { actions: ['*'], notActions: ['Microsoft.Compute/virtualMachines/*/action'] },
              { actions: ['*/read'], notActions: [] },
            ],
          },
        ],
      },
    },
    passes: {
      seen: {
        rights: inventory().rights.map(({ scope }) => ({
          scope,
          permissions: [
            { actions: ['*'], notActions: ['Microsoft.Compute/*'] },
            { actions: ['microsoft.compute/*'], notActions: [] },
          ],
        })),
      },
    },
  },
};
