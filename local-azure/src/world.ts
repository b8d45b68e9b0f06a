/** The ARM resources that exist, as a GET with every `$expand` would show them. */
import { groupId, idKey, parseId } from './arm-id.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** An ARM resource in full. `id` keeps the case it was made with. */
export interface Resource extends JsonObject {
  id: string;
  name: string;
  type: string;
  properties: JsonObject;
}

/** A resource as a world file may give it: name and type can be told from the ID. */
export interface ResourceInput {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** Completes name, type and properties from the ID; rejects what has no usable ID. */
export function asResource(input: ResourceInput): Resource {
  if (typeof input.id !== 'string' || !input.id.toLowerCase().startsWith('/subscriptions/')) {
    throw new Error(`A resource needs an "id" that begins with /subscriptions/: ${input.id}`);
  }
  if (!isObject(input.properties ?? {}) || ![input.name, input.type].every(isTextOrNothing)) {
    throw new Error(`A resource has a name and a type that are text, and properties: ${input.id}`);
  }
  const parsed = parseId(input.id);
  const copy = structuredClone(input) as unknown as JsonObject;
  return {
    ...copy,
    id: input.id,
    name: copy.name ?? parsed.names.at(-1) ?? '',
    type: copy.type ?? parsed.type,
    properties: copy.properties ?? {},
  } as Resource;
}

const isTextOrNothing = (value: unknown): boolean =>
  (value ?? undefined) === undefined || typeof value === 'string';

/** All resources, found by ID without regard to case; insertion order is listing order. */
export class World {
  #resources = new Map<string, Resource>();
  #groups = new Map<string, { id: string; location: string }>();
  /** IDs of resources that their provider has dropped without ARM's knowing. */
  #dropped = new Set<string>();

  constructor(resources: readonly ResourceInput[] = []) {
    this.replace(resources);
  }

  /** The live resource: a change to it is a change to the world. */
  get(id: string): Resource | undefined {
    return this.#resources.get(idKey(id));
  }

  /** Stores a resource in the place of one with the same ID; its group begins to exist. */
  put(resource: Resource): Resource {
    this.#resources.set(idKey(resource.id), resource);
    const group = groupId(resource.id);
    if (group !== undefined && !this.#groups.has(idKey(group))) {
      const location = typeof resource.location === 'string' ? resource.location : 'westeurope';
      this.#groups.set(idKey(group), { id: group, location });
    }
    return resource;
  }

  /** Removes a resource together with everything nested in it; tells whether it was there. */
  delete(id: string): boolean {
    const key = idKey(id);
    const existed = this.#resources.delete(key);
    for (const other of [...this.#resources.keys()]) {
      if (other.startsWith(`${key}/`)) this.#resources.delete(other);
    }
    return existed;
  }

  /** Removes a resource by its provider's own doing, of which ARM learns only later. */
  drop(id: string): void {
    this.#dropped.add(idKey(id));
    this.delete(id);
  }

  /** Whether ARM takes a resource to exist, and so asks its provider. */
  isTracked(id: string): boolean {
    return this.#resources.has(idKey(id)) || this.#dropped.has(idKey(id));
  }

  /** The resources of `type` directly within `scope`, a subscription, a group or a resource. */
  list(scope: string, type: string): Resource[] {
    const prefix = `${idKey(scope)}/`;
    const wanted = type.toLowerCase();
    return this.all().filter(
      (resource) => idKey(resource.id).startsWith(prefix) && resource.type.toLowerCase() === wanted,
    );
  }

  all(): Resource[] {
    return [...this.#resources.values()];
  }

  /** Lets `act` see other resources under these IDs, or none, without changing anything. */
  seenAs<T>(
    others: readonly { readonly id: string; readonly resource: Resource | undefined }[],
    act: () => T,
  ): T {
    const real = this.#resources;
    this.#resources = new Map(real);
    for (const { id, resource } of others) {
      if (resource === undefined) this.#resources.delete(idKey(id));
      else this.#resources.set(idKey(id), resource);
    }
    try {
      return act();
    } finally {
      this.#resources = real;
    }
  }

  /** Every subscription named in an ID, in order of appearance. */
  subscriptions(): string[] {
    const found = new Map<string, string>();
    for (const { id } of [...this.all(), ...this.#groups.values()]) {
      // Not the whole ID: this is asked with every request, of everything.
      const subscriptionId = id.split('/', 3)[2];
      if (subscriptionId !== undefined && !found.has(subscriptionId.toLowerCase())) {
        found.set(subscriptionId.toLowerCase(), subscriptionId);
      }
    }
    return [...found.values()];
  }

  /** Every resource group named in an ID; one stays when its last resource goes. */
  groups(subscriptionId: string): { id: string; location: string }[] {
    const prefix = `/subscriptions/${subscriptionId}/`.toLowerCase();
    return [...this.#groups.values()].filter(({ id }) => idKey(id).startsWith(prefix));
  }

  hasGroup(id: string): boolean {
    return this.#groups.has(idKey(id));
  }

  /** Removes a group and all that is in it. */
  deleteGroup(id: string): void {
    this.delete(id);
    this.#groups.delete(idKey(id));
  }

  /** Throws everything away and begins again with `resources`. */
  replace(resources: readonly ResourceInput[]): void {
    const complete = resources.map(asResource);
    this.#resources.clear();
    this.#groups.clear();
    this.#dropped.clear();
    for (const resource of complete) this.put(resource);
  }

  /** A deep copy of everything, ready for `JSON.stringify` or for `replace`. */
  snapshot(): Resource[] {
    return structuredClone(this.all()) as Resource[];
  }
}

/** The body of a list answer. */
export function page(resources: readonly Json[]): JsonObject {
  return { value: [...resources] };
}
