/**
 * What OS disks, snapshots, managed images and versions hold: the guest that was on the disk when they
 * were made, and what the world says of it. A disk that a VM has holds what the VM's guest is now.
 */
import { idKey, parentId, sameId } from '../arm-id.ts';
import { type JsonObject, textAt } from '../json.ts';
import type { Resource, World } from '../world.ts';
import { behaviourOf, type GuestBehaviour } from './guest-behaviour.ts';
import type { GuestImage } from './machine-guest.ts';

/** What a resource holds of a guest. */
export interface Content {
  /** Undefined where nothing is known: a system that was generalized. */
  readonly image: GuestImage | undefined;
  readonly behaviour: GuestBehaviour;
}

/** How many contents are kept before those of deleted resources go. */
const MOST = 200;

/** The contents of all resources of a world, by ID. */
export class Contents {
  readonly #world: World;
  readonly #known = new Map<string, Content>();
  readonly #profiles = new Map<string, JsonObject>();
  /** What the guest of a VM is now; the machines set it. */
  ofGuest: (vm: Resource) => GuestImage | undefined = () => undefined;

  /** Another disk takes the place of a VM's OS disk; the machines set it. */
  onSwap: (vm: Resource, content: Content) => void = () => {};

  constructor(world: World) {
    this.#world = world;
  }

  /** What a resource holds; of a VM, its OS disk. */
  of(id: string): Content {
    const own = behaviourOf(this.#world, [id, ...definitionOf(id)]);
    const vm = this.#vmOf(id);
    if (vm !== undefined) {
      const origin = this.#known.get(idKey(osDiskOf(vm) ?? vm.id))?.behaviour;
      return {
        image: this.ofGuest(vm),
        behaviour: { ...origin, ...behaviourOf(this.#world, [vm.id]), ...own },
      };
    }
    const known = this.#known.get(idKey(id));
    return { image: known?.image, behaviour: { ...known?.behaviour, ...own } };
  }

  /** The storage profile that a version will have once it is made: a VM can be made of it before. */
  profileOf(id: string): JsonObject | undefined {
    return this.#profiles.get(idKey(id));
  }

  /** A version is being made, with this storage profile at its end. */
  takeVersion(id: string, source: string, profile: JsonObject): void {
    this.take(id, source);
    this.#profiles.set(idKey(id), profile);
  }

  /** A resource has been made of another, or of nothing that holds a guest. */
  take(id: string, source: string | undefined): void {
    if (source === undefined || source === '') this.#known.delete(idKey(id));
    else this.#known.set(idKey(id), this.of(source));
    if (this.#known.size > MOST) this.#forget();
  }

  /** What is there no more; a version that was deleted softly comes back as one that nothing is known of. */
  #forget(): void {
    for (const map of [this.#known, this.#profiles]) {
      for (const key of map.keys()) if (this.#world.get(key) === undefined) map.delete(key);
    }
  }

  /** A VM goes, or its OS disk does: the disk keeps what the guest has made of it. */
  keep(vm: Resource): void {
    const disk = osDiskOf(vm);
    if (disk !== undefined) this.#known.set(idKey(disk), this.of(vm.id));
  }

  /** A VM gets another OS disk, and the guest that is on it. */
  swap(vm: Resource, disk: string): void {
    const next = this.of(disk);
    this.keep(vm);
    this.onSwap(vm, next);
  }

  clear(): void {
    this.#known.clear();
    this.#profiles.clear();
  }

  /** The VM that this is, or whose OS disk it is. */
  #vmOf(id: string): Resource | undefined {
    const found = this.#world.get(id);
    if (found === undefined) return undefined;
    if (/\/virtualMachines$/i.test(found.type)) return found;
    const owner = this.#world.get(textAt(found, 'managedBy') ?? '');
    return owner !== undefined && sameId(osDiskOf(owner), id) ? owner : undefined;
  }
}

const osDiskOf = (vm: Resource): string | undefined =>
  textAt(vm, 'properties', 'storageProfile', 'osDisk', 'managedDisk', 'id');

const definitionOf = (id: string): string[] =>
  /\/galleries\/[^/]+\/images\/[^/]+\/versions\//i.test(id) ? [parentId(id)] : [];
