import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { ensureObject, objectsAt } from '../../local-azure/src/json.ts';
import { buildVm } from './harness.ts';

const TO_NIC = [
  'Microsoft.Compute/virtualMachines/build-linux',
  'Microsoft.Network/networkInterfaces/build-linux-nic',
] as const;

/** Gives the network interface of the build VM a public IP address of its own. */
export function addPublicIp(azure: LocalAzure): void {
  const nic = azure.world.get(buildVm(azure).replace(...TO_NIC));
  if (!nic) throw new Error('The default world has changed');
  const configuration = objectsAt(nic, 'properties', 'ipConfigurations')[0];
  const id = nic.id.replace(
    'networkInterfaces/build-linux-nic',
    'publicIPAddresses/build-linux-ip',
  );
  azure.world.put({
    id,
    name: 'build-linux-ip',
    type: 'Microsoft.Network/publicIPAddresses',
    location: 'westeurope',
    properties: { provisioningState: 'Succeeded' },
  });
  if (configuration) ensureObject(configuration, 'properties').publicIPAddress = { id };
}
