/** `publishingProfile`: what is asked for, completed with Azure's defaults, and what it refuses. */
import type { ArmRequest } from '../../arm.ts';
import { armError, invalidParameter, propertyChangeNotAllowed } from '../../errors.ts';
import {
  isObject,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../../json.ts';
import { compactRegion, displayRegion, findRegion } from '../../regions.ts';
import type { Resource } from '../../world.ts';
import { galleryType } from '../gallery-common.ts';
import { regionNotAvailable } from '../locations.ts';

/** From here on the default is `PreferStandard_ZRS`; before, `Standard_LRS` (recorded). */
const strategySince = '2025-03-03';

/** The API version that brought safety profiles, and security profiles of encrypted disks. */
export const safetySince = '2022-03-03';

const root = 'galleryImageVersion.properties.publishingProfile';

/**
 * The profile that `sent` makes of `existing`: arrays and scalars are replaced as a whole, but
 * absent target regions stay as they are (terraform-provider-azurerm#21999). `now` in ms.
 */
export function publishingProfile(
  request: ArmRequest,
  sent: JsonObject,
  existing: Resource | undefined,
  { location, now }: { readonly location: string; readonly now: number },
): JsonObject {
  const before = objectAt(existing, 'properties', 'publishingProfile');
  requireUnchanged(before, sent);
  const storage = storageOf(request, sent, before);
  const replicaCount = inRange(numberAt(sent, 'replicaCount'), 'replicaCount') ?? 1;
  const wanted =
    listAt(sent, 'targetRegions').length > 0 ? objectsAt(sent, 'targetRegions') : undefined;
  const targets = wanted ?? (existing === undefined ? [{ name: location }] : undefined);
  if (targets !== undefined) requireTargets(targets, location);
  if (targets !== undefined) requireFewReplicas(targets, replicaCount);
  const hasProfiles = request.apiVersion >= safetySince;
  const global = { replicaCount, storage, before, hasProfiles };
  const endOfLifeDate = futureDate(
    textAt(sent, 'endOfLifeDate'),
    textAt(before, 'endOfLifeDate'),
    now,
  );
  const mode = sent.replicationMode ?? before.replicationMode;
  const extended = Array.isArray(sent.targetExtendedLocations)
    ? objectsAt(sent, 'targetExtendedLocations').map((each) => extendedLocationOf(each, global))
    : undefined;
  return {
    targetRegions: targets?.map((target) => regionOf(target, global)) ?? before.targetRegions,
    replicaCount,
    excludeFromLatest: sent.excludeFromLatest ?? false,
    publishedDate: before.publishedDate,
    ...(endOfLifeDate === undefined ? {} : { endOfLifeDate }),
    ...storage,
    ...(mode === undefined ? {} : { replicationMode: mode }),
    ...(extended === undefined ? {} : { targetExtendedLocations: extended }),
  };
}

interface Global {
  readonly replicaCount: number;
  readonly storage: JsonObject;
  readonly before: JsonObject;
  /** Whether the API version knows security profiles of encrypted disks. */
  readonly hasProfiles: boolean;
}

function regionOf(target: JsonObject, global: Global): JsonObject {
  const name = textAt(target, 'name') ?? '';
  const own = textAt(target, 'storageAccountType');
  const type = own ?? typeIn(name, global.storage);
  requireZones(name, type);
  requireSameType(name, own, type, global.before);
  const { encryption, excludeFromLatest, additionalReplicaSets } = target;
  return {
    name: displayRegion(name),
    regionalReplicaCount:
      inRange(numberAt(target, 'regionalReplicaCount'), 'targetRegions.regionalReplicaCount') ??
      global.replicaCount,
    storageAccountType: type,
    ...(isObject(encryption)
      ? { encryption: global.hasProfiles ? completeEncryption(encryption) : encryption }
      : {}),
    ...(excludeFromLatest === undefined ? {} : { excludeFromLatest }),
    ...(additionalReplicaSets === undefined ? {} : { additionalReplicaSets }),
  };
}

/** An edge zone; disks there are StandardSSD unless asked for (recorded 2023-11 to 2024-03). */
function extendedLocationOf(target: JsonObject, global: Global): JsonObject {
  const { name, extendedLocation, extendedLocationReplicaCount, storageAccountType, encryption } =
    target;
  const type = typeof storageAccountType === 'string' ? storageAccountType : 'StandardSSD_LRS';
  const known = ['Premium_LRS', 'StandardSSD_LRS', 'Standard_LRS', 'Standard_ZRS'];
  return {
    extendedLocation,
    name: displayRegion(typeof name === 'string' ? name : ''),
    extendedLocationReplicaCount: extendedLocationReplicaCount ?? global.replicaCount,
    storageAccountType: known.find((each) => each.toLowerCase() === type.toLowerCase()) ?? type,
    ...(isObject(encryption) ? { encryption: completeEncryption(encryption) } : {}),
  };
}

/** An OS disk's encryption always shows a security profile (recorded). */
function completeEncryption(encryption: JsonObject): JsonObject {
  if (!isObject(encryption.osDiskImage)) return encryption;
  return { ...encryption, osDiskImage: { securityProfile: {}, ...encryption.osDiskImage } };
}

function storageOf(request: ArmRequest, sent: JsonObject, before: JsonObject): JsonObject {
  if (sent.storageAccountType !== undefined && sent.storageAccountStrategy !== undefined) {
    // The rule is the specification's, the wording invented.
    throw invalidParameter(
      "Parameter 'storageAccountStrategy' cannot be specified along with 'storageAccountType'.",
      `${root}.storageAccountStrategy`,
    );
  }
  for (const source of [sent, before]) {
    for (const name of ['storageAccountStrategy', 'storageAccountType']) {
      if (source[name] !== undefined) return { [name]: source[name] };
    }
  }
  return request.apiVersion >= strategySince
    ? { storageAccountStrategy: 'PreferStandard_ZRS' }
    : { storageAccountType: 'Standard_LRS' };
}

/** `PreferStandard_ZRS` falls back to LRS where there are no zones. */
function typeIn(region: string, storage: JsonObject): string {
  const fixed = textAt(storage, 'storageAccountType');
  if (fixed !== undefined) return fixed;
  const prefersZones = storage.storageAccountStrategy === 'PreferStandard_ZRS';
  return prefersZones && findRegion(region)?.hasZones === true ? 'Standard_ZRS' : 'Standard_LRS';
}

/** (troubleshooting-shared-images.md; status and code inferred.) */
function requireZones(region: string, type: string): void {
  if (!type.endsWith('_ZRS') || findRegion(region)?.hasZones !== false) return;
  throw invalidParameter(
    'ZRS storage account type is not supported in this region.',
    `${root}.targetRegions`,
  );
}

/**
 * (azure-powershell#9911; status and code inferred.) A region's own type can
 * no more be changed; that it is refused in these words is invented.
 */
function requireSameType(
  region: string,
  own: string | undefined,
  type: string,
  before: JsonObject,
): void {
  const known = objectsAt(before, 'targetRegions').find((each) => sameRegion(each.name, region));
  const kept = textAt(known, 'storageAccountType');
  if (kept === undefined || kept === type) return;
  if (own !== undefined) throw propertyChangeNotAllowed(`${root}.targetRegions.storageAccountType`);
  throw invalidParameter(
    'Global storage account type does not match the storage account type in the existing ' +
      `TargetRegion: '${displayRegion(region)}'. Please specify '${kept}' as the storage account ` +
      'type for this region.',
    `${root}.storageAccountType`,
  );
}

/** Regions are known, named once, and the version's own is among them. */
function requireTargets(targets: readonly JsonObject[], location: string): void {
  const names = targets.map((target) => textAt(target, 'name') ?? '');
  for (const name of names) {
    if (findRegion(name) === undefined) throw regionNotAvailable(name, galleryType);
  }
  if (new Set(names.map(compactRegion)).size < names.length) {
    // (troubleshooting-shared-images.md; status and code inferred.)
    throw invalidParameter(
      'Duplicate regions are not allowed in target publishing regions',
      `${root}.targetRegions`,
    );
  }
  if (names.some((name) => sameRegion(name, location))) return;
  // (azure-cli, test_gallery_e2e: the trailing blank is Azure's.)
  throw invalidParameter(
    `Gallery image version publishing profile regions '${names.join(', ')}' must contain the ` +
      `location of image version '${displayRegion(location)}'. `,
    `${root}.targetRegions`,
  );
}

/** 100 replicas a version (azure-compute-gallery.md, "Limits"; wording invented). */
function requireFewReplicas(targets: readonly JsonObject[], replicaCount: number): void {
  const counts = targets.map((each) => numberAt(each, 'regionalReplicaCount') ?? replicaCount);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 100) return;
  throw invalidParameter(
    `A gallery image version can have 100 replicas, not ${total}.`,
    `${root}.targetRegions`,
  );
}

/** The API specification calls these properties not updatable. */
function requireUnchanged(before: JsonObject, sent: JsonObject): void {
  for (const name of ['storageAccountType', 'storageAccountStrategy', 'replicationMode']) {
    const kept = before[name] ?? (name === 'replicationMode' ? 'Full' : undefined);
    if (before.publishedDate === undefined || sent[name] === undefined || sent[name] === kept)
      continue;
    throw propertyChangeNotAllowed(`${root}.${name}`);
  }
}

/** (troubleshooting-shared-images.md; status, code and the property's path inferred.) */
function inRange(count: number | undefined, name: string): number | undefined {
  if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= 100)) return count;
  throw invalidParameter(
    `The value ${count} of parameter ${root}.${name} is out of range. The value must be between 1 ` +
      'and 100, inclusive',
    `${root}.${name}`,
  );
}

/** (azure-powershell, TestGalleryBlockDeletionBeforeEndOfLife: the target does say `galleryImage`.) */
function futureDate(sent: string | undefined, before: string | undefined, now: number) {
  if (sent === undefined) return undefined;
  const time = Date.parse(sent);
  const shown = Number.isNaN(time)
    ? sent
    : new Date(time).toISOString().replace(/(\.000)?Z$/, '+00:00');
  if (shown === before) return shown;
  if (Number.isNaN(time) || time <= now) {
    throw invalidParameter(
      'EndOfLifeDate must be set to a future date.',
      'galleryImage.properties.endOfLifeDate',
    );
  }
  return shown;
}

/**
 * Regions that an update drops, as display names. Throws unless `mayDelete` when one of them is in
 * a state that counts as replicated (terraform-provider-azurerm#21999).
 */
export function droppedRegions(
  version: Resource,
  profile: JsonObject,
  {
    mayDelete,
    replicated,
  }: { readonly mayDelete: boolean; readonly replicated: readonly string[] },
): string[] {
  const kept = objectsAt(profile, 'targetRegions').map((target) => target.name);
  const before = objectsAt(version, 'properties', 'publishingProfile', 'targetRegions');
  const dropped = before.flatMap((target) =>
    kept.some((name) => sameRegion(name, target.name)) ? [] : [textAt(target, 'name') ?? ''],
  );
  const summary = objectsAt(version, 'properties', 'replicationStatus', 'summary');
  const isReplicated = (region: string): boolean =>
    summary.length === 0 ||
    summary.some(
      (each) => sameRegion(each.region, region) && replicated.includes(textAt(each, 'state') ?? ''),
    );
  if (mayDelete || !dropped.some(isReplicated)) return dropped;
  throw armError(
    400,
    'BadRequest',
    `Complete set of target locations not specified while updating gallery artifact '${version.name}' ` +
      "and type 'GalleryImageVersion'. Deletion of previously replicated locations is not allowed, and " +
      'you need to specify a complete set of target locations in the update request or specify null or ' +
      'empty set for target regions in the update request or set allow deletion of replicated locations ' +
      'under safety profile property. To figure out complete set of target locations, you can perform a ' +
      'get first on gallery artifact',
  );
}

/** Whether two spellings name one region. */
export function sameRegion(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' && compactRegion(a) === compactRegion(b);
}
