/** Boundaries of the rules on the build VM, its guest, its disks and their snapshots. */

import type { CaptureRequest } from '../../../../src/domain/request.ts';
import type { AttachedDisk, Disk } from '../../../../src/domain/vm.ts';
import {
  dataDisk,
  definition,
  marked,
  NOW,
  OTHER_OWNER,
  osDisk,
  ownTags,
  target,
  VM_ID,
  version,
  vm,
} from '../../worlds.ts';
import type { Case } from '../judging.ts';
import {
  type Boundary,
  guarded,
  ofDefinition,
  off,
  on,
  sealed,
  snapshots,
  snapshotted,
  tags,
  withDisks,
} from './making.ts';

const accelerated = {
  name: 'os',
  ephemeral: false,
  id: osDisk().id,
  writeAccelerator: true,
} as const;

const returns = { snapshot: true, captureFrom: 'disks', afterCapture: 'restore' } as const;

const windowsWithin = (deprovisionTimeoutSeconds: number): Case => ({
  asked: { deprovisionTimeoutSeconds },
  seen: { vm: vm({ osType: 'Windows' }), definition: definition({ osType: 'Windows' }) },
});

/** A VM that comes back, with the OS disk so. */
const returning = (
  attached: Partial<AttachedDisk>,
  found: Partial<Disk> = {},
  asked: Partial<CaptureRequest> = returns,
): Case => ({
  asked,
  seen: { vm: vm({ dataDisks: [{ ...dataDisk(0), ...attached }] }), disks: [osDisk(found)] },
});

/** The version of a VM that is still to come back: its snapshot is there. */
const versioned = {
  versions: [version('1.0.0', 'Succeeded', { tags: ownTags() })],
  restore: {
    roots: [],
    named: target(returns).snapshots.map(({ snapshot: id, disk: sourceId }) => ({
      id,
      sourceId,
      published: NOW,
      incremental: true,
      tags: {},
    })),
    versionsSeen: false,
  },
};

/** The rules on a VM that comes back. */
const returnBoundaries: Readonly<Record<string, Boundary>> = {
  'restore-write-accelerator': {
    breaks: returning({ writeAccelerator: true }),
    passes: returning({ writeAccelerator: true }, {}, { ...returns, afterCapture: 'keep' }),
  },
  'restore-confidential': {
    breaks: {
      asked: { ...returns, regions: [{ name: 'westeurope', encryption: guarded }] },
      seen: {
        vm: vm({ securityType: 'ConfidentialVM' }),
        definition: definition({ securityType: 'ConfidentialVM' }),
      },
    },
    passes: {
      asked: returns,
      seen: {
        vm: vm({ securityType: 'TrustedLaunch' }),
        definition: definition({ securityType: 'TrustedLaunch' }),
      },
    },
  },
  'restore-shared-disk': {
    breaks: returning({}, { attachedTo: [VM_ID, `${VM_ID}-other`] }),
    passes: returning({}, { attachedTo: [VM_ID.toUpperCase()] }),
  },
  'disks-detached': {
    breaks: { seen: { detached: [osDisk({ id: `${VM_ID}-restored-lun0` })] } },
    passes: { seen: { detached: [] } },
  },
  'snapshot-too-late': {
    breaks: on({ tags: marked('scheduled', OTHER_OWNER) }, returns),
    passes: on({ tags: marked('asked', OTHER_OWNER) }, returns),
  },
  'snapshot-lacking': {
    breaks: { seen: { unsaved: [osDisk().id] } },
    passes: { seen: { unsaved: [] } },
  },
  'snapshot-vm-changed': {
    breaks: { asked: returns, seen: { versions: versioned.versions }, changes: [VM_ID] },
    passes: { asked: returns, seen: versioned, changes: [VM_ID] },
  },
  'snapshot-vm-taken': {
    breaks: {
      asked: returns,
      seen: { ...versioned, vm: vm({ tags: marked('scheduled', OTHER_OWNER) }) },
    },
    passes: { asked: returns, seen: versioned },
  },
};

/** By the rule's id. */
export const vmBoundaries: Readonly<Record<string, Boundary>> = {
  'vm-missing': { breaks: { seen: { vm: undefined } }, passes: {} },
  'vm-disks-left': {
    breaks: { seen: { leftDisks: [osDisk().id] } },
    passes: { seen: { leftDisks: [] } },
  },
  'vm-provisioning': {
    breaks: on({ provisioningState: 'Failed' }),
    passes: on({ provisioningState: 'Failed', tags: marked('scheduled') }),
  },
  'vm-deleting': {
    breaks: on({ provisioningState: 'Deleting' }),
    passes: on({ provisioningState: 'Succeeded' }),
  },
  'vm-busy': {
    breaks: on({ provisioningState: 'Updating' }),
    passes: on({ provisioningState: 'Updating', tags: marked('scheduled') }),
  },
  'vm-run-command': {
    breaks: on({ busyExtensions: ['RunCommandLinux'] }),
    passes: on({ busyExtensions: ['RunCommandLinux'], tags: marked('scheduled') }),
  },
  'vm-stopped': { breaks: on({ power: 'stopped' }), passes: on({ power: 'starting' }) },
  'vm-generalized-always': {
    breaks: on(sealed, { deprovision: 'always' }),
    passes: on({ ...sealed, tags: marked('complete') }, { deprovision: 'always' }),
  },
  'vm-generalized-snapshot': {
    breaks: on(sealed, { snapshot: true }),
    passes: on({}, { snapshot: true }),
  },
  'vm-script-unused': {
    breaks: on(sealed, { deprovisionScript: 'true' }),
    passes: on({}, { deprovisionScript: 'true' }),
  },
  'definition-deprovision': {
    breaks: ofDefinition({ osState: 'Specialized' }, { deprovision: 'always' }),
    passes: ofDefinition({ osState: 'Specialized' }, { deprovision: 'never' }),
  },
  'vm-agent': {
    breaks: on({ agentReady: false }),
    passes: on({ agentReady: false, power: 'starting' }),
  },
  'vm-extensions': {
    breaks: on({ extensionsAllowed: false }),
    passes: on({ ...off, extensionsAllowed: false }, { deprovision: 'never' }),
  },
  'vm-extensions-installed': {
    breaks: on({ extensions: [{ name: 'custom', type: 'CustomScriptExtension' }] }),
    passes: on({
      extensions: [{ name: 'custom', type: 'CustomScriptExtension' }],
      tags: marked('scheduled'),
    }),
  },
  'vm-sysprep-time': {
    breaks: windowsWithin(299),
    passes: windowsWithin(300),
  },
  'vm-tags-full': { breaks: on({ tags: tags(50) }), passes: on({ tags: tags(49) }) },

  'vm-unmanaged-disk': {
    breaks: on({ osDisk: { name: 'vhd', ephemeral: false } }),
    passes: on({ osDisk: { name: 'os', ephemeral: false, id: osDisk().id } }),
  },
  'vm-ephemeral-disk': {
    breaks: on({ osDisk: { name: 'os', ephemeral: true, id: osDisk().id } }),
    passes: on({ osDisk: { name: 'os', ephemeral: false, id: osDisk().id } }),
  },
  'disk-ultra': {
    breaks: withDisks([{ ...dataDisk(0), sku: 'UltraSSD_LRS' }]),
    passes: withDisks([{ ...dataDisk(0), sku: 'StandardSSD_ZRS' }]),
  },
  'disk-premium-v2': {
    breaks: withDisks([{ ...dataDisk(0), sku: 'PremiumV2_LRS' }]),
    passes: withDisks([{ ...dataDisk(0), sku: 'Premium_LRS' }]),
  },
  'disk-guest-encrypted': {
    breaks: withDisks([], { guestEncrypted: true }),
    passes: withDisks([], { guestEncrypted: false }),
  },
  'disk-too-large': {
    breaks: withDisks([], { sizeGiB: 2049 }),
    passes: withDisks([], { sizeGiB: 2048 }),
  },
  'disk-large': {
    breaks: withDisks([{ ...dataDisk(0), sizeGiB: 1025 }]),
    passes: withDisks([{ ...dataDisk(0), sizeGiB: 1024 }]),
  },
  'disk-shared': {
    breaks: withDisks([{ ...dataDisk(0), maxShares: 2 }]),
    passes: withDisks([{ ...dataDisk(0), maxShares: 1 }]),
  },
  'disk-luns': {
    breaks: withDisks([dataDisk(0), { ...dataDisk(1), lun: 0 }]),
    passes: withDisks([dataDisk(0), dataDisk(1)]),
  },
  'disks-changed': {
    breaks: {
      seen: {
        ...withDisks([dataDisk(1)]).seen,
        versions: [version('1.0.0', 'Succeeded', { dataDisks: [0] })],
      },
    },
    passes: {
      seen: {
        ...withDisks([dataDisk(1)]).seen,
        versions: [
          version('1.0.9', 'Succeeded', { dataDisks: [0] }),
          version('1.0.10', 'Succeeded', { dataDisks: [1] }),
          version('1.0.11', 'Failed'),
        ],
      },
    },
  },

  'snapshot-quota': {
    breaks: snapshotted(snapshots(500, 9000)),
    passes: snapshotted(snapshots(499, 9000)),
  },
  'snapshot-write-accelerator': {
    breaks: on({ osDisk: accelerated }, { snapshot: true }),
    passes: on({ osDisk: accelerated }),
  },
  'snapshot-rate': {
    breaks: snapshotted(snapshots(7, 299)),
    passes: snapshotted([...snapshots(6, 299), ...snapshots(1, 300)]),
  },
  ...returnBoundaries,
};
