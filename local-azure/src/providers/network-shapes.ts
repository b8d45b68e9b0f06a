/**
 * How Microsoft.Network shows what it holds: members that it adds to what was sent. Shapes are those of
 * azure-rest-api-specs' examples (NetworkInterfaceGet, VirtualNetworkGet) and of azure-cli's recordings.
 */
import { createHash } from 'node:crypto';
import type { Arm } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import type { Show } from '../stored.ts';
import { asResource, type Resource } from '../world.ts';

const SUBNETS = 'Microsoft.Network/virtualNetworks/subnets';

/** How each type is shown. */
export function shownAs(arm: Arm, type: string): Show {
  if (type.endsWith('/networkInterfaces')) return showInterface;
  if (type.endsWith('/virtualNetworks')) return (network) => showNetwork(arm, network);
  if (type.endsWith('/publicIPAddresses')) return (address) => showAddress(arm, address);
  return (resource) => stamped(resource);
}

/** The same resource has the same GUID and hardware address for ever, another one others. */
function digest(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n').toLowerCase()).digest('hex');
}

function guid(...parts: string[]): string {
  const hex = digest(...parts);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');
}

/** An entity tag, which changes with what it stands for. */
const etagOf = (value: unknown): string => `W/"${guid(JSON.stringify(value))}"`;

function stamped(resource: Resource, properties: JsonObject = resource.properties): Resource {
  const resourceGuid = textAt(properties, 'resourceGuid') ?? guid('resource', resource.id);
  return {
    ...resource,
    etag: etagOf([properties, resource.tags]),
    properties: { ...properties, resourceGuid },
  } as Resource;
}

function showInterface(nic: Resource): Resource {
  const { properties } = nic;
  const configurations = objectsAt(properties, 'ipConfigurations').map((each, index) => ({
    ...each,
    id: `${nic.id}/ipConfigurations/${textAt(each, 'name')}`,
    etag: etagOf(properties),
    type: 'Microsoft.Network/networkInterfaces/ipConfigurations',
    properties: {
      provisioningState: 'Succeeded',
      privateIPAllocationMethod: 'Dynamic',
      primary: index === 0,
      privateIPAddressVersion: 'IPv4',
      ...objectAt(each, 'properties'),
    },
  }));
  const isAttached = textAt(properties, 'virtualMachine', 'id') !== undefined;
  return {
    ...stamped(nic, {
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      ...properties,
      ipConfigurations: configurations,
      dnsSettings: {
        dnsServers: [],
        appliedDnsServers: [],
        internalDomainNameSuffix: `${digest('suffix', nic.id).slice(0, 26)}.ax.internal.cloudapp.net`,
        ...objectAt(properties, 'dnsSettings'),
      },
      // An interface has a hardware address as long as a VM has it.
      ...(isAttached ? { macAddress: hardwareAddress(nic.id) } : {}),
      hostedWorkloads: [],
      tapConfigurations: [],
      nicType: 'Standard',
    }),
    kind: 'Regular',
  } as Resource;
}

function hardwareAddress(id: string): string {
  const own = digest('hardware', id).slice(0, 6).toUpperCase();
  return `00-0D-3A-${own.slice(0, 2)}-${own.slice(2, 4)}-${own.slice(4)}`;
}

/** A network shows its subnets as they are now, however they were made. */
function showNetwork(arm: Arm, network: Resource): Resource {
  const made = arm.world.list(network.id, SUBNETS);
  const written = objectsAt(network.properties, 'subnets')
    .map((each) => subnetOf(network, each))
    .filter(({ id }) => !made.some((each) => sameId(each.id, id)));
  const subnets = [...made, ...written].map((each) => showSubnet(arm, each));
  return stamped(network, {
    ...network.properties,
    subnets: subnets.map(({ name, id, etag, type, properties }) => ({
      name,
      id,
      etag,
      type,
      properties,
    })) as JsonObject[],
    virtualNetworkPeerings: [],
    enableDdosProtection: false,
  });
}

/** A subnet tells which configurations of interfaces are in it. */
export function showSubnet(arm: Arm, subnet: Resource): Resource {
  const inside = arm.world
    .all()
    .filter(({ type }) => /\/networkInterfaces$/i.test(type))
    .flatMap((nic) =>
      objectsAt(nic, 'properties', 'ipConfigurations')
        .filter((each) => sameId(textAt(each, 'properties', 'subnet', 'id'), subnet.id))
        .map((each) => ({ id: `${nic.id}/ipConfigurations/${textAt(each, 'name')}` })),
    );
  const properties: JsonObject = {
    delegations: [],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled',
    ...subnet.properties,
    ...(inside.length === 0 ? {} : { ipConfigurations: inside }),
  };
  return { ...subnet, etag: etagOf(properties), properties } as Resource;
}

/** A public IP address tells which NIC's configuration uses it, as long as one does. */
function showAddress(arm: Arm, address: Resource): Resource {
  const { ipConfiguration, ...properties } = address.properties;
  const isOfNic = /\/networkInterfaces\//i.test(textAt(ipConfiguration, 'id') ?? '');
  const nic = arm.world.all().find((each) => uses(each, address));
  const configuration = objectsAt(nic, 'properties', 'ipConfigurations').find((each) =>
    sameId(textAt(each, 'properties', 'publicIPAddress', 'id'), address.id),
  );
  const name = textAt(configuration, 'name') ?? 'ipconfig';
  const user = nic ? { id: `${nic.id}/ipConfigurations/${name}` } : undefined;
  const shown = user ?? (isOfNic ? undefined : ipConfiguration);
  const isUsed = textAt(nic, 'properties', 'virtualMachine', 'id') !== undefined;
  return stamped(address, {
    ...numbered(address, isUsed),
    ...properties,
    ...named(address),
    ...(shown === undefined ? {} : { ipConfiguration: shown }),
  });
}

/**
 * A static address is there at once, a dynamic one with a VM that uses it (learn, "Public IP addresses").
 * The numbers are of the range that RFC 5737 keeps for examples.
 */
function numbered({ id, properties }: Resource, isUsed: boolean): JsonObject {
  const isStatic = textAt(properties, 'publicIPAllocationMethod')?.toLowerCase() === 'static';
  const isIPv6 = textAt(properties, 'publicIPAddressVersion')?.toLowerCase() === 'ipv6';
  if (isIPv6 || (!isStatic && !isUsed)) return {};
  return { ipAddress: `203.0.113.${1 + (Number.parseInt(digest(id).slice(0, 4), 16) % 254)}` };
}

/** The name that comes of a label (azure-rest-api-specs, PublicIPAddressDnsSettings). */
function named(address: Resource): JsonObject {
  const { properties } = address;
  const label = textAt(properties, 'dnsSettings', 'domainNameLabel');
  if (label === undefined) return {};
  const region = compactRegion(textAt(address, 'location') ?? '');
  const fqdn = `${label}.${region}.cloudapp.azure.com`;
  return { dnsSettings: { fqdn, ...objectAt(properties, 'dnsSettings') } };
}

/** Whether a NIC refers to the public IP, the security group, or a subnet (of the network). */
export function uses(user: Resource, used: Resource): boolean {
  if (!/\/networkInterfaces$/i.test(user.type)) return false;
  if (sameId(textAt(user, 'properties', 'networkSecurityGroup', 'id'), used.id)) return true;
  return objectsAt(user, 'properties', 'ipConfigurations').some((each) => {
    const subnet = textAt(each, 'properties', 'subnet', 'id') ?? '';
    const address = textAt(each, 'properties', 'publicIPAddress', 'id');
    const network = subnet.replace(/\/subnets\/[^/]+$/i, '');
    return [address, subnet, network].some((id) => sameId(id, used.id));
  });
}

/**
 * Gives each configuration of an interface that has none an address: the first free one of its
 * subnet. Azure keeps the first four and the last for itself (learn, "Add, change, or delete a
 * virtual network subnet").
 */
export function addressed(arm: Arm, nic: Resource): void {
  for (const each of objectsAt(nic, 'properties', 'ipConfigurations')) {
    const properties = objectAt(each, 'properties');
    const subnet = textAt(properties, 'subnet', 'id');
    if (subnet === undefined || textAt(properties, 'privateIPAddress') !== undefined) continue;
    const prefix =
      textAt(arm.world.get(subnet), 'properties', 'addressPrefix') ??
      objectAt(arm.world.get(subnet), 'properties').addressPrefixes;
    const address = free(String(Array.isArray(prefix) ? prefix[0] : prefix), taken(arm, nic));
    if (address !== undefined) each.properties = { ...properties, privateIPAddress: address };
  }
}

function taken(arm: Arm, nic: Resource): Set<string | undefined> {
  const others = arm.world.all().filter(({ type }) => /\/networkInterfaces$/i.test(type));
  return new Set(
    [nic, ...others].flatMap((each) =>
      objectsAt(each, 'properties', 'ipConfigurations').map((one) =>
        textAt(one, 'properties', 'privateIPAddress'),
      ),
    ),
  );
}

function free(prefix: string, used: Set<string | undefined>): string | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(prefix);
  if (found === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = found.slice(1).map(Number);
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  for (let host = 4; host < 2 ** (32 - bits) - 1; host++) {
    const number = first + host;
    const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
    if (!used.has(address)) return address;
  }
  return undefined;
}

/** A resource of a virtual network's body. */
export function subnetOf(network: Resource, subnet: JsonObject): Resource {
  const id = `${network.id}/subnets/${textAt(subnet, 'name') ?? 'default'}`;
  const properties = { ...objectAt(subnet, 'properties'), provisioningState: 'Succeeded' };
  return asResource({ id, properties });
}
