/**
 * For every rule of a restore a case that breaks it, and the nearest one that just passes.
 */
import { GROUP, OTHER_OWNER, VM_ID } from '../../worlds.ts';
import { newDisk, osRoot, snapshot } from '../restore-judging.ts';
import { dataSnapshot, disk, named, of, type RestoreBoundary } from './restore-making.ts';
import { DONE, restoreVmBoundaries } from './restore-vm.ts';

const os = snapshot();
const OTHER_VM = `${VM_ID}-other`;

const diskBoundaries: Readonly<Record<string, RestoreBoundary>> = {
  'disks-detached': {
    breaks: { seen: { detached: [newDisk()] } },
    passes: { seen: { detached: [] } },
  },
  'restore-ephemeral': { breaks: disk({ ephemeral: true }), passes: disk({ ephemeral: false }) },
  'restore-write-accelerator': {
    breaks: disk({ writeAccelerator: true }),
    passes: disk({}),
  },
  'restore-disk-kind': {
    breaks: disk({}, { sku: 'PremiumV2_LRS' }),
    passes: disk({}, { sku: 'Premium_ZRS' }),
  },
  'restore-guest-encrypted': {
    breaks: disk({}, { guestEncrypted: true }),
    passes: disk({}, { guestEncrypted: false }),
  },
  'restore-confidential': {
    breaks: of({ securityType: 'ConfidentialVM' }),
    passes: of({ securityType: 'TrustedLaunch' }),
  },
  'restore-shared-disk': {
    breaks: disk({}, { attachedTo: [VM_ID, OTHER_VM], maxShares: 2 }),
    passes: disk({}, { attachedTo: [VM_ID.toUpperCase()], maxShares: 2 }),
  },
};

const snapshotBoundaries: Readonly<Record<string, RestoreBoundary>> = {
  'restore-no-snapshots': {
    breaks: { seen: { snapshotsBeside: [snapshot('os', { incremental: false })] } },
    passes: { seen: { snapshotsBeside: [os] } },
  },
  'restore-snapshot-missing': {
    breaks: {
      asked: { snapshotIds: [os.id] },
      facts: { named: [snapshot('os', { provisioningState: 'Creating' })] },
    },
    passes: {
      asked: { snapshotIds: [os.id.toUpperCase()] },
      facts: { named: [snapshot('os', { provisioningState: 'Succeeded' })] },
    },
  },
  'restore-snapshot-foreign': {
    breaks: {
      asked: { snapshotIds: [os.id] },
      facts: { named: [snapshot('os', { sourceUniqueId: 'another' })] },
    },
    passes: {
      asked: { snapshotIds: [os.id] },
      facts: { named: [snapshot('os', { sourceId: osRoot.ancestors[0]?.id.toUpperCase() ?? '' })] },
    },
  },
  'restore-disk-taken': {
    breaks: { seen: { made: [newDisk({ sourceId: `${GROUP}/snapshots/${OTHER_OWNER}` })] } },
    passes: { seen: { made: [newDisk()] } },
  },
  'restore-part': { breaks: named(os.id), passes: named(os.id, dataSnapshot.id) },
  'restore-changes': { breaks: {}, passes: DONE },
};

/** By the rule's id. */
export const RESTORE_BOUNDARIES = {
  ...restoreVmBoundaries,
  ...diskBoundaries,
  ...snapshotBoundaries,
};
