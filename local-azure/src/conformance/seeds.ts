import { at, isObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { diskPropertiesOf, marketplaceTraits } from '../providers/marketplace.ts';
import { setGeneralized } from '../vm/instance-view.ts';
import type { Resource, ResourceInput } from '../world.ts';
import { attachedTo, impliedDisk, implyState, takenElsewhere } from './implied.ts';
import { regionIn, targetOf } from './resource-path.ts';
import type { Exchange } from './scenario.ts';
import {
  ancestorsOf,
  changed,
  completed,
  diskOf,
  idsIn,
  isResource,
  isUnfinished,
  lifelong,
  listed,
  sameText,
} from './shown.ts';

/** The part of the local Azure's world that seeding needs. */
interface SeedableWorld {
  get(id: string): Resource | undefined;
  put(resource: ResourceInput): Resource;
}

/** What a guest agent says once it is up (recorded). */
const agentReady: JsonObject = {
  code: 'ProvisioningState/succeeded',
  level: 'Info',
  displayStatus: 'Ready',
  message: 'Guest Agent is running',
};

/** An answer that shows a resource, or that it was not there until then. */
function tellsWhetherThere({ method, status }: Exchange): boolean {
  return method === 'GET' ? status === 200 || status === 404 : method === 'PUT' && status === 201;
}

/**
 * Brings resources into being that the recording shows but no recorded request created. Whatever
 * the local Azure would have to make up for them comes from the recording; so the exchange that
 * first shows one is never counted as a match.
 */
export class Seeds {
  readonly #world: SeedableWorld;
  readonly #exchanges: readonly Exchange[];
  /** Resources seen to be created by a request, and those already seeded from an answer. */
  readonly #known = new Set<string>();
  /** Resources made up from what another one says of them. */
  readonly #derived = new Set<string>();
  /** What a resource's first answer said that it keeps for life. */
  readonly #identity = new Map<string, string>();
  readonly #etags = new Map<string, string>();
  /** What the client was doing when it last saw a resource. */
  readonly #commands = new Map<string, string>();
  /** Newest API version that has shown a resource. */
  readonly #versions = new Map<string, string>();
  /** Made by a recorded request. */
  readonly #created = new Set<string>();
  /** Seeded in the middle of what something outside the recording does to them. */
  readonly #unfinished = new Set<string>();
  /** Resources that a recorded request has changed. */
  readonly #written = new Set<string>();
  readonly #booting: Resource[] = [];

  constructor(world: SeedableWorld, exchanges: readonly Exchange[]) {
    this.#world = world;
    this.#exchanges = exchanges;
  }

  /** Prepares the world for an exchange; true when its answer is what had to be seeded. */
  prepare(position: number): boolean {
    const exchange = this.#exchanges[position];
    if (exchange === undefined) return false;
    const { id, action, isCollection } = targetOf(exchange.method, exchange.url.pathname);
    if (exchange.method === 'GET') {
      if (exchange.status !== 200) return false;
      const shown = isCollection ? listed(exchange) : [exchange.answer];
      const resources = shown.filter(isResource);
      for (const resource of resources) this.#forgetFormer(resource, exchange);
      const wanted = resources.filter((resource) => this.#isSeedable(resource.id));
      const revealed = resources.filter((resource) => this.#reveal(resource, exchange));
      for (const resource of wanted) {
        for (const ancestor of ancestorsOf(resource.id)) this.#seedBlank(ancestor, exchange);
        this.#seed(resource);
      }
      return wanted.length > 0 || revealed.length > 0;
    }
    const isUntouched = id !== undefined && !this.#written.has(id.toLowerCase());
    if (id !== undefined && exchange.status < 300) this.#written.add(id.toLowerCase());
    if (this.#seedImplied(exchange)) return true;
    const isCreation = exchange.method === 'PUT' && [201, 202].includes(exchange.status);
    const succeeds = exchange.status < 300;
    const isMissing = exchange.method === 'DELETE' && exchange.status === 204;
    const isWanted = id !== undefined && succeeds && !isCreation && !isMissing;
    if (isWanted && this.#world.get(id) === undefined) this.#forget(id);
    const own =
      id === undefined ? [] : [...ancestorsOf(id), ...(isCreation || isMissing ? [] : [id])];
    let isImplied = false;
    for (const referred of [...own, ...idsIn(exchange.body)]) {
      this.#seedAhead(referred, position);
      if (succeeds && this.#seedDisk(referred, exchange)) isImplied = true;
      if (succeeds) this.#seedBlank(referred, exchange);
    }
    const machine = this.#world.get(id ?? '');
    if (succeeds && isUntouched && machine !== undefined) implyState(machine, action);
    if (succeeds && id !== undefined && /\/images\/[^/]+$/i.test(id)) this.#generalize(exchange);
    if (isCreation && id !== undefined) {
      this.#known.add(id.toLowerCase());
      this.#created.add(id.toLowerCase());
    }
    return isImplied;
  }

  /** Lets guests that were still booting when they were first seen come up. */
  settle(): void {
    for (const machine of this.#booting) {
      const view = objectAt(machine, 'properties', 'instanceView');
      for (const status of objectsAt(view, 'vmAgent', 'statuses')) {
        Object.assign(status, agentReady);
      }
    }
    this.#booting.length = 0;
  }

  /**
   * A resource is seeded anew when the recording proves that something outside it was at work: it
   * is another one of the same name, it has changed although no recorded request changed it, or the
   * client has just made it, which it did by a template.
   */
  #forgetFormer(resource: ResourceInput, { command, url }: Exchange): void {
    const key = resource.id.toLowerCase();
    const isAnother = changed(this.#identity, key, lifelong(resource));
    const hasNewEtag = changed(this.#etags, key, textAt(resource, 'etag'));
    const isUnderWay = this.#unfinished.has(key) && !this.#tellsNothingNew(resource);
    if (isUnderWay && !isUnfinished(resource)) this.#unfinished.delete(key);
    const isAltered = isUnderWay || (hasNewEtag && !this.#written.has(key));
    const isDeployed = /^\w+ create$/.test(command) && url.searchParams.has('$expand');
    const wasSeen = this.#commands.get(key) ?? command;
    this.#commands.set(key, command);
    if (!isAnother && !isAltered && !(isDeployed && wasSeen !== command)) return;
    this.#known.delete(key);
    this.#derived.add(key);
  }

  /** An answer without the instance view says nothing of what goes on in a VM. */
  #tellsNothingNew({ id, properties }: ResourceInput): boolean {
    if (!/\/virtualMachines\/[^/]+$/i.test(id) || at(properties, 'instanceView') !== undefined) {
      return false;
    }
    const stored = this.#world.get(id)?.properties.provisioningState;
    return stored === at(properties, 'provisioningState');
  }

  /**
   * What earlier answers could not show of a seeded resource, because they were of an older API
   * version or were not asked for it, is taken from the first answer that does.
   */
  #reveal({ id, properties }: ResourceInput, { url }: Exchange): boolean {
    const key = id.toLowerCase();
    const stored = this.#world.get(id);
    const version = url.searchParams.get('api-version') ?? '';
    const before = this.#versions.get(key) ?? version;
    this.#versions.set(key, version > before ? version : before);
    if (stored === undefined || this.#created.has(key) || !isObject(properties)) return false;
    const isFirstView =
      isObject(properties.instanceView) &&
      objectAt(stored, 'properties', 'instanceView').statuses === undefined;
    if (isFirstView) {
      stored.properties.instanceView = structuredClone(properties.instanceView);
      return true;
    }
    const isNewer = version > before && /\/virtualMachines\/[^/]+$/i.test(id);
    if (isNewer) return completed(stored.properties, properties);
    const { userData } = properties;
    if (userData === undefined || this.#written.has(key)) return false;
    return completed(stored.properties, { userData });
  }

  #isSeedable(id: string): boolean {
    const key = id.toLowerCase();
    if (this.#known.has(key)) return false;
    return this.#derived.has(key) || this.#world.get(id) === undefined;
  }

  #seed(resource: ResourceInput): void {
    if (isUnfinished(resource)) this.#unfinished.add(resource.id.toLowerCase());
    const seeded = this.#world.put(resource);
    const image = objectAt(seeded, 'properties', 'creationData', 'imageReference');
    // An answer of an old API version does not tell all of a disk.
    if (textAt(image, 'id') !== undefined && seeded.properties.hyperVGeneration === undefined) {
      completed(seeded.properties, diskPropertiesOf(marketplaceTraits(image)));
    }
    this.#known.add(resource.id.toLowerCase());
    if (!/\/virtualMachines\/[^/]+$/i.test(resource.id)) return;
    this.#deriveDisks(resource);
    this.#booting.push(seeded);
  }

  /** A request is about to need a resource that the recording shows only later. */
  #seedAhead(id: string, position: number): void {
    if (!this.#isSeedable(id) || this.#derived.has(id.toLowerCase())) return;
    const shown = this.#exchanges.slice(position + 1).find((later) => {
      const target = targetOf(later.method, later.url.pathname);
      return sameText(target.id, id) && tellsWhetherThere(later);
    });
    if (shown?.method !== 'GET' || shown.status !== 200 || !isResource(shown.answer)) return;
    this.#world.put(shown.answer);
    this.#derived.add(id.toLowerCase());
    if (/\/virtualMachines\/[^/]+$/i.test(id)) this.#deriveDisks(shown.answer);
  }

  /** It is there although a recorded request took it away: something outside has made it anew. */
  #forget(id: string): void {
    // A version can be deleted twice: softly, and then for good.
    if (/\/versions\/[^/]+$/i.test(id)) return;
    this.#known.delete(id.toLowerCase());
    this.#derived.delete(id.toLowerCase());
  }

  /** A VM that an image could be made of was generalized, even if before the recording. */
  #generalize(exchange: Exchange): void {
    const id = textAt(exchange.body, 'properties', 'sourceVirtualMachine', 'id') ?? '';
    const machine = this.#world.get(id);
    const isUncertain = this.#derived.has(id.toLowerCase()) || !machine?.properties.instanceView;
    if (machine !== undefined && isUncertain) setGeneralized(machine);
  }

  /** A disk that is about to be attached, of which the answer tells more than nothing. */
  #seedDisk(id: string, exchange: Exchange): boolean {
    if (!this.#isSeedable(id) || this.#derived.has(id.toLowerCase())) return false;
    const disk = impliedDisk(exchange, id);
    if (disk === undefined) return false;
    this.#world.put(disk);
    this.#derived.add(id.toLowerCase());
    return true;
  }

  /** What a request that succeeded needs is there, even when the recording never shows it. */
  #seedBlank(id: string, exchange: Exchange): void {
    if (!this.#isSeedable(id) || this.#derived.has(id.toLowerCase())) return;
    const location =
      textAt(exchange.body, 'location') ??
      textAt(exchange.answer, 'location') ??
      regionIn(exchange.headers);
    this.#world.put({ id, location: location ?? 'westus', properties: {} });
    this.#derived.add(id.toLowerCase());
  }

  /** Some refusals tell of a resource that the recording never shows: a name taken elsewhere. */
  #seedImplied(exchange: Exchange): boolean {
    const elsewhere = takenElsewhere(exchange);
    if (elsewhere === undefined || this.#world.get(elsewhere) !== undefined) return false;
    this.#world.put({ id: elsewhere, location: 'westus', properties: {} });
    return true;
  }

  /** A disk that the recording knows already has been attached to a VM outside it. */
  #attach(id: string | undefined, machine: ResourceInput): void {
    const disk = id === undefined ? undefined : this.#world.get(id);
    if (disk !== undefined && disk.managedBy === undefined) attachedTo(disk, machine);
  }

  /** A VM's disks exist when it does, and are attached to it. */
  #deriveDisks(machine: ResourceInput): void {
    const profile = objectAt(machine, 'properties', 'storageProfile');
    const disks = [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')];
    for (const disk of disks) {
      const id = textAt(disk, 'managedDisk', 'id');
      if (
        id === undefined ||
        this.#known.has(id.toLowerCase()) ||
        this.#world.get(id) !== undefined
      ) {
        this.#attach(id, machine);
        continue;
      }
      this.#world.put(diskOf(machine, disk, id));
      this.#derived.add(id.toLowerCase());
    }
  }
}
