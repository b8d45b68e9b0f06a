/** What good writes name: resources of the default world, API versions, the form of a write. */
import { DEFAULT_PLACE, DEFAULT_SUBSCRIPTION } from '../src/default-world.ts';
import type { JsonObject } from '../src/json.ts';
import { idOf } from '../src/world-parts.ts';

/** A request that the local Azure accepts. */
export interface GoodWrite {
  readonly method: 'PUT' | 'PATCH' | 'POST';
  readonly path: string;
  readonly apiVersion: string;
  readonly body: JsonObject;
}

export const compute = (type: string, ...names: string[]) =>
  idOf(DEFAULT_PLACE, `Microsoft.Compute/${type}`, ...names);
export const network = (type: string, ...names: string[]) =>
  idOf(DEFAULT_PLACE, `Microsoft.Network/${type}`, ...names);

export const group = `/subscriptions/${DEFAULT_SUBSCRIPTION}/resourceGroups/images`;
export const location = 'westeurope';
export const tags = { purpose: 'test' };
export const vm = compute('virtualMachines', 'build-linux');
export const osDisk = compute('disks', 'build-linux_OsDisk');
export const dataDisk = compute('disks', 'build-linux_DataDisk_0');
export const nic = network('networkInterfaces', 'build-linux-nic');
export const subnet = network('virtualNetworks/subnets', 'build', 'default');
export const definition = compute('galleries/images', 'golden', 'ubuntu-2404-specialized');
export const set = compute('diskEncryptionSets', 'keys');

export const [vms, disks, galleries] = ['2024-07-01', '2024-03-02', '2025-03-03'] as const;
export const copy = { createOption: 'Copy', sourceResourceId: osDisk };
export const key = {
  keyUrl: 'https://vault.vault.azure.net/keys/k/1',
  sourceVault: { id: idOf(DEFAULT_PLACE, 'Microsoft.KeyVault/vaults', 'vault') },
};
