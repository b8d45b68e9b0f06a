/** What galleries, definitions and versions have in common. */
import type { Arm, ArmRequest, Reply } from '../arm.ts';
import { parentId, parseId } from '../arm-id.ts';
import { armError, invalidParameter, parentNotFound } from '../errors.ts';
import { isObject, type JsonObject, objectAt, textAt } from '../json.ts';
import { pollRegion } from '../regions.ts';
import { tellsGalleryUpdate } from '../service-history.ts';
import type { Resource } from '../world.ts';

/** The gallery service's types. */
export const galleryType = 'Microsoft.Compute/galleries';
export const definitionType = 'Microsoft.Compute/galleries/images';
export const versionType = 'Microsoft.Compute/galleries/images/versions';

/**
 * Seconds during which a parent still counts a child that has gone. Observed as 10 to 60 s
 * (jenkins-infra/azure#1544); recorded clients waited 32 s and got through.
 */
const lingeringSeconds = 20;

/** Children that have been deleted but that their parents still know of. */
export class Lingering {
  readonly #arm: Arm;
  readonly #until = new Map<string, number>();

  constructor(arm: Arm) {
    this.#arm = arm;
  }

  /** A child has just been deleted. */
  add(id: string): void {
    const now = this.#arm.now();
    for (const [gone, until] of this.#until) if (until <= now) this.#until.delete(gone);
    this.#until.set(id, now + lingeringSeconds * 1000);
  }

  /** IDs of the children of `parent`, at any depth, that it still counts. */
  under(parent: string): string[] {
    const prefix = `${parent.toLowerCase()}/`;
    const now = this.#arm.now();
    return [...this.#until]
      .filter(([id, until]) => until > now && id.toLowerCase().startsWith(prefix))
      .map(([id]) => id);
  }
}

/** Refuses to delete what still has children (jenkins-infra/azure#1544). */
export function requireNoChildren(arm: Arm, lingering: Lingering, id: string): void {
  const prefix = `${id.toLowerCase()}/`;
  const living = arm.world.all().filter((each) => each.id.toLowerCase().startsWith(prefix));
  const children = [...living.map((each) => each.id), ...lingering.under(id)];
  if (children.length === 0) return;
  const listed = [...new Set(children)].map((each) => each.split('/providers/').at(-1)).join(', ');
  throw armError(
    409,
    'CannotDeleteResource',
    'Cannot delete resource while nested resources exist. Some existing nested resource IDs ' +
      `include: '${listed}'. Please delete all nested resources before deleting this resource.`,
  );
}

/** The parent of a nested resource; `ParentResourceNotFound` when there is none. */
export function requireParent(arm: Arm, request: ArmRequest): Resource {
  const id = parentId(request.id);
  const parent = arm.world.get(id);
  if (parent === undefined) throw parentNotFound(parseId(id).names.join('/'));
  return parent;
}

/** `Required parameter … is missing (null).` (wording: troubleshooting-shared-images.md.) */
export function requireText(body: JsonObject, root: string, ...path: string[]): string {
  const value = textAt(body, ...path);
  if (value !== undefined && value !== '') return value;
  const name = [root, ...path].join('.');
  throw invalidParameter(`Required parameter '${name}' is missing (null).`, name);
}

/** A finished or unfinished gallery resource in the order Azure writes it. */
export function galleryResource(
  id: string,
  type: string,
  body: JsonObject,
  existing: Resource | undefined,
  properties: JsonObject,
): Resource {
  const tags = isObject(body.tags) ? body.tags : existing?.tags;
  return {
    name: parseId(id).names.at(-1) ?? '',
    id: existing?.id ?? id,
    type,
    location: existing?.location ?? body.location,
    ...(tags === undefined ? {} : { tags }),
    ...(body.identity === undefined ? {} : { identity: body.identity }),
    properties,
  };
}

/**
 * Stores a gallery or definition and starts the operation that makes it: 201 when new, else 200;
 * done at the first poll, without Retry-After (recorded).
 */
export function writeAtOnce(
  arm: Arm,
  request: ArmRequest,
  resource: Resource,
  options: { readonly isNew: boolean; readonly name: string; readonly first?: JsonObject },
): Reply {
  const { isNew, name } = options;
  const isTold = tellsGalleryUpdate(arm.now());
  resource.properties.provisioningState = isNew ? 'Creating' : isTold ? 'Updating' : 'Succeeded';
  const first = options.first ?? structuredClone(resource);
  arm.world.put(resource);
  const operation = arm.operations.start(request, {
    kind: 'capsOperations',
    location: pollRegion(textAt(resource, 'location') ?? ''),
    name,
    resource: resource.id,
    onEnd: () => {
      resource.properties.provisioningState = 'Succeeded';
      return undefined;
    },
    onFault: () => {
      resource.properties.provisioningState = 'Failed';
    },
  });
  return operation.reply(isNew ? 201 : 200, first);
}

/** Starts a deletion: 202 with both headers, 204 for what is not there. */
export function deleteGalleryResource(
  arm: Arm,
  request: ArmRequest,
  name: string,
  onDeleted: () => void = () => {},
): Reply {
  const resource = arm.world.get(request.id);
  if (resource === undefined) return { status: 204 };
  resource.properties.provisioningState = 'Deleting';
  const operation = arm.operations.start(request, {
    kind: 'capsOperations',
    location: pollRegion(textAt(resource, 'location') ?? ''),
    name,
    resource: resource.id,
    onEnd: () => {
      arm.world.delete(resource.id);
      onDeleted();
      return undefined;
    },
    onFault: () => {
      resource.properties.provisioningState = 'Failed';
    },
  });
  return operation.reply(202, undefined, { location: true });
}

/** Merges a PATCH body over what a resource's PUT body would have been. */
export function patchedBody(existing: Resource, patch: JsonObject): JsonObject {
  return {
    location: existing.location,
    tags: patch.tags ?? existing.tags,
    properties: { ...existing.properties, ...objectAt(patch, 'properties') },
  };
}
