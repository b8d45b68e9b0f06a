/** The machines behind all VMs of a world. */
import type { Arm } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { type GuestOptions, openGuest } from '../guest/guest.ts';
import { textAt } from '../json.ts';
import type { Resource } from '../world.ts';
import { Machine, type MachineGuest } from './machine.ts';
import { windowsGuest } from './windows-guest.ts';

/** What guest a VM has: options of the Linux one, or a guest of the caller's own. */
export type Guests = (vm: Resource) => GuestOptions | MachineGuest | undefined;

/** Machines by VM; made when first asked for. */
export class Machines implements Disposable {
  #machines = new Map<string, Machine>();
  readonly #arm: Arm;
  readonly #guests: Guests | undefined;

  constructor(arm: Arm, guests: Guests | undefined) {
    this.#arm = arm;
    this.#guests = guests;
  }

  /** The machine behind the VM. */
  of(vm: Resource): Machine {
    const key = idKey(vm.id);
    const known = this.#machines.get(key);
    if (known !== undefined) return known;
    const machine = new Machine(this.#arm, vm.id, () => this.#openGuest(vm));
    this.#machines.set(key, machine);
    return machine;
  }

  /** The VM is gone, and its guest with it. */
  remove(id: string): void {
    this.#machines.get(idKey(id))?.[Symbol.dispose]();
    this.#machines.delete(idKey(id));
  }

  #openGuest(vm: Resource): MachineGuest {
    const wanted = this.#guests?.(vm);
    if (wanted !== undefined && 'runScheduled' in wanted) return wanted;
    const osType = textAt(vm, 'properties', 'storageProfile', 'osDisk', 'osType');
    return osType === 'Windows' ? windowsGuest() : openGuest(wanted ?? {});
  }

  [Symbol.dispose](): void {
    for (const machine of this.#machines.values()) machine[Symbol.dispose]();
    this.#machines.clear();
  }
}
