/** Virtual machines: GET, list, instance view, DELETE; PUT and PATCH are in vm/create and vm/update. */
import { type Arm, type ArmRequest, inGroup, inSubscription, type Reply } from '../arm.ts';
import { sameId, withCapitalGroup } from '../arm-id.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { hasCapitalFilteredGroups } from '../service-history.ts';
import { listHandler } from '../stored.ts';
import { createVm } from '../vm/create.ts';
import { instanceViewOf } from '../vm/instance-view.ts';
import type { Machines } from '../vm/machines.ts';
import { detachDisks, diskEntries, managedDiskId, nicEntries } from '../vm/model.ts';
import { requirePreconditions } from '../vm/preconditions.ts';
import { reserveNics } from '../vm/reserved-nics.ts';
import { etagHeader, requireVm, showVm } from '../vm/show.ts';
import { patchVm, putVm } from '../vm/update.ts';
import { asOf } from '../vm/versions.ts';
import { page, type Resource } from '../world.ts';
import { deleteInterface } from './network.ts';

const TYPE = 'Microsoft.Compute/virtualMachines';
const VM = `${TYPE}/{vm}`;

/** Registers the routes of VMs that are not about their power or guests. */
export function registerVirtualMachines(arm: Arm, machines: Machines): void {
  arm.route('GET', inGroup(VM), 'recordings', (request) => {
    const vm = requireVm(arm, request);
    const body = showVm(vm, request.query, arm.now());
    return { status: 200, body, headers: etagHeader(body, request.query) };
  });
  arm.route('GET', inGroup(`${VM}/instanceView`), 'recordings', (request) => {
    const properties = { instanceView: instanceViewOf(requireVm(arm, request)) };
    const body = objectAt(asOf({ properties }, request.apiVersion), 'properties', 'instanceView');
    return { status: 200, body };
  });
  for (const pattern of [inGroup(TYPE), inSubscription(TYPE)]) {
    arm.route('GET', pattern, 'recordings', (request) => list(arm, request));
  }
  arm.route('PUT', inGroup(VM), 'recordings', (request) => {
    const existing = arm.world.get(request.id);
    requirePreconditions(request, existing);
    if (existing === undefined) return createVm(arm, machines, request);
    return putVm(arm, existing, request);
  });
  arm.route('PATCH', inGroup(VM), 'recordings', (request) => {
    const vm = requireVm(arm, request);
    requirePreconditions(request, vm);
    return patchVm(arm, vm, request);
  });
  arm.route('DELETE', inGroup(VM), 'recordings', (request) => deleteVm(arm, machines, request));
}

/** A list by filter comes from another index, which writes the group in capitals (recorded). */
function list(arm: Arm, request: ArmRequest): Reply {
  const reply = listHandler(arm, TYPE, showVm)(request) as Reply;
  const filter = request.query.get('$filter');
  if (filter === null) return reply;
  const shown = hasCapitalFilteredGroups(arm.now()) ? inCapitals : (vm: JsonObject) => vm;
  const wanted = /virtualMachineScaleSet\/id' eq '([^']+)'/i.exec(filter)?.[1];
  const machines = objectsAt(reply.body, 'value').filter(
    (vm) =>
      wanted === undefined ||
      sameId(textAt(vm, 'properties', 'virtualMachineScaleSet', 'id'), wanted),
  );
  return { ...reply, body: page(machines.map(shown)) };
}

function inCapitals(vm: JsonObject): JsonObject {
  const properties = { ...objectAt(vm, 'properties') };
  const set = textAt(properties, 'virtualMachineScaleSet', 'id');
  if (set !== undefined) properties.virtualMachineScaleSet = { id: withCapitalGroup(set) };
  return { ...vm, id: withCapitalGroup(vm.id), properties };
}

/** Deletes a VM and, at the end, what its delete options say (recorded). */
function deleteVm(arm: Arm, machines: Machines, request: ArmRequest): Reply {
  const vm = arm.world.get(request.id);
  if (vm === undefined) return { status: 204 };
  vm.properties.provisioningState = 'Deleting';
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(vm, 'location') ?? '',
    name: 'DELETE virtualMachines',
    resource: vm.id,
    retryAfter: { first: 10, poll: 30 },
    onEnd: () => {
      arm.contents.keep(vm);
      machines.remove(vm.id);
      arm.world.delete(vm.id);
      releaseParts(arm, vm);
      reserveNics(arm, vm);
      return undefined;
    },
    onFault: () => {
      vm.properties.provisioningState = 'Failed';
    },
  });
  return operation.reply(202, undefined, { location: true });
}

function releaseParts(arm: Arm, vm: Resource): void {
  for (const entry of diskEntries(vm)) {
    const id = managedDiskId(entry);
    if (id === undefined) continue;
    if (entry.deleteOption === 'Delete') arm.world.delete(id);
    else detachDisks(arm.world, [id], arm.now());
  }
  for (const entry of nicEntries(vm)) {
    const nic = arm.world.get(textAt(entry, 'id') ?? '');
    if (nic === undefined) continue;
    if (textAt(entry, 'properties', 'deleteOption') === 'Delete') deleteInterface(arm, nic);
    else delete nic.properties.virtualMachine;
  }
}
