/**
 * Microsoft.Network as far as VMs need it: NICs, virtual networks with subnets, public IPs and
 * security groups are kept as they are given. Nothing of their behaviour is modelled but what
 * deletes depend on. Durations of their operations are invented.
 */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import { armError, entityNotFound } from '../errors.ts';
import { objectAt, objectsAt, textAt } from '../json.ts';
import { getHandler, listHandler, registerReads, type Show } from '../stored.ts';
import { asResource, type Resource } from '../world.ts';
import { addressed, shownAs, showSubnet, subnetOf, uses } from './network-shapes.ts';

const TYPES = [
  'networkInterfaces',
  'virtualNetworks',
  'publicIPAddresses',
  'networkSecurityGroups',
  'loadBalancers',
];
const SUBNETS = 'Microsoft.Network/virtualNetworks/subnets';
const NAT_RULES = 'Microsoft.Network/loadBalancers/inboundNatRules';

/** Registers all of it. */
export function registerNetwork(arm: Arm): void {
  for (const type of TYPES.map((each) => `Microsoft.Network/${each}`)) {
    registerReads(arm, type, 'recordings', shownAs(arm, type));
    const pattern = inGroup(`${type}/{name}`);
    arm.route('PUT', pattern, 'recordings', (request) => put(arm, request));
    arm.route('PATCH', pattern, 'recordings', (request) => patchTags(arm, request));
    arm.route('DELETE', pattern, 'recordings', (request) => remove(arm, request));
  }
  const subnet = inGroup('Microsoft.Network/virtualNetworks/{network}/subnets/{subnet}');
  const subnets = inGroup('Microsoft.Network/virtualNetworks/{network}/subnets');
  const show: Show = (each) => showSubnet(arm, each);
  arm.route('GET', subnet, 'recordings', getHandler(arm, show));
  arm.route('GET', subnets, 'recordings', listHandler(arm, SUBNETS, show));
  arm.route('PUT', subnet, 'recordings', (request) => put(arm, request));
  arm.route('DELETE', subnet, 'recordings', (request) => remove(arm, request));
  // Rules of a load balancer that az vmss create makes by themselves.
  const rules = inGroup('Microsoft.Network/loadBalancers/{balancer}/inboundNatRules');
  const rule = `${rules}/{rule}`;
  arm.route('GET', rule, 'clients', getHandler(arm));
  arm.route('GET', rules, 'clients', listHandler(arm, NAT_RULES));
  arm.route('PUT', rule, 'clients', (request) => put(arm, request));
  arm.route('DELETE', rule, 'clients', (request) => remove(arm, request));
}

function put(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  requireMatch(arm, request, existing);
  const made = asResource({ ...request.body, id: request.id });
  made.properties = {
    ...structuredClone(objectAt(request.body, 'properties')),
    provisioningState: 'Succeeded',
  };
  const owner = existing?.properties.virtualMachine;
  if (owner !== undefined) made.properties.virtualMachine = owner;
  takeSubnets(arm, made);
  addressed(arm, made);
  arm.world.put(made);
  const operation = start(arm, request, made, 'PUT');
  const { status, headers } = operation.reply(existing === undefined ? 201 : 200);
  return { status, body: shown(arm, made), ...(headers === undefined ? {} : { headers }) };
}

/**
 * Nobody overwrites what another has changed since: the interface of cloud-provider-azure#483, and the answer
 * of cloud-provider-azure#9729.
 */
function requireMatch(arm: Arm, { headers, id }: ArmRequest, existing: Resource | undefined): void {
  const asked = headers.get('if-match');
  const etag = existing && textAt(shown(arm, existing), 'etag');
  if (asked === null || asked === etag || (asked === '*' && existing)) return;
  const message = `Etag provided in if-match header ${asked} does not match etag ${etag} of resource ${id} in NRP data store.`;
  throw armError(412, 'PreconditionFailed', 'Precondition failed.', {
    details: [{ code: 'PreconditionFailedEtagMismatch', message }],
  });
}

/** A resource as a GET shows it. */
function shown(arm: Arm, resource: Resource): Resource {
  const copy = structuredClone(resource);
  if (/\/subnets$/i.test(resource.type)) return showSubnet(arm, copy);
  return shownAs(arm, resource.type)(copy, new URLSearchParams(), arm.now());
}

/** Subnets in a virtual network's body are resources of their own; those left out are deleted. */
function takeSubnets(arm: Arm, network: Resource): void {
  if (network.properties.subnets === undefined) return;
  const named = objectsAt(network, 'properties', 'subnets').map((each) => subnetOf(network, each));
  const left = arm.world
    .list(network.id, SUBNETS)
    .filter(({ id }) => !named.some((each) => sameId(each.id, id)));
  for (const each of left) refuseInUse(arm, each);
  for (const each of left) arm.world.delete(each.id);
  for (const each of named) arm.world.put(each);
  delete network.properties.subnets;
}

function patchTags(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined) throw entityNotFound();
  existing.tags = objectAt(request.body, 'tags');
  return { status: 200, body: shown(arm, existing) };
}

function remove(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined) return { status: 204 };
  refuseInUse(arm, existing);
  const operation = start(arm, request, existing, 'DELETE', () => arm.world.delete(existing.id));
  return operation.reply(202, undefined, { location: true });
}

/**
 * Deletes an interface together with its VM, and the public IP addresses whose option says so. The option is
 * about the deletion of the VM (azure-rest-api-specs, DeleteOptions): alone, an interface takes none with it.
 */
export function deleteInterface(arm: Arm, nic: Resource): void {
  arm.world.delete(nic.id);
  for (const each of objectsAt(nic, 'properties', 'ipConfigurations')) {
    const address = objectAt(each, 'properties', 'publicIPAddress');
    const id = textAt(address, 'id');
    const goes = textAt(address, 'properties', 'deleteOption') === 'Delete';
    if (goes && id !== undefined) arm.world.delete(id);
  }
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
