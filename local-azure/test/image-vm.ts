/** What the tests of a VM that is made of a gallery version share: its network, and its interface. */
import type { JsonObject } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { idOf, resource } from '../src/world-parts.ts';
import { place } from './gallery.ts';

/** The version of Microsoft.Compute's API for VMs. */
export const api = '2024-07-01';
/** The path of the VM that is made. */
export const vm = 'virtualMachines/proof';

const network = 'Microsoft.Network/virtualNetworks';
/** The ID of the subnet for its interface. */
export const subnet = idOf(place, `${network}/subnets`, 'vnet', 'proofs');

/** The network of that subnet, in a region. */
export const networkParts = (location = 'westeurope'): ResourceInput[] => [
  resource({ ...place, location }, network, ['vnet'], { addressSpace: {} }),
  resource(place, `${network}/subnets`, ['vnet', 'proofs'], { addressPrefix: '10.1.0.0/24' }),
];

/** The network profile of a VM that gets an interface of its own. */
export const networkProfile: JsonObject = {
  networkApiVersion: '2022-11-01',
  networkInterfaceConfigurations: [
    {
      name: 'proof-nic',
      properties: {
        deleteOption: 'Delete',
        ipConfigurations: [{ name: 'ip', properties: { subnet: { id: subnet } } }],
      },
    },
  ],
};
