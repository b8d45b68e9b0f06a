/** What happens to VMs at a moment: an agent falls silent, somebody puts another VM in its place. */
import { idKey } from '../arm-id.ts';
import { stamp, type Timeline } from '../clock.ts';
import { objectAt, textAt } from '../json.ts';
import type { Random } from '../random.ts';
import { powerOf, setAgentReady, setAgentUnavailable, setPower } from '../vm/instance-view.ts';
import type { Machines } from '../vm/machines.ts';
import type { Resource, World } from '../world.ts';
import { fits, fitsGlob } from './chance.ts';
import type { Moment, Replacement, SilentAgent, WeatherDocument } from './document.ts';

/** What the weather needs of the local Azure. */
export interface Surroundings {
  readonly world: World;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly machines: () => Machines;
}

interface Waiting {
  readonly fits: (method: string, path: string) => boolean;
  readonly afterSeconds: number;
  readonly effect: () => void;
}

/** All that is to happen at a moment. */
export class Happenings {
  readonly #parts: Surroundings;
  readonly #document: WeatherDocument;
  /** Of agents that are to be silent now: what their VMs are called, also those made later. */
  #silenced: ((name: string) => boolean)[] = [];
  #waiting: Waiting[] = [];
  #calledOff: (() => void)[] = [];

  constructor(parts: Surroundings, document: WeatherDocument) {
    this.#parts = parts;
    this.#document = document;
  }

  /** Plans everything anew, from now on. */
  arm(): void {
    this.callOff();
    const { silentAgents = [], replacements = [] } = this.#document;
    for (const each of silentAgents) this.#plan(each, () => this.#fallSilent(each));
    for (const each of replacements) this.#plan(each, () => this.#replace(each));
  }

  /** A request has come in and is not looked at yet. */
  met(method: string, path: string): void {
    const due = this.#waiting.filter((each) => each.fits(method, path));
    this.#waiting = this.#waiting.filter((each) => !due.includes(each));
    for (const { afterSeconds, effect } of due) this.#later(afterSeconds, effect);
  }

  /** Whether the agent of this VM says nothing. */
  isSilent(vm: string): boolean {
    const name = vm.split('/').at(-1) ?? '';
    return this.#silenced.some((fits) => fits(name));
  }

  callOff(): void {
    for (const callOff of this.#calledOff.splice(0)) callOff();
    this.#waiting = [];
    this.#silenced = [];
  }

  #plan({ afterSeconds = 0, on }: Moment, effect: () => void): void {
    if (on === undefined) this.#later(afterSeconds, effect);
    else this.#waiting.push({ fits: fits(on), afterSeconds, effect });
  }

  #later(seconds: number, effect: () => void): void {
    if (seconds === 0) effect();
    else this.#calledOff.push(this.#parts.timeline.after(seconds, effect));
  }

  #vmsNamed(glob: string): Resource[] {
    const isNamed = fitsGlob([glob]);
    return this.#parts.world
      .all()
      .filter(({ type, name }) => /\/virtualMachines$/i.test(type) && isNamed(name));
  }

  #fallSilent({ vm: glob, forSeconds }: SilentAgent): void {
    const { timeline } = this.#parts;
    const fits = fitsGlob([glob]);
    this.#silenced.push(fits);
    for (const vm of this.#vmsNamed(glob))
      if (powerOf(vm) === 'running') setAgentUnavailable(vm, timeline.now());
    if (forSeconds === undefined) return;
    this.#later(forSeconds, () => {
      this.#silenced = this.#silenced.filter((each) => each !== fits);
      for (const vm of this.#vmsNamed(glob)) {
        const isUp = powerOf(vm) === 'running' && vm.properties.provisioningState !== 'Creating';
        if (isUp) setAgentReady(vm, timeline.now());
      }
    });
  }

  /** A running VM with another vmId, disks of their own and a fresh guest. */
  #replace({ vm: glob, tags = {} }: Replacement): void {
    const { world, timeline, random, machines } = this.#parts;
    const now = timeline.now();
    for (const old of this.#vmsNamed(glob)) {
      machines().remove(old.id);
      const vm = structuredClone(old) as Resource;
      vm.tags = { ...tags };
      Object.assign(vm.properties, {
        vmId: random.uuid(),
        timeCreated: stamp(now),
        provisioningState: 'Succeeded',
      });
      objectAt(vm, 'properties', 'instanceView').statuses = [];
      setPower(vm, 'running', now);
      setAgentReady(vm, now);
      world.put(vm);
      for (const disk of world.all()) {
        if (idKey(textAt(disk, 'managedBy') ?? '') !== idKey(vm.id)) continue;
        world.put({
          ...disk,
          tags: {},
          properties: {
            ...disk.properties,
            uniqueId: random.uuid(),
            timeCreated: stamp(now),
            diskState: 'Attached',
          },
        });
      }
    }
  }
}
