/** What an update of a VM is not allowed to change. */
import type { Arm } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import {
  armError,
  invalidParameter,
  operationNotAllowed,
  propertyChangeNotAllowed,
} from '../errors.ts';
import { at, isObject, objectAt, textAt } from '../json.ts';
import type { Resource } from '../world.ts';
import { alikeDisks } from './distinct-disks.ts';
import { powerOf } from './instance-view.ts';
import { checkAttachable, diskEntries, diskIds, managedDiskId } from './model.ts';

/** Refuses what cannot change (azure-libraries-for-net, CanCreateUpdatePriorityAndPrice; azure-docs#11611). */
export function checkChange(arm: Arm, vm: Resource, next: Resource): void {
  const before = objectAt(vm, 'properties', 'storageProfile', 'osDisk');
  const after = objectAt(next, 'properties', 'storageProfile', 'osDisk');
  for (const property of ['createOption', 'osType']) {
    if (before[property] !== after[property]) throw propertyChangeNotAllowed(`osDisk.${property}`);
  }
  const [was, is] = [textAt(before, 'managedDisk', 'id'), textAt(after, 'managedDisk', 'id')];
  const swapped = (was !== undefined || is !== undefined) && !sameId(was, is);
  if (before.name !== after.name && !swapped) throw propertyChangeNotAllowed('osDisk.name');
  if (before.name === after.name && swapped)
    throw propertyChangeNotAllowed('osDisk.managedDisk.id');
  for (const property of ['vmId', 'osProfile'] as const) {
    const old = vm.properties[property];
    if (old === undefined) continue;
    if (!contains(next.properties[property], old)) throw propertyChangeNotAllowed(property);
  }
  checkPlacement(vm, next);
  const alike = alikeDisks(next.properties);
  if (alike !== undefined) throw alike;
  checkDeleteOptions(arm, next);
  for (const id of diskIds(next)) {
    const problem = checkAttachable(arm.world, vm.id, id);
    if (problem !== undefined) throw problem;
  }
}

/** A shared disk cannot go with one of its VMs (delete.md, FAQ; wording invented). */
function checkDeleteOptions({ world }: Arm, next: Resource): void {
  for (const entry of diskEntries(next)) {
    const disk = world.get(managedDiskId(entry) ?? '');
    if (entry.deleteOption !== 'Delete' || Number(disk?.properties.maxShares ?? 1) <= 1) continue;
    throw invalidParameter(
      `Delete option 'Delete' is not allowed for shared disk '${disk?.name}'.`,
      'deleteOption',
    );
  }
}

/**
 * Priority and price of a VM, and its proximity placement group (recorded 2019-12 in
 * azure-libraries-for-net, VirtualMachine.CanCreateUpdatePriorityAndPrice and
 * CannotUpdateProximityPlacementGroupForVirtualMachine).
 */
function checkPlacement(vm: Resource, next: Resource): void {
  const isSpot = ({ properties }: Resource) =>
    /^(Spot|Low)$/.test(textAt(properties, 'priority') ?? 'Regular');
  if (isSpot(vm) !== isSpot(next)) throw propertyChangeNotAllowed('priority');
  if (powerOf(vm) === 'deallocated') return;
  const price = ({ properties }: Resource) => at(properties, 'billingProfile', 'maxPrice');
  if (price(vm) !== price(next)) throw billingProfileRefusal(vm);
  const group = ({ properties }: Resource) => textAt(properties, 'proximityPlacementGroup', 'id');
  const [was, is] = [group(vm), group(next)];
  if (was === is || (was !== undefined && is !== undefined && sameId(was, is))) return;
  throw operationNotAllowed(
    `Updating proximity placement group of VM ${vm.name} is not allowed while the VM is running. ` +
      'Please stop/deallocate the VM and retry the operation.',
  );
}

function billingProfileRefusal(vm: Resource): Error {
  const help = 'For more information, see https://aka.ms/low-priority/errormessages.';
  const detail = {
    code: 'OperationNotAllowed',
    message:
      `Billing Profile change is not allowed when the VM '${vm.name}' is currently allocated. ` +
      `Please deallocate and try again. ${help}`,
    target: vm.name,
  };
  const message = `Billing Profile change is not allowed. ${help}`;
  return armError(409, 'OperationNotAllowed', message, { details: [detail] });
}

/** Whether all of `old` that cannot change is still said: names and users of the OS profile. */
function contains(value: unknown, old: unknown): boolean {
  if (!isObject(old)) return value === old;
  return ['computerName', 'adminUsername'].every((key) => textAt(value, key) === textAt(old, key));
}
