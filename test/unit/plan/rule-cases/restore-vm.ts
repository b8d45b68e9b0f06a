/** Boundaries of the rules on the VM that comes back, its versions, and the rights to it. */
import { PLACE_TAG, vmTags } from '../../../../src/domain/restore.ts';
import { GROUP, marked, osDisk, region, VM_ID, version, vm } from '../../worlds.ts';
import { newDisk, osRoot, type RestoreCase } from '../restore-judging.ts';
import { of, type RestoreBoundary } from './restore-making.ts';

const generalized = { generalized: true, power: 'deallocated' } as const;
const recreate = { recreate: true } as const;
const model = (length: number) => ({ facts: { model: 'x'.repeat(length) } });

/** This run has exchanged the OS disk; tags as it left them on the new one. */
const exchanged = (tags: Readonly<Record<string, string>>): RestoreCase => {
  const made = newDisk({ tags, attachedTo: [VM_ID] });
  return {
    seen: {
      vm: vm({
        tags: marked('scheduled'),
        osDisk: { id: made.id, name: 'new', ephemeral: false },
      }),
      disks: [made],
      made: [made],
    },
    facts: { roots: [{ ancestors: [{ id: made.id }, ...osRoot.ancestors] }] },
  };
};

/** This run has left nothing to do. */
export const DONE: RestoreCase = {
  ...exchanged({}),
  seen: {
    ...exchanged({}).seen,
    vm: vm({ osDisk: { id: newDisk().id, name: 'new', ephemeral: false } }),
  },
};

const GROUP_ID = GROUP.split('/providers/')[0] ?? '';
const lock = (level: 'ReadOnly' | 'CanNotDelete', scope: string) => ({
  locks: [{ name: 'keep', level, scope }],
});

const rights = (...notActions: readonly string[]) => ({
  rights: [VM_ID, GROUP_ID].map((scope) => ({
    scope,
    permissions: [{ actions: ['*'], notActions }],
  })),
});
const DEALLOCATE = 'Microsoft.Compute/virtualMachines/deallocate/action';
const GENERALIZE = 'Microsoft.Compute/virtualMachines/generalize/action';

/** By the rule's id. */
export const restoreVmBoundaries: Readonly<Record<string, RestoreBoundary>> = {
  'restore-vm-missing': {
    breaks: { seen: { vm: undefined, disks: [] }, facts: { roots: [] } },
    passes: {
      seen: { vm: undefined, disks: [], made: [newDisk({ tags: vmTags('model', 0) ?? {} })] },
      facts: { roots: [] },
      asked: recreate,
    },
  },
  'restore-power-unknown': {
    breaks: of({ power: 'deallocated' }, {}, { seen: { made: [newDisk({ tags: {} })] } }),
    passes: of({ power: 'running' }, {}, { seen: { made: [newDisk({ tags: {} })] } }),
  },
  'restore-generalized': {
    breaks: of(generalized, {}, model(1)),
    passes: of(generalized, recreate, model(1)),
  },
  'restore-changed-since': {
    breaks: exchanged({}),
    passes: exchanged({ [PLACE_TAG]: 'running - Detach' }),
  },
  'restore-recreates': {
    breaks: of(generalized, recreate, model(1)),
    passes: of({ power: 'deallocated' }, recreate),
  },
  'restore-parts-go': {
    breaks: of({ ...generalized, nicsGoWithVm: [`${GROUP_ID}/nic`] }, recreate, model(1)),
    passes: of({ nicsGoWithVm: [`${GROUP_ID}/nic`] }, recreate),
  },
  // Five tags are the new disk's own; 45 of 256 characters are left. Tags of ours are not carried over.
  'restore-vm-too-large': {
    breaks: of(generalized, recreate, model(45 * 256 + 1)),
    passes: of(generalized, recreate, {
      ...model(45 * 256),
      seen: { disks: [osDisk({ tags: { [PLACE_TAG]: 'running - Detach' } })] },
    }),
  },
  'restore-vm-busy': {
    breaks: of({ provisioningState: 'Deleting' }),
    passes: of({ provisioningState: 'Updating' }),
  },
  'restore-version-unfinished': {
    breaks: {
      seen: {
        versions: [
          version('1.0.0', 'Succeeded', {
            replication: [region('westeurope'), region('eastus', 'Replicating', 99)],
          }),
        ],
      },
    },
    passes: {
      seen: {
        versions: [
          version('1.0.0', 'Succeeded', { replication: [region('westeurope')] }),
          version('1.0.1', 'Failed'),
          version('1.0.2', 'Deleting'),
        ],
      },
    },
  },
  'restore-version-shallow': {
    breaks: { seen: { versions: [version('1.0.0', 'Succeeded', { replicationMode: 'Shallow' })] } },
    passes: { seen: { versions: [version('1.0.0', 'Succeeded', { replicationMode: 'Full' })] } },
  },

  locked: {
    breaks: { asked: { oldDisks: 'delete' }, ...lock('CanNotDelete', osDisk().id) },
    passes: lock('CanNotDelete', osDisk().id),
  },
  'locked-read-only': {
    breaks: lock('ReadOnly', GROUP_ID),
    passes: lock('CanNotDelete', GROUP_ID),
  },
  'rights-missing': {
    breaks: { seen: rights(DEALLOCATE) },
    passes: { seen: rights(GENERALIZE) },
  },
  'rights-doubtful': {
    breaks: of({ power: 'deallocated' }, {}, { seen: rights(DEALLOCATE) }),
    passes: of({ power: 'deallocated' }, {}, { seen: rights(GENERALIZE) }),
  },
};
