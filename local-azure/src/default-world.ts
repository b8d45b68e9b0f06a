/**
 * The world that is there unless another is given: two build VMs and a gallery whose definitions
 * match them, all in resource group `images` in West Europe. Names and IDs are invented.
 */
import type { JsonObject } from './json.ts';
import type { Resource } from './world.ts';
import { definition, disk, gallery, idOf, type Place, resource } from './world-parts.ts';
import { virtualMachine } from './world-vm.ts';

/** The default world's subscription. */
export const DEFAULT_SUBSCRIPTION = '5d6c2f7e-3b1a-4e09-9c58-7a41e2b0f613';

/** Where all of the default world lives. */
export const DEFAULT_PLACE: Place = {
  subscriptionId: DEFAULT_SUBSCRIPTION,
  resourceGroup: 'images',
  location: 'westeurope',
};

/** Fresh copies of the default world's resources. */
export function defaultWorld(place: Place = DEFAULT_PLACE): Resource[] {
  return [
    ...network(place),
    ...buildVm(place, 'build-linux', 'Linux', 64, '8a2f0d4e-51c7-4b7b-9f3e-0c6d1e5a7b90'),
    ...buildVm(place, 'build-windows', 'Windows', 127, 'c41b7e93-2d60-48fa-8b15-6e9f3a70d2c8'),
    gallery(place, 'golden'),
    definition(place, 'golden', {
      name: 'ubuntu-2404',
      osType: 'Linux',
      osState: 'Generalized',
      securityType: 'TrustedLaunch',
    }),
    definition(place, 'golden', {
      name: 'ubuntu-2404-specialized',
      osType: 'Linux',
      osState: 'Specialized',
      securityType: 'TrustedLaunch',
    }),
    definition(place, 'golden', {
      name: 'windows-2022',
      osType: 'Windows',
      osState: 'Generalized',
      securityType: 'TrustedLaunch',
    }),
  ];
}

/** A running Trusted Launch VM, its OS disk, one data disk and its NIC. */
function buildVm(
  place: Place,
  name: string,
  osType: 'Linux' | 'Windows',
  sizeGB: number,
  vmId: string,
): Resource[] {
  const managedBy = idOf(place, 'Microsoft.Compute/virtualMachines', name);
  const osDisk = disk(place, {
    name: `${name}_OsDisk`,
    sizeGB,
    managedBy,
    osType,
    securityType: 'TrustedLaunch',
    uniqueId: vmId.replace(/^.{8}/, '0d15c000'),
  });
  const dataDisk = disk(place, {
    name: `${name}_DataDisk_0`,
    sizeGB: 32,
    managedBy,
    uniqueId: vmId.replace(/^.{8}/, '0d15c001'),
  });
  const nic = nicOf(place, name, managedBy);
  const vm = virtualMachine(place, {
    name,
    osType,
    vmId,
    osDisk,
    dataDisks: [dataDisk],
    nicId: nic.id,
    securityType: 'TrustedLaunch',
    tags: { purpose: 'image-build' },
  });
  return [vm, osDisk, dataDisk, nic];
}

function subnetId(place: Place): string {
  return idOf(place, 'Microsoft.Network/virtualNetworks/subnets', 'build', 'default');
}

function network(place: Place): Resource[] {
  const subnet: JsonObject = { addressPrefix: '10.10.0.0/24', provisioningState: 'Succeeded' };
  const type = 'Microsoft.Network/virtualNetworks';
  const inVnet = { name: 'default', id: subnetId(place), properties: subnet };
  return [
    resource(place, type, ['build'], {
      addressSpace: { addressPrefixes: ['10.10.0.0/16'] },
      subnets: [inVnet],
      provisioningState: 'Succeeded',
    }),
    resource(place, `${type}/subnets`, ['build', 'default'], subnet),
  ];
}

function nicOf(place: Place, vm: string, virtualMachineId: string): Resource {
  return resource(place, 'Microsoft.Network/networkInterfaces', [`${vm}-nic`], {
    ipConfigurations: [
      {
        name: 'ipconfig',
        properties: {
          privateIPAddress: vm.includes('windows') ? '10.10.0.5' : '10.10.0.4',
          privateIPAllocationMethod: 'Dynamic',
          subnet: { id: subnetId(place) },
          primary: true,
        },
      },
    ],
    enableAcceleratedNetworking: true,
    primary: true,
    virtualMachine: { id: virtualMachineId },
    provisioningState: 'Succeeded',
  });
}
