/**
 * For every rule that foretells a refusal of Azure's, a world that breaks it: with the checks the
 * run stops before any write, without them the local Azure refuses.
 */

import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { buildVm } from './harness.ts';
import {
  ask,
  askGuest,
  changeVm,
  compute,
  dataDisk,
  definition,
  disks,
  generalized,
  osDisk,
  putVersion,
  snapshotsTaken,
  specialized,
  version,
} from './world-changes.ts';

/** A world that breaks a rule. */
export interface RuleWorld {
  readonly change?: (azure: LocalAzure) => void;
  readonly request?: (azure: LocalAzure) => Partial<CaptureRequest>;
  /** The request that Azure refuses, where the action itself would never send it. */
  readonly ask?: (azure: LocalAzure) => Promise<string>;
}

const exactly = {
  version: { choose: 'exactly', number: { major: 1, minor: 0, patch: 0 } },
  requestedVersion: '1.0.0',
} as const;

/** By the rule's id. */
export const vmWorlds: Readonly<Record<string, RuleWorld>> = {
  'vm-missing': {
    change: (azure) => void azure.world.delete(buildVm(azure)),
    ask: (azure) => ask(azure, 'GET', buildVm(azure)),
  },
  'vm-deleting': {
    change: (azure) => changeVm(azure, (vm) => ({ ...vm, provisioningState: 'Deleting' })),
  },
  'vm-generalized-always': {
    change: generalized,
    request: () => ({ deprovision: 'always' }),
    ask: (azure) => ask(azure, 'POST', `${buildVm(azure)}/start`),
  },
  'vm-script-unused': {
    change: generalized,
    request: () => ({ deprovisionScript: 'true' }),
    ask: (azure) =>
      ask(azure, 'POST', `${buildVm(azure)}/runCommand`, { commandId: 'RunShellScript' }),
  },
  'vm-agent': {
    change: (azure) =>
      changeVm(azure, ({ instanceView, ...vm }) => ({
        ...vm,
        instanceView: {
          ...(instanceView as object),
          vmAgent: { statuses: [{ code: 'ProvisioningState/Unavailable' }] },
        },
      })),
    ask: askGuest,
  },
  'vm-extensions': {
    change: (azure) =>
      changeVm(azure, (vm) => ({ ...vm, osProfile: { allowExtensionOperations: false } })),
  },
  'vm-tags-full': {
    change: (azure) => {
      const vm = azure.world.get(buildVm(azure));
      const names = Array.from({ length: 50 }, (_, index) => [`t${index}`, '']);
      if (vm) vm.tags = Object.fromEntries(names);
    },
  },
  'vm-unmanaged-disk': {
    request: specialized,
    change: (azure) =>
      changeVm(azure, (vm) => ({
        ...vm,
        storageProfile: {
          ...(vm.storageProfile as object),
          dataDisks: [{ lun: 0, name: 'old', vhd: { uri: 'https://x.blob.core.windows.net/v' } }],
        },
      })),
  },
  'vm-ephemeral-disk': {
    request: specialized,
    change: (azure) =>
      changeVm(azure, (vm) => {
        const profile = vm.storageProfile as { osDisk: object };
        const diffDiskSettings = { option: 'Local' };
        const osDiskEntry = { ...profile.osDisk, diffDiskSettings };
        return { ...vm, storageProfile: { ...profile, osDisk: osDiskEntry } };
      }),
  },
  'disk-ultra': {
    request: specialized,
    change: (azure) => disks(azure, dataDisk, { sku: { name: 'UltraSSD_LRS' } }),
  },
  'disk-premium-v2': {
    request: specialized,
    change: (azure) => disks(azure, dataDisk, { sku: { name: 'PremiumV2_LRS' } }),
  },
  'disk-guest-encrypted': {
    request: specialized,
    change: (azure) =>
      disks(azure, osDisk, {}, { encryptionSettingsCollection: { enabled: true } }),
  },
  'disk-too-large': {
    request: specialized,
    change: (azure) => disks(azure, osDisk, {}, { diskSizeGB: 2049 }),
  },
  'disk-luns': {
    request: specialized,
    change: (azure) =>
      changeVm(azure, (vm) => {
        const profile = vm.storageProfile as { dataDisks: object[] };
        const dataDisks = [...profile.dataDisks, ...profile.dataDisks];
        return { ...vm, storageProfile: { ...profile, dataDisks } };
      }),
  },
  'snapshot-quota': {
    request: () => ({ snapshot: true, snapshotRetention: 1 }),
    change: (azure) => snapshotsTaken(azure, 500, 86_400),
  },
  'snapshot-write-accelerator': {
    request: () => ({ captureFrom: 'disks' }),
    change: (azure) =>
      changeVm(azure, (vm) => {
        const profile = vm.storageProfile as { osDisk: object };
        const osDiskEntry = { ...profile.osDisk, writeAcceleratorEnabled: true };
        return { ...vm, storageProfile: { ...profile, osDisk: osDiskEntry } };
      }),
  },
  'snapshot-rate': {
    request: () => ({ snapshot: true, snapshotRetention: 1 }),
    change: (azure) => snapshotsTaken(azure, 7, 60),
  },
};

/** By the rule's id. */
export const imageWorlds: Readonly<Record<string, RuleWorld>> = {
  'gallery-missing': {
    request: (azure) => ({ definition: compute(azure, 'galleries/nowhere/images/ubuntu') }),
    ask: (azure) => putVersion(azure, compute(azure, 'galleries/nowhere/images/ubuntu')),
  },
  'definition-missing': {
    request: (azure) => ({ definition: compute(azure, 'galleries/golden/images/nothing') }),
    ask: (azure) => putVersion(azure, compute(azure, 'galleries/golden/images/nothing')),
  },
  'definition-os-type': {
    request: specialized,
    change: (azure) => definition(azure, { osType: 'Windows' }),
  },
  'definition-os-state': { request: specialized, change: generalized },
  'definition-generation': {
    request: specialized,
    change: (azure) => definition(azure, { hyperVGeneration: 'V1' }),
  },
  'definition-architecture': {
    request: specialized,
    change: (azure) => definition(azure, { architecture: 'Arm64' }),
  },
  'definition-security-type': {
    request: specialized,
    change: (azure) =>
      definition(azure, { features: [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }] }),
  },
  'definition-disk-controller': {
    request: specialized,
    change: (azure) => {
      definition(azure, { features: [{ name: 'SecurityType', value: 'TrustedLaunch' }] });
      changeVm(azure, (vm) => ({
        ...vm,
        storageProfile: { ...(vm.storageProfile as object), diskControllerType: 'NVMe' },
      }));
    },
  },
  'definition-accelerated-network': {
    request: specialized,
    change: (azure) =>
      disks(azure, osDisk, {}, { supportedCapabilities: { acceleratedNetwork: false } }),
  },
  'definition-plan': {
    request: specialized,
    change: (azure) => {
      const vm = azure.world.get(buildVm(azure));
      if (vm) vm.plan = { name: 'n', publisher: 'p', product: 'o' };
    },
  },
  'version-taken': {
    request: (azure) => ({ ...exactly, ...specialized(azure) }),
    change: (azure) => version(azure, '1.0.0', 'Succeeded'),
    ask: (azure) => putVersion(azure, specialized(azure).definition),
  },
  'version-failed': {
    request: (azure) => ({ ...exactly, ...specialized(azure) }),
    change: (azure) => version(azure, '1.0.0', 'Failed'),
    ask: (azure) => putVersion(azure, specialized(azure).definition),
  },
  'version-deleting': {
    request: (azure) => ({ ...exactly, ...specialized(azure) }),
    change: (azure) => version(azure, '1.0.0', 'Deleting'),
    ask: (azure) => putVersion(azure, specialized(azure).definition),
  },
  'version-exhausted': {
    request: specialized,
    change: (azure) => version(azure, '1.0.2147483647', 'Succeeded'),
    ask: (azure) => putVersion(azure, specialized(azure).definition, '1.0.2147483648'),
  },
  'version-end-of-life': {
    request: (azure) => ({ ...specialized(azure), endOfLife: new Date('2026-11-21') }),
  },
};
