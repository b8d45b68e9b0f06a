/**
 * Microsoft.Network as far as VMs need it: NICs, virtual networks with subnets, public IPs and
 * security groups are kept as they are given. Nothing of their behaviour is modelled but what
 * deletes depend on. Durations of their operations are invented.
 */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { parentId, sameId } from '../arm-id.ts';
import { armError, entityNotFound } from '../errors.ts';
import { ensureObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { getHandler, listHandler, registerReads, type Show } from '../stored.ts';
import { asResource, type Resource } from '../world.ts';

const TYPES = [
  'networkInterfaces',
  'virtualNetworks',
  'publicIPAddresses',
  'networkSecurityGroups',
];
const SUBNETS = 'Microsoft.Network/virtualNetworks/subnets';

/** Registers all of it. */
export function registerNetwork(arm: Arm): void {
  for (const type of TYPES.map((each) => `Microsoft.Network/${each}`)) {
    registerReads(
      arm,
      type,
      'recordings',
      type.endsWith('/publicIPAddresses') ? showAddress(arm) : undefined,
    );
    const pattern = inGroup(`${type}/{name}`);
    arm.route('PUT', pattern, 'recordings', (request) => put(arm, request));
    arm.route('PATCH', pattern, 'recordings', (request) => patchTags(arm, request));
    arm.route('DELETE', pattern, 'recordings', (request) => remove(arm, request));
  }
  const subnet = inGroup('Microsoft.Network/virtualNetworks/{network}/subnets/{subnet}');
  const subnets = inGroup('Microsoft.Network/virtualNetworks/{network}/subnets');
  arm.route('GET', subnet, 'recordings', getHandler(arm));
  arm.route('GET', subnets, 'recordings', listHandler(arm, SUBNETS));
  arm.route('PUT', subnet, 'recordings', (request) => put(arm, request));
  arm.route('DELETE', subnet, 'recordings', (request) => remove(arm, request));
}

/** A public IP address tells which NIC's configuration uses it, as long as one does. */
function showAddress(arm: Arm): Show {
  return (address) => {
    const { ipConfiguration, ...properties } = address.properties;
    const isOfNic = /\/networkInterfaces\//i.test(textAt(ipConfiguration, 'id') ?? '');
    const nic = arm.world.all().find((each) => uses(each, address));
    const configuration = objectsAt(nic, 'properties', 'ipConfigurations').find((each) =>
      sameId(textAt(each, 'properties', 'publicIPAddress', 'id'), address.id),
    );
    const name = textAt(configuration, 'name') ?? 'ipconfig';
    const user = nic ? { id: `${nic.id}/ipConfigurations/${name}` } : undefined;
    const shown = user ?? (isOfNic ? undefined : ipConfiguration);
    return {
      ...address,
      properties: { ...properties, ...(shown === undefined ? {} : { ipConfiguration: shown }) },
    };
  };
}

function put(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  const made = asResource({ ...request.body, id: request.id });
  made.properties = {
    ...structuredClone(objectAt(request.body, 'properties')),
    provisioningState: 'Succeeded',
  };
  const owner = existing?.properties.virtualMachine;
  if (owner !== undefined) made.properties.virtualMachine = owner;
  arm.world.put(made);
  for (const each of objectsAt(made, 'properties', 'subnets')) addSubnet(arm, made, each);
  const operation = start(arm, request, made, 'PUT');
  const { status, headers } = operation.reply(existing === undefined ? 201 : 200);
  return { status, body: structuredClone(made), ...(headers === undefined ? {} : { headers }) };
}

/** A subnet in a virtual network's body is a resource of its own as well. */
function addSubnet(arm: Arm, network: Resource, subnet: JsonObject): void {
  const id = `${network.id}/subnets/${textAt(subnet, 'name') ?? 'default'}`;
  subnet.id = id;
  ensureObject(subnet, 'properties').provisioningState = 'Succeeded';
  arm.world.put(asResource({ id, properties: objectAt(subnet, 'properties') }));
}

function patchTags(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined) throw entityNotFound();
  existing.tags = objectAt(request.body, 'tags');
  return { status: 200, body: existing };
}

function remove(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined) return { status: 204 };
  refuseInUse(arm, existing);
  const operation = start(arm, request, existing, 'DELETE', () => arm.world.delete(existing.id));
  return operation.reply(202, undefined, { location: true });
}

function start(
  arm: Arm,
  request: ArmRequest,
  resource: Resource,
  method: string,
  effect: () => void = () => {},
) {
  return arm.operations.start(request, {
    kind: 'operations',
    namespace: 'Microsoft.Network',
    location: textAt(resource, 'location') ?? 'westeurope',
    name: `${method} network`,
    resource: resource.id,
    seconds: method === 'DELETE' ? 10 : 1,
    retryAfter: { first: 10, poll: 10 },
    onEnd: () => {
      effect();
      return undefined;
    },
  });
}

/** What is still in use is not deleted (codes from Microsoft.Network's public errors). */
function refuseInUse(arm: Arm, resource: Resource): void {
  const vm = textAt(resource, 'properties', 'virtualMachine', 'id');
  if (vm !== undefined && arm.world.get(vm) !== undefined) {
    const message = `Nic(s) in request is used by existing resource ${vm}, it cannot be deleted.`;
    throw armError(400, 'NicInUse', message);
  }
  const user = arm.world.all().find((each) => uses(each, resource));
  if (user === undefined) return;
  const codes: Record<string, string> = {
    publicipaddresses: 'PublicIPAddressCannotBeDeleted',
    networksecuritygroups: 'InUseNetworkSecurityGroupCannotBeDeleted',
    subnets: 'InUseSubnetCannotBeDeleted',
  };
  const code =
    codes[resource.type.split('/').at(-1)?.toLowerCase() ?? ''] ?? 'InUseCannotBeDeleted';
  const message = `${resource.name} can not be deleted since it is still in use by resource ${user.id}.`;
  throw armError(400, code, message);
}

/** Whether a NIC refers to the public IP, the security group, or a subnet (of the network). */
function uses(user: Resource, used: Resource): boolean {
  if (!/\/networkInterfaces$/i.test(user.type)) return false;
  if (sameId(textAt(user, 'properties', 'networkSecurityGroup', 'id'), used.id)) return true;
  return objectsAt(user, 'properties', 'ipConfigurations').some((each) => {
    const subnet = textAt(each, 'properties', 'subnet', 'id') ?? '';
    const address = textAt(each, 'properties', 'publicIPAddress', 'id');
    return [address, subnet, parentId(subnet)].some((id) => sameId(id, used.id));
  });
}
