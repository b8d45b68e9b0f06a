/** `storageProfile`: what a version is made from, and what is known of it. */
import type { Arm } from '../../arm.ts';
import { parseId } from '../../arm-id.ts';
import { armError, invalidParameter } from '../../errors.ts';
import {
  at,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../../json.ts';
import { compactRegion } from '../../regions.ts';
import type { Resource } from '../../world.ts';
import {
  imageDisks,
  machineDisks,
  type SourceDisk,
  versionDisks,
  vhdSizeGB,
} from './source-disks.ts';
import { sameRegion } from './targets.ts';

/** A resolved source. */
export interface Source {
  readonly kind: 'virtualMachine' | 'image' | 'version' | 'disks' | 'community';
  /** ID of what was named; of the OS disk's source for `disks`. */
  readonly id: string;
  readonly resource: Resource | undefined;
  readonly disks: readonly SourceDisk[];
  /** `storageProfile` of the first answer. */
  readonly shown: JsonObject;
  /** `storageProfile` once the version is made: sizes are known then (recorded). */
  readonly finished: JsonObject;
}

const sourceTarget = 'galleryImageVersion.properties.storageProfile.source.id';

/**
 * Resolves the source of a new version at `location`. Throws Azure's refusals of none, two, a
 * wrong kind, or one that is missing or elsewhere.
 */
export function sourceOf(arm: Arm, profile: JsonObject, location: string): Source {
  const source = objectAt(profile, 'source');
  const named = ['id', 'virtualMachineId', 'communityGalleryImageId'].filter((key) => source[key]);
  const hasDisks = isObject(profile.osDiskImage) || objectsAt(profile, 'dataDiskImages').length > 0;
  if (named.length + (hasDisks ? 1 : 0) !== 1) throw oneSourceOnly();
  if (hasDisks) return fromDisks(arm, profile, location);
  const key = named[0] ?? 'id';
  const id = textAt(source, key) ?? '';
  if (key === 'communityGalleryImageId') {
    const disk = {
      lun: undefined,
      sizeGB: vhdSizeGB,
      hostCaching: 'ReadWrite',
      sku: undefined,
      resource: undefined,
    };
    return whole('community', id, undefined, key, [disk]);
  }
  const type = parseId(id).type.toLowerCase();
  if (type === 'microsoft.compute/virtualmachines') {
    const machine = required(arm, id, location);
    return whole('virtualMachine', id, machine, key, machineDisks(arm, machine));
  }
  if (type === 'microsoft.compute/images') {
    const image = required(arm, id, location);
    return whole('image', id, image, key, imageDisks(arm, image));
  }
  if (type === 'microsoft.compute/galleries/images/versions') {
    const version = requiredVersion(arm, id, location);
    return whole('version', id, version, key, versionDisks(version));
  }
  // (troubleshooting-shared-images.md; status and code inferred.)
  throw invalidParameter(
    `The source id: ${id} must either be a managed image, virtual machine or another gallery image version`,
    sourceTarget,
  );
}

/** (azure-cli, test_image_version_create_for_diff_source.) */
function oneSourceOnly() {
  return invalidParameter(
    'The gallery artifact version source can only be specified either directly under storageProfile or ' +
      'within individual OS or data disks. One and only one source type (user image, snapshot, disk, ' +
      'virtual machine) can be provided.',
    sourceTarget,
  );
}

/** A source that holds all disks: they show only when the version is made, and without a source. */
function whole(
  kind: Source['kind'],
  id: string,
  resource: Resource | undefined,
  key: string,
  disks: readonly SourceDisk[],
): Source {
  const shown: JsonObject = { source: { [key]: id } };
  const os = disks.find((disk) => disk.lun === undefined);
  const data = disks.filter((disk) => disk.lun !== undefined);
  const finished: JsonObject = {
    ...shown,
    osDiskImage: {
      sizeInGB: os?.sizeGB ?? vhdSizeGB,
      hostCaching: os?.hostCaching ?? 'ReadWrite',
      source: {},
    },
    ...(data.length === 0
      ? {}
      : {
          dataDiskImages: data.map(({ lun, sizeGB, hostCaching }) => ({
            lun,
            sizeInGB: sizeGB,
            hostCaching,
          })),
        }),
  };
  return { kind, id, resource, disks, shown, finished };
}

/** Each disk from its own disk, snapshot or VHD. */
function fromDisks(arm: Arm, profile: JsonObject, location: string): Source {
  const os = objectAt(profile, 'osDiskImage');
  const images = [os, ...objectsAt(profile, 'dataDiskImages')];
  const disks = images.map((image, position): SourceDisk => {
    const uri = textAt(image, 'source', 'uri');
    const id = textAt(image, 'source', 'id');
    if (uri === undefined && id === undefined) throw oneSourceOnly();
    const resource =
      uri === undefined && id !== undefined ? required(arm, id, location) : undefined;
    return {
      lun: position === 0 ? undefined : numberAt(image, 'lun'),
      sizeGB: numberAt(resource, 'properties', 'diskSizeGB') ?? vhdSizeGB,
      hostCaching: textAt(image, 'hostCaching') ?? (position === 0 ? 'ReadWrite' : 'ReadOnly'),
      sku: textAt(resource, 'sku', 'name'),
      resource,
    };
  });
  const shape = (isFinished: boolean): JsonObject => {
    const [osDisk, ...data] = images.map((image, position): JsonObject => {
      const disk = disks[position];
      const lun = disk?.lun;
      return {
        ...(lun === undefined ? {} : { lun }),
        ...(isFinished && disk !== undefined ? { sizeInGB: disk.sizeGB } : {}),
        hostCaching: disk?.hostCaching,
        source: at(image, 'source'),
      };
    });
    return { osDiskImage: osDisk, ...(data.length === 0 ? {} : { dataDiskImages: data }) };
  };
  const id = textAt(os, 'source', 'id') ?? '';
  return {
    kind: 'disks',
    id,
    resource: disks[0]?.resource,
    disks,
    shown: shape(false),
    finished: shape(true),
  };
}

/** (troubleshooting-shared-images.md; status and code inferred.) */
function required(arm: Arm, id: string, location: string): Resource {
  const resource = arm.world.get(id);
  if (resource === undefined) {
    throw armError(
      404,
      'NotFound',
      `Source was not found: ${id}. Please make sure the source exists`,
    );
  }
  if (compactRegion(textAt(resource, 'location') ?? '') !== compactRegion(location))
    throw notHere(id);
  return resource;
}

/**
 * A version may live elsewhere, as long as it has been replicated to here: that it is
 * targeted is only an intent.
 */
function requiredVersion(arm: Arm, id: string, location: string): Resource {
  const version = arm.world.get(id);
  if (version === undefined) {
    throw armError(
      404,
      'NotFound',
      `Source was not found: ${id}. Please make sure the source exists`,
    );
  }
  const targets = objectsAt(version, 'properties', 'publishingProfile', 'targetRegions');
  const summary = objectsAt(version, 'properties', 'replicationStatus', 'summary');
  const isHere = targets.some((each) => sameRegion(each.name, location));
  const status = summary.find((each) => sameRegion(each.region, location));
  if (!isHere || (status !== undefined && status.state !== 'Completed')) throw notHere(id);
  return version;
}

function notHere(id: string) {
  return armError(
    404,
    'NotFound',
    `Source ${id} is not found. Please check source exists, and is in the same region as gallery image ` +
      'version being created',
  );
}
