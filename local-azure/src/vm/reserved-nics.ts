/**
 * Interfaces of a VM that was deleted: Azure reserves each for that VM for 180 seconds ("Nic(s) in
 * request is reserved for another Virtual Machine for 180 seconds": taskcluster#7196,
 * karpenter-provider-azure#92). Whether a new VM of the same name counts as another is not known.
 */
import type { Arm } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { type ArmError, armError } from '../errors.ts';
import { objectsAt, textAt } from '../json.ts';
import type { Resource } from '../world.ts';
import { nicEntries } from './model.ts';

const SECONDS = 180;

interface Reservation {
  readonly vm: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const reservations = new WeakMap<Arm, Map<string, Reservation>>();

/** The VM has been deleted: its interfaces are reserved for it. */
export function reserveNics(arm: Arm, vm: Resource): void {
  if (arm.unknowns.nicOfDeletedVm === 'free') return;
  const known = reservations.get(arm) ?? new Map<string, Reservation>();
  reservations.set(arm, known);
  for (const nic of nicEntries(vm))
    known.set(idKey(textAt(nic, 'id') ?? ''), { vm: vm.id, until: arm.now() + SECONDS * 1000 });
}

/** The refusal of a VM's interfaces, when one of them is reserved. */
export function reservedNic(arm: Arm, properties: Resource['properties']): ArmError | undefined {
  for (const nic of objectsAt(properties, 'networkProfile', 'networkInterfaces')) {
    const held = reservations.get(arm)?.get(idKey(textAt(nic, 'id') ?? ''));
    if (held === undefined || held.until <= arm.now()) continue;
    const message =
      `Nic(s) in request is reserved for another Virtual Machine for ${SECONDS} seconds. Please ` +
      `provide another nic(s) or retry after ${SECONDS} seconds. Reserved VM: ${held.vm}`;
    return armError(400, 'NicReservedForAnotherVm', message);
  }
  return undefined;
}
