/** Managed identities of a VM (recorded in test_vm_explicit_msi and test_vm_msi). */
import type { Arm } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import { TENANT_ID } from '../identity.ts';
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { Resource } from '../world.ts';

/**
 * The identity that a body makes of the one there was. User-assigned ones are added, and removed by
 * null; `None` leaves nothing. A new one shows what it is called elsewhere once it is assigned.
 */
export function nextIdentity(
  arm: Arm,
  before: JsonObject | undefined,
  sent: JsonObject,
): JsonObject | undefined {
  const type = textAt(sent, 'type') ?? textAt(before, 'type') ?? 'None';
  if (type === 'None') return undefined;
  const identity: JsonObject = { type };
  if (type.includes('SystemAssigned')) {
    identity.principalId = textAt(before, 'principalId') ?? arm.random.uuid();
    identity.tenantId = textAt(before, 'tenantId') ?? TENANT_ID;
  }
  if (!type.includes('UserAssigned')) return identity;
  const assigned = { ...objectAt(before, 'userAssignedIdentities') };
  const listed = listAt(sent, 'identityIds').map((id): [string, Json] => [String(id), {}]);
  for (const [id, value] of [
    ...listed,
    ...Object.entries(objectAt(sent, 'userAssignedIdentities')),
  ]) {
    const known = Object.keys(assigned).find((each) => sameId(each, id));
    if (value === null) delete assigned[known ?? id];
    else if (known === undefined) assigned[id] = {};
  }
  return { ...identity, userAssignedIdentities: assigned };
}

/** The identities are assigned now. */
export function assignIdentities(arm: Arm, vm: Resource): void {
  const assigned = objectAt(vm, 'identity', 'userAssignedIdentities');
  for (const [id, value] of Object.entries(assigned)) {
    if (isObject(value) && value.principalId !== undefined) continue;
    const known = arm.world.get(id);
    assigned[id] = {
      principalId: textAt(known, 'properties', 'principalId') ?? arm.random.uuid(),
      clientId: textAt(known, 'properties', 'clientId') ?? arm.random.uuid(),
    };
  }
}
