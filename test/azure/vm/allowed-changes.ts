/** What an update of a VM's model may not change. */
import { sameId } from '../arm-id.ts';
import { armError, propertyChangeNotAllowed } from '../errors.ts';
import { isObject, numberAt, objectAt, textAt } from '../json.ts';
import type { Resource, World } from '../world.ts';
import { powerOf } from './instance-view.ts';
import { checkAttachable, diskIds } from './model.ts';

/** Throws Azure's refusal of a change that cannot be (errors.json `vm.property_change`, `osdisk.*`). */
export function checkChange(world: World, vm: Resource, next: Resource): void {
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
  // A VM that says nothing of its priority is a regular one.
  const { priority = 'Regular' } = vm.properties;
  if ((next.properties.priority ?? priority) !== priority)
    throw propertyChangeNotAllowed('priority');
  checkBilling(vm, next);
  for (const property of ['vmId', 'osProfile'] as const) {
    const old = vm.properties[property];
    if (old === undefined) continue;
    if (!contains(next.properties[property], old)) throw propertyChangeNotAllowed(property);
  }
  for (const id of diskIds(next)) {
    const problem = checkAttachable(world, vm.id, id);
    if (problem !== undefined) throw problem;
  }
}

/** (errors.json `vm.patch_conflict_details`; what stands around the detail is invented.) */
function checkBilling(vm: Resource, next: Resource): void {
  const priceOf = ({ properties }: Resource) => numberAt(properties, 'billingProfile', 'maxPrice');
  const price = priceOf(next);
  if (price === undefined || price === priceOf(vm) || powerOf(vm) === 'deallocated') return;
  const message =
    `Billing Profile change is not allowed when the VM '${vm.name}' is currently allocated. Please ` +
    'deallocate and try again. For more information, see ' +
    'https://aka.ms/low-priority/errormessages.';
  const code = 'OperationNotAllowed';
  throw armError(409, code, message, { details: [{ code, message }] });
}

/** Whether all of `old` that cannot change is still said: names and users of the OS profile. */
function contains(value: unknown, old: unknown): boolean {
  if (!isObject(old)) return value === old;
  return ['computerName', 'adminUsername'].every((key) => textAt(value, key) === textAt(old, key));
}
