import type { ImageVersion } from './gallery.ts';
import {
  DEFAULT_REPLICAS,
  isAmong,
  normaliseRegion,
  type RegionChoice,
  regionOf,
  type TargetRegion,
} from './regions.ts';
import { type Tags, tagValue, withTags } from './tags.ts';

/**
 * What is to become different about a version. Whatever is not named stays exactly as it is, in
 * every region: Azure takes `targetRegions` as a whole, so the writer merges into what it has just
 * read (azure-cli#24099: a list without some regions was an outage).
 */
export interface VersionChange {
  /** Regions to be there; what one names is laid over what the version has there. */
  readonly regions: readonly RegionChoice[];
  /** Compact names of regions to remove, replicas and all; empty unless the user opted in. */
  readonly remove: readonly string[];
  /** Regions to remove for now, as they were seen; tags remember them (`removed-regions.ts`). */
  readonly removeForNow?: readonly TargetRegion[];
  /** Compact names of remembered regions to be added again as they were. */
  readonly bringBack?: readonly string[];
  /** Replicas of all regions that name none of their own and do not exist yet. */
  readonly replicas?: number;
  readonly excludeFromLatest?: boolean;
  /** UTC. */
  readonly endOfLife?: Date;
  readonly blockDeletionBeforeEndOfLife?: boolean;
  /** Azure is not to delete regions any more, where a change of this action allowed it. */
  readonly forbidRegionDeletion?: true;
  /** Laid over the version's tags. */
  readonly tags: Tags;
}

/** A change of nothing, to be varied. */
export const NO_CHANGE: VersionChange = { regions: [], remove: [], tags: {} };

/** Whether the version is already as the change wants it. */
export function holds(version: ImageVersion, change: VersionChange): boolean {
  const { remove, removeForNow = [], bringBack = [] } = change;
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife } = change;
  const { regions, removed } = version;
  const same = <T>(wanted: T | undefined, found: T | undefined): boolean =>
    wanted === undefined || wanted === found;
  return (
    change.regions.every((wanted) => hasRegion(regions, wanted)) &&
    !remove.some((name) => isAmong(name, regions) || isAmong(name, removed)) &&
    removeForNow.every(({ name }) => isAmong(name, removed)) &&
    !bringBack.some((name) => isAmong(name, removed)) &&
    !(change.forbidRegionDeletion && version.regionDeletion === 'for-now') &&
    same(excludeFromLatest, version.excludeFromLatest) &&
    same(wholeSeconds(endOfLife), wholeSeconds(version.endOfLife)) &&
    same(blockDeletionBeforeEndOfLife, version.deletionBlocked) &&
    Object.entries(change.tags).every(
      ([name, value]) =>
        tagValue(version.tags, name) === value || tagValue(version.overridden, name) === value,
    )
  );
}

/** The version as it will be once the change is made: what a plan, and a dry run, reckon with. */
export function applied(version: ImageVersion, change: VersionChange): ImageVersion {
  const { replicas = DEFAULT_REPLICAS, excludeFromLatest, endOfLife } = change;
  const { blockDeletionBeforeEndOfLife = version.deletionBlocked } = change;
  const { there, removed } = parted(version.regions, version.removed, change);
  const added = change.regions.filter(({ name }) => !isAmong(name, there));
  const { regionDeletion, ...rest } = version;
  return {
    ...rest,
    regions: [
      ...there.map((region) => ({
        ...region,
        ...regionOf(change.regions, region.name),
        name: region.name,
      })),
      ...added.map((region) => ({ replicas, ...region })),
    ],
    removed,
    ...(regionDeletion === 'allowed' && { regionDeletion }),
    excludeFromLatest: excludeFromLatest ?? version.excludeFromLatest,
    deletionBlocked: blockDeletionBeforeEndOfLife,
    ...(endOfLife && { endOfLife }),
    tags: withTags(version.tags, change.tags),
  };
}

/**
 * Which regions a change leaves or brings back, and which it leaves or removes, before it is
 * laid over them. A region that is remembered and asked for comes back as it was.
 */
export function parted<R extends { readonly name: string }>(
  regions: readonly R[],
  removed: readonly R[],
  change: VersionChange,
): { readonly there: readonly R[]; readonly removed: readonly R[] } {
  const { remove, removeForNow = [], bringBack = [] } = change;
  const wanted = [...bringBack, ...change.regions.map(({ name }) => name)];
  const isGone = ({ name }: R) => remove.includes(normaliseRegion(name));
  const isRemovedNow = ({ name }: R) => isAmong(name, removeForNow);
  const comesBack = ({ name }: R) => wanted.includes(normaliseRegion(name));
  const left = regions.filter((region) => !isGone(region));
  const kept = left.filter((region) => !isRemovedNow(region));
  const back = removed.filter((region) => comesBack(region) && !isGone(region));
  const stay = removed.filter((region) => !comesBack(region) && !isGone(region));
  const newlyRemoved = left.filter(isRemovedNow);
  return {
    there: [...kept, ...back.filter(({ name }) => !isAmong(name, kept))],
    removed: [...stay.filter(({ name }) => !isAmong(name, newlyRemoved)), ...newlyRemoved],
  };
}

/**
 * The change, and with it every region that is removed for now back where it was, unless the change is to
 * remove it. What is known of these regions is said besides, should the tags be lost meanwhile.
 */
export function bringingBack(change: VersionChange, version: ImageVersion): VersionChange {
  const back = version.removed.filter(({ name }) => !change.remove.includes(name));
  if (back.length === 0) return change;
  return {
    ...change,
    regions: [...change.regions, ...back.filter(({ name }) => !isAmong(name, change.regions))],
    bringBack: back.map(({ name }) => name),
  };
}

/** The version as it will be once the goal is reached: also what was removed for now is back. */
export const reached = (version: ImageVersion, goal: VersionChange): ImageVersion =>
  applied(version, bringingBack(goal, version));

/** Azure need not keep fractions of a second. */
const wholeSeconds = (date: Date | undefined): number | undefined =>
  date && Math.floor(date.getTime() / 1000);

function hasRegion(regions: readonly TargetRegion[], wanted: RegionChoice): boolean {
  const found = regionOf(regions, wanted.name);
  if (!found) return false;
  const { replicas, storageAccountType, excludeFromLatest, encryption } = wanted;
  return (
    (replicas === undefined || replicas === found.replicas) &&
    (storageAccountType === undefined || storageAccountType === found.storageAccountType) &&
    (excludeFromLatest === undefined || excludeFromLatest === (found.excludeFromLatest ?? false)) &&
    (encryption === undefined || found.encryption !== undefined)
  );
}
