/**
 * Worlds that break the rules of a restore, each made of a VM that a capture took snapshots of: with
 * the rules the run stops before any write.
 */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { type JsonObject, objectAt } from '../../local-azure/src/json.ts';
import { asResource } from '../../local-azure/src/world.ts';
import type { RestoreRequest } from '../../src/domain/request.ts';
import { buildVm, restore } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';
import {
  ask,
  changeVm,
  compute,
  disks,
  generalized,
  lock,
  osDisk,
  restrict,
} from './world-changes.ts';

type Change = (azure: LocalAzure) => Promise<void> | void;

/** A world that breaks a rule. */
export interface RestoreWorld {
  readonly change?: Change;
  readonly asked?: (azure: LocalAzure) => Partial<RestoreRequest>;
  /** What Azure says to the request that the rule forestalls. */
  readonly ask?: (azure: LocalAzure) => Promise<string>;
}

const groupOf = (azure: LocalAzure): string => buildVm(azure).split('/providers/')[0] ?? '';

/** Changes the properties of the build VM in place. */
const vm = (change: (properties: JsonObject) => void) => (azure: LocalAzure) =>
  changeVm(azure, (before) => {
    change(before);
    return before;
  });

const osOfVm = (more: JsonObject) =>
  vm((properties) => {
    Object.assign(objectAt(properties, 'storageProfile', 'osDisk'), more);
  });

const os =
  (beside: JsonObject, properties: JsonObject = {}): Change =>
  (azure) =>
    disks(azure, osDisk, beside, properties);

/** Version 1.0.0, made of the build VM. */
const versioned =
  (change: (properties: JsonObject) => void): Change =>
  (azure) => {
    putVersion(azure, [{ name: 'West Europe' }]);
    change(azure.world.get(storedVersionId(azure))?.properties ?? {});
  };

const snapshotsOf = (azure: LocalAzure): string[] =>
  azure.world.list(groupOf(azure), 'Microsoft.Compute/snapshots').map(({ id }) => id);

/** A disk of somebody else's with the name of the new OS disk. */
async function taken(azure: LocalAzure): Promise<void> {
  const before = azure.world.get(compute(azure, `disks/${osDisk}`));
  const sourceResourceId = compute(azure, 'snapshots/foreign');
  const creationData = { createOption: 'Copy', sourceResourceId };
  const properties = { ...before?.properties, creationData };
  azure.world.put(asResource({ id: await newDisk(azure), location: 'westeurope', properties }));
}

const newDisk = async (azure: LocalAzure): Promise<string> => (await newDisks(azure))[0] ?? '';

/** Resource IDs that the plan has for the new disks, the OS disk's first. */
async function newDisks(azure: LocalAzure): Promise<string[]> {
  const { told } = await restore(azure, {}, { dryRun: true });
  const { target } = JSON.parse(told.outputs.get('plan') ?? '{}') as {
    target: { disks: readonly { disk: string }[] };
  };
  return target.disks.map(({ disk }) => disk);
}

/** Another run has given the VM its OS disk, and has ended before it attached the data disk. */
async function inPart(azure: LocalAzure): Promise<void> {
  const [made = '', ...data] = await newDisks(azure);
  const tags = { 'golden-image-place': 'running ReadWrite Detach' };
  const ids = [made, ...data].map((id) => id.replace(/[0-9a-f]{24}$/, '0'.repeat(24)));
  const of = snapshotsOf(azure).filter((id) => /-(os|lun0)-/.test(id));
  for (const [index, part] of ['-os-', '-lun0-'].entries()) {
    const creationData = {
      createOption: 'Copy',
      sourceResourceId: of.find((id) => id.includes(part)),
    };
    const properties = { diskSizeGB: 32, creationData, diskState: 'Unattached' };
    azure.world.put(asResource({ id: ids[index] ?? '', location: 'westeurope', tags, properties }));
  }
  osOfVm({ name: 'new', managedDisk: { id: ids[0] ?? '' } })(azure);
  vm((properties) => {
    objectAt(properties, 'storageProfile').dataDisks = [];
  })(azure);
}

/** Asks for a disk made of a snapshot. */
const makeDisk = (azure: LocalAzure, id: string, snapshot: string): Promise<string> =>
  ask(azure, 'PUT', id, {
    location: 'westeurope',
    properties: { creationData: { createOption: 'Copy', sourceResourceId: snapshot } },
  });

/** By the rule's id. */
export const restoreWorlds: Readonly<Record<string, RestoreWorld>> = {
  'restore-vm-missing': {
    asked: (azure) => ({ vm: `${buildVm(azure)}-not` }),
    ask: (azure) => ask(azure, 'GET', `${buildVm(azure)}-not`),
  },
  'restore-generalized': {
    change: generalized,
    ask: (azure) => ask(azure, 'POST', `${buildVm(azure)}/start`),
  },
  'restore-vm-busy': {
    change: vm((properties) => {
      properties.provisioningState = 'Deleting';
    }),
  },
  'restore-vm-too-large': {
    change: (azure) => {
      generalized(azure);
      const tags = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`t${index}`, '']));
      disks(azure, osDisk, { tags });
    },
    asked: () => ({ recreate: true }),
  },
  'restore-version-unfinished': {
    change: versioned((properties) => {
      properties.provisioningState = 'Updating';
    }),
  },
  'restore-version-shallow': {
    change: versioned((properties) => {
      Object.assign(objectAt(properties, 'publishingProfile'), { replicationMode: 'Shallow' });
    }),
  },
  'disks-detached': { change: inPart },
  'restore-ephemeral': { change: osOfVm({ diffDiskSettings: { option: 'Local' } }) },
  'restore-write-accelerator': { change: osOfVm({ writeAcceleratorEnabled: true }) },
  'restore-disk-kind': { change: os({ sku: { name: 'PremiumV2_LRS' } }) },
  'restore-guest-encrypted': {
    change: os({}, { encryptionSettingsCollection: { enabled: true } }),
  },
  'restore-confidential': {
    change: vm((properties) => {
      properties.securityProfile = { securityType: 'ConfidentialVM' };
    }),
  },
  'restore-shared-disk': {
    change: (azure) =>
      disks(azure, osDisk, { managedByExtended: [buildVm(azure), `${buildVm(azure)}-not`] }),
  },
  'restore-no-snapshots': {
    change: (azure) => {
      for (const id of snapshotsOf(azure)) azure.world.delete(id);
    },
  },
  'restore-snapshot-missing': {
    asked: (azure) => ({ snapshotIds: [compute(azure, 'snapshots/not')] }),
    ask: (azure) => makeDisk(azure, compute(azure, 'disks/new'), compute(azure, 'snapshots/not')),
  },
  'restore-snapshot-foreign': {
    change: os({}, { uniqueId: '00000000-0000-4000-8000-000000000009' }),
    asked: (azure) => ({ snapshotIds: snapshotsOf(azure).filter((id) => id.includes('-os-')) }),
  },
  'restore-disk-taken': {
    change: taken,
    ask: async (azure) => makeDisk(azure, await newDisk(azure), snapshotsOf(azure)[0] ?? ''),
  },
  locked: {
    change: (azure) => lock(azure, compute(azure, `disks/${osDisk}`), 'CanNotDelete'),
    asked: () => ({ oldDisks: 'delete' }),
    ask: (azure) => ask(azure, 'DELETE', compute(azure, `disks/${osDisk}`)),
  },
  'locked-read-only': {
    change: (azure) => lock(azure, groupOf(azure), 'ReadOnly'),
    ask: (azure) => makeDisk(azure, compute(azure, 'disks/new'), snapshotsOf(azure)[0] ?? ''),
  },
  'rights-missing': {
    change: (azure) =>
      restrict(azure, [
        'Microsoft.Authorization/permissions/read',
        'Microsoft.Compute/snapshots/read',
        'Microsoft.Compute/virtualMachines/*',
      ]),
  },
};

/** Worlds in which a rule warns: it forbids nothing. */
export const restoreWarnings: Readonly<Record<string, RestoreWorld>> = {
  'restore-power-unknown': {
    change: async (azure) => {
      await restore(azure);
      for (const each of azure.world.all()) if (each.id.includes('-restored-')) each.tags = {};
      vm((properties) => {
        properties.instanceView = { statuses: [{ code: 'PowerState/deallocated' }] };
      })(azure);
    },
  },
  'restore-recreates': { change: generalized, asked: () => ({ recreate: true }) },
  'restore-parts-go': {
    change: (azure) => {
      generalized(azure);
      osOfVm({ deleteOption: 'Delete' })(azure);
    },
    asked: () => ({ recreate: true }),
  },
  'restore-part': {
    asked: (azure) => ({ snapshotIds: snapshotsOf(azure).filter((id) => id.includes('-os-')) }),
  },
  'rights-doubtful': {
    change: (azure) => {
      restrict(azure, [
        'Microsoft.Authorization/permissions/read',
        'Microsoft.Compute/snapshots/*',
        'Microsoft.Compute/disks/*',
        'Microsoft.Compute/virtualMachines/write',
        'Microsoft.Compute/virtualMachines/deallocate/action',
      ]);
      changeVm(azure, (properties) => ({
        ...properties,
        instanceView: { statuses: [{ code: 'PowerState/deallocated' }] },
      }));
    },
  },
};
