/** What a new disk or snapshot is made from, and what it takes over from there. */
import type { Arm } from '../arm.ts';
import { parseId } from '../arm-id.ts';
import { ArmError, armError, operationNotAllowed } from '../errors.ts';
import { at, isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import type { Resource } from '../world.ts';
import { diskPropertiesOf, marketplaceTraits } from './marketplace.ts';

/** Taken over from the source; `creationData` is complete. */
export interface Origin {
  readonly creationData: JsonObject;
  readonly properties: JsonObject;
  readonly sizeGB: number | undefined;
  /** What the source is, for the operation's usual duration. */
  readonly kind: string;
}

/** Properties that go from a disk to its snapshot and back. */
const inherited = [
  'osType',
  'hyperVGeneration',
  'supportsHibernation',
  'supportedCapabilities',
  'purchasePlan',
  'securityProfile',
  'encryption',
];

/**
 * Resolves `creationData`. Throws 404 `NotFound` for a source that is missing or in another region
 * (azure-cli, test_vm_snapshot_copy_start_detection).
 */
export function originOf(arm: Arm, body: JsonObject, location: string): Origin {
  const creationData = objectAt(body, 'properties', 'creationData');
  const option = textAt(creationData, 'createOption') ?? 'Empty';
  const sourceId = textAt(creationData, 'sourceResourceId');
  if (/^(copy|copystart)$/i.test(option) && sourceId !== undefined) {
    const source = requireSource(arm, sourceId, location, option);
    const isSnapshot = source.type.toLowerCase().endsWith('/snapshots');
    const incremental = body.properties !== undefined && objectAt(body, 'properties').incremental;
    const sector = at(source, 'properties', 'creationData', 'logicalSectorSize');
    return {
      creationData: {
        ...creationData,
        sourceUniqueId: textAt(source, 'properties', 'uniqueId'),
        ...(sector === undefined ? {} : { logicalSectorSize: sector }),
      },
      properties: picked(source.properties, inherited),
      sizeGB: numberAt(source, 'properties', 'diskSizeGB'),
      kind:
        incremental === true
          ? `${option}; incremental`
          : isSnapshot
            ? 'Copy; from snapshot'
            : 'Copy; from disk',
    };
  }
  if (/^fromimage$/i.test(option)) return fromImage(arm, creationData);
  return { creationData, properties: {}, sizeGB: contentSize(creationData, option), kind: option };
}

/** Size of an imported VHD, which nothing tells: that of the Linux images in the recordings. */
export const vhdSizeGB = 30;

/** An upload says how large it is, with the VHD's footer of 512 bytes. */
function contentSize(creationData: JsonObject, option: string): number | undefined {
  const bytes = numberAt(creationData, 'uploadSizeBytes');
  if (bytes !== undefined) return Math.floor((bytes - 512) / 1024 ** 3);
  return /^import/i.test(option) ? vhdSizeGB : undefined;
}

function requireSource(arm: Arm, id: string, location: string, option: string): Resource {
  const source = arm.world.get(id);
  const isHere = compactRegion(textAt(source, 'location') ?? '') === compactRegion(location);
  if (source === undefined || !(isHere || /^copystart$/i.test(option))) {
    const name = parseId(id).names.at(-1) ?? id;
    throw armError(404, 'NotFound', `Resource ${name} is not found.`);
  }
  return source;
}

/** A disk from an image tells which as a marketplace image would be told (recorded). */
function fromImage(arm: Arm, creationData: JsonObject): Origin {
  const reference = objectAt(creationData, 'galleryImageReference');
  const names = ['id', 'sharedGalleryImageId', 'communityGalleryImageId'];
  const id = names.map((name) => textAt(reference, name)).find((each) => each !== undefined);
  if (id === undefined) {
    const traits = marketplaceTraits(objectAt(creationData, 'imageReference'));
    return {
      creationData,
      properties: diskPropertiesOf(traits),
      sizeGB: traits.sizeGB,
      kind: 'FromImage',
    };
  }
  const version = arm.world.get(ownVersionId(arm, id));
  const definition = arm.world.get(ownVersionId(arm, id).split('/').slice(0, -2).join('/'));
  return {
    creationData: { ...creationData, imageReference: { id } },
    properties: {
      ...picked(definition?.properties ?? {}, ['osType', 'hyperVGeneration']),
      supportedCapabilities: {
        architecture: textAt(definition, 'properties', 'architecture') ?? 'x64',
      },
    },
    sizeGB: numberAt(version, 'properties', 'storageProfile', 'osDiskImage', 'sizeInGB'),
    kind: 'FromImage',
  };
}

/** The version's own ID behind `/SharedGalleries/…` and `/CommunityGalleries/…`. */
function ownVersionId(arm: Arm, id: string): string {
  const found =
    /^\/(?:Shared|Community)Galleries\/([^/]+)\/Images\/([^/]+)\/Versions\/([^/]+)$/i.exec(id);
  if (found === null) return id;
  const [, name = '', image = '', version = ''] = found;
  const gallery = arm.world.all().find(({ type, properties }) => {
    if (type.toLowerCase() !== 'microsoft.compute/galleries') return false;
    const names = listAt(properties, 'sharingProfile', 'communityGalleryInfo', 'publicNames');
    return textAt(properties, 'identifier', 'uniqueName') === name || names.includes(name);
  });
  return `${gallery?.id}/images/${image}/versions/${version}`;
}

/**
 * A source cannot be changed afterwards (azure-docs#34967: the text says
 * "disk" of a snapshot too).
 */
export function requireSameSource(existing: Resource, body: JsonObject): void {
  const before = objectAt(existing, 'properties', 'creationData');
  const after = objectAt(body, 'properties', 'creationData');
  for (const property of ['createOption', 'sourceResourceId']) {
    const sent = textAt(after, property);
    if (sent === undefined || sent.toLowerCase() === textAt(before, property)?.toLowerCase())
      continue;
    const message = `Changing property '${property}' is not allowed for existing disk '${existing.name}'.`;
    throw new ArmError(400, { code: 'BadRequest', message });
  }
}

/** A snapshot of a disk kind that has only incremental ones (azure-cli#29091; code inferred). */
export function requireSnapshotKind(arm: Arm, body: JsonObject): void {
  const sourceId = textAt(body, 'properties', 'creationData', 'sourceResourceId');
  const sku = textAt(sourceId === undefined ? undefined : arm.world.get(sourceId), 'sku', 'name');
  const isIncremental = objectAt(body, 'properties').incremental === true;
  if (sku !== undefined && /^(PremiumV2|UltraSSD)/.test(sku) && !isIncremental) {
    throw operationNotAllowed(`Snapshots of ${sku} disks are not supported.`);
  }
}

/** Whether the source's data arrives only after the snapshot has been made (recorded of Ultra disks). */
export function isHydratedLater(arm: Arm, body: JsonObject): boolean {
  const sourceId = textAt(body, 'properties', 'creationData', 'sourceResourceId');
  const sku = textAt(sourceId === undefined ? undefined : arm.world.get(sourceId), 'sku', 'name');
  return sku !== undefined && /^(PremiumV2|UltraSSD)/.test(sku);
}

/** The members of `from` with these names, as far as it has them. */
export function picked(from: JsonObject, names: readonly string[]): JsonObject {
  const found: JsonObject = {};
  for (const name of names) {
    const value = from[name];
    if (value !== undefined) found[name] = isObject(value) ? structuredClone(value) : value;
  }
  return found;
}
