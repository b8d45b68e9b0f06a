/** The machines behind all VMs of a world. */
import type { Arm } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { type GuestOptions, openGuest } from '../guest/guest.ts';
import { textAt } from '../json.ts';
import { openWindows, type WindowsOptions } from '../windows/guest.ts';
import type { Resource } from '../world.ts';
import type { GuestBehaviour } from './guest-behaviour.ts';
import { Machine } from './machine.ts';
import type { GuestHost, LiveGuest, MachineGuest } from './machine-guest.ts';

/** What guest a VM has: options of the one for its system, or a guest of the caller's own. */
export type Guests = (vm: Resource) => GuestOptions | WindowsOptions | MachineGuest | undefined;

/** Machines by VM; made when first asked for. */
export class Machines implements Disposable {
  #machines = new Map<string, Machine>();
  readonly #arm: Arm;
  readonly #guests: Guests | undefined;

  constructor(arm: Arm, guests: Guests | undefined) {
    this.#arm = arm;
    this.#guests = guests;
    arm.contents.ofGuest = (vm) => this.of(vm).os.image();
    arm.contents.onSwap = (vm, content) => this.#machines.get(idKey(vm.id))?.swap(content);
  }

  /** The machine behind the VM. */
  of(vm: Resource): Machine {
    const key = idKey(vm.id);
    const known = this.#machines.get(key);
    if (known !== undefined) return known;
    const machine = new Machine(this.#arm, vm.id, (host, options) =>
      this.#openGuest(vm, host, options),
    );
    this.#machines.set(key, machine);
    return machine;
  }

  /** The VM is gone, and its guest with it. */
  remove(id: string): void {
    this.#machines.get(idKey(id))?.[Symbol.dispose]();
    this.#machines.delete(idKey(id));
  }

  #openGuest(
    vm: Resource,
    host: GuestHost,
    options: GuestBehaviour['options'] = {},
  ): MachineGuest | LiveGuest {
    const wanted = this.#guests?.(vm);
    if (wanted !== undefined && 'runScheduled' in wanted) return wanted;
    const osType = textAt(vm, 'properties', 'storageProfile', 'osDisk', 'osType');
    return osType === 'Windows'
      ? openWindows({ ...(wanted as WindowsOptions), ...options }, host)
      : openGuest({ ...(wanted as GuestOptions), ...options });
  }

  [Symbol.dispose](): void {
    for (const machine of this.#machines.values()) machine[Symbol.dispose]();
    this.#machines.clear();
  }
}
