/** Interfaces that come into being with a VM: `networkProfile.networkInterfaceConfigurations`. */
import type { Arm } from '../arm.ts';
import { groupId, parentId, parseId } from '../arm-id.ts';
import { armError, invalidParameter } from '../errors.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { addressed } from '../providers/network-shapes.ts';
import { compactRegion } from '../regions.ts';
import { asResource, type Resource, type World } from '../world.ts';

const configurationsOf = (properties: JsonObject): JsonObject[] =>
  objectsAt(properties, 'networkProfile', 'networkInterfaceConfigurations');

/**
 * Throws Azure's refusal of a VM whose interfaces cannot be made: without `networkApiVersion`, which is
 * needed beside configurations (ComputeRP's specification; wording as for others that are missing), or
 * in a subnet that is not there, or elsewhere (azure-docs#81734, CromwellOnAzure#231).
 */
export function requireNics(
  { world, weather }: Arm,
  vmId: string,
  properties: JsonObject,
  location: string,
): void {
  const configurations = configurationsOf(properties);
  if (configurations.length === 0) {
    const { networkInterfaces } = objectAt(properties, 'networkProfile');
    if (Array.isArray(networkInterfaces) && networkInterfaces.length > 0) return;
    // (From memory, many people's logs.)
    throw invalidParameter(
      "Required parameter 'networkProfile' is missing (null).",
      'networkProfile',
    );
  }
  if (textAt(properties, 'networkProfile', 'networkApiVersion') === undefined) {
    throw invalidParameter(
      "Required parameter 'networkProfile.networkApiVersion' is missing (null).",
      'networkProfile.networkApiVersion',
    );
  }
  for (const configuration of configurations) {
    const nic = nicId(vmId, textAt(configuration, 'name') ?? 'nic');
    // That a policy against interfaces counts at once is inferred (azure-cli#32417).
    weather.rewritten({ method: 'PUT', path: nic, text: '{}' });
    const addresses = objectsAt(configuration, 'properties', 'ipConfigurations');
    const subnets = addresses.map((each) => textAt(each, 'properties', 'subnet', 'id'));
    if (subnets.length === 0 || subnets.includes(undefined)) {
      throw invalidParameter(
        "Required parameter 'subnet' is missing (null).",
        'networkProfile.networkInterfaceConfigurations.ipConfigurations.subnet',
      );
    }
    for (const subnet of subnets) requireSubnet(world, subnet ?? '', nic, location);
  }
}

/** An interface is in the region and the subscription of its network. */
function requireSubnet(world: World, id: string, nic: string, location: string): void {
  const network = world.get(parentId(id));
  const isThere = world.get(id) !== undefined || isInBody(network, id);
  const isHere = compactRegion(textAt(network, 'location') ?? '') === compactRegion(location);
  const isOwn =
    parseId(id).subscriptionId?.toLowerCase() === parseId(nic).subscriptionId?.toLowerCase();
  if (isThere && isHere && isOwn) return;
  const message =
    `Resource ${id} referenced by resource ${nic} was not found. Please make sure that the ` +
    'referenced resource exists, and that both resources are in the same region.';
  throw armError(400, 'InvalidResourceReference', message, { details: [] });
}

/** A world may give subnets in their network's body alone. */
function isInBody(network: Resource | undefined, id: string): boolean {
  const name = parseId(id).names.at(-1)?.toLowerCase();
  return objectsAt(network, 'properties', 'subnets').some(
    (each) => textAt(each, 'name')?.toLowerCase() === name,
  );
}

function nicId(vmId: string, name: string): string {
  return `${groupId(vmId)}/providers/Microsoft.Network/networkInterfaces/${name}`;
}

/**
 * Makes the interfaces and refers to them. Whether they are called as given or with a suffix, as those
 * of a scale set's instances are, is not known. What is not said of deletion is Detach, as with disks.
 */
export function makeNics(arm: Arm, vm: Resource): void {
  const network = objectAt(vm, 'properties', 'networkProfile');
  for (const configuration of configurationsOf(vm.properties)) {
    const given = textAt(configuration, 'name') ?? 'nic';
    const isSuffixed = arm.unknowns.nameOfMadeInterface === 'with a suffix';
    const id = nicId(vm.id, isSuffixed ? `${given}-${arm.random.hex(8)}` : given);
    const { deleteOption = 'Detach', ...properties } = objectAt(configuration, 'properties');
    const nic = asResource({
      id,
      location: vm.location,
      tags: objectAt(configuration, 'tags'),
      properties: { ...properties, provisioningState: 'Succeeded' },
    });
    makeAddresses(arm, nic);
    addressed(arm, nic);
    arm.world.put(nic);
    const nics = objectsAt(network, 'networkInterfaces');
    const primary = properties.primary ?? nics.length === 0;
    network.networkInterfaces = [...nics, { id, properties: { primary, deleteOption } }];
  }
  delete network.networkInterfaceConfigurations;
}

/** A public address is made only where a configuration asks for one. */
function makeAddresses(arm: Arm, nic: Resource): void {
  for (const each of objectsAt(nic, 'properties', 'ipConfigurations')) {
    const { publicIPAddressConfiguration: asked, ...properties } = objectAt(each, 'properties');
    if (asked === undefined) continue;
    const id = `${groupId(nic.id)}/providers/Microsoft.Network/publicIPAddresses/${textAt(asked, 'name') ?? `${nic.name}-ip`}`;
    arm.world.put(
      asResource({
        id,
        location: nic.location,
        properties: { ...objectAt(asked, 'properties'), provisioningState: 'Succeeded' },
      }),
    );
    each.properties = { ...properties, publicIPAddress: { id } };
  }
}
