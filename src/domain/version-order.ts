import type { ImageVersion } from './observed.ts';
import {
  type RegionChoice,
  type StorageAccountType,
  sameRegion,
  type TargetRegion,
} from './regions.ts';
import type { Source } from './source.ts';
import { type Tags, tagValue, withTags } from './tags.ts';

/** An image version to be made. */
export interface VersionOrder {
  readonly id: string;
  readonly location: string;
  readonly source: Source;
  readonly regions: readonly TargetRegion[];
  /** Replicas of regions that name none. */
  readonly replicas: number;
  /** Not given: `storageAccountStrategy: PreferStandard_ZRS`. */
  readonly storageAccountType?: StorageAccountType;
  readonly replicationMode: 'Full' | 'Shallow';
  readonly excludeFromLatest: boolean;
  /** UTC. */
  readonly endOfLife?: Date;
  readonly tags: Tags;
}

/**
 * What is to become different about a version. Whatever is not named stays exactly as it is, in
 * every region: Azure takes `targetRegions` as a whole, so the writer merges into what it has just
 * read (azure.md §1; azure-cli#24099: a list without some regions was an outage).
 */
export interface VersionChange {
  /** Regions to be there; what one names is laid over what the version has there. */
  readonly regions: readonly RegionChoice[];
  /** Compact names of regions to take away, replicas and all; empty unless the user opted in. */
  readonly remove: readonly string[];
  /** Replicas of all regions that name none of their own and do not exist yet. */
  readonly replicas?: number;
  readonly excludeFromLatest?: boolean;
  /** UTC. */
  readonly endOfLife?: Date;
  readonly blockDeletionBeforeEndOfLife?: boolean;
  /** Laid over the version's tags. */
  readonly tags: Tags;
}

/** A change of nothing, to be varied. */
export const NO_CHANGE: VersionChange = { regions: [], remove: [], tags: {} };

/** Whether the version is already as the change wants it. */
export function holds(version: ImageVersion, change: VersionChange): boolean {
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife } = change;
  const same = <T>(wanted: T | undefined, found: T | undefined): boolean =>
    wanted === undefined || wanted === found;
  return (
    change.regions.every((wanted) => hasRegion(version.regions, wanted)) &&
    !change.remove.some((name) =>
      version.regions.some((region) => sameRegion(region.name, name)),
    ) &&
    same(excludeFromLatest, version.excludeFromLatest) &&
    same(wholeSeconds(endOfLife), wholeSeconds(version.endOfLife)) &&
    same(blockDeletionBeforeEndOfLife, version.deletionBlocked) &&
    Object.entries(change.tags).every(([name, value]) => tagValue(version.tags, name) === value)
  );
}

/** The version as it will be once the change is made: what a plan, and a dry run, reckon with. */
export function applied(version: ImageVersion, change: VersionChange): ImageVersion {
  const { regions, remove, replicas = 1, excludeFromLatest, endOfLife } = change;
  const { blockDeletionBeforeEndOfLife = version.deletionBlocked } = change;
  const kept = version.regions.filter(({ name }) => !remove.some((gone) => sameRegion(gone, name)));
  const added = regions.filter(
    ({ name }) => !version.regions.some((region) => sameRegion(region.name, name)),
  );
  return {
    ...version,
    regions: [
      ...kept.map((region) => ({
        ...region,
        ...regions.find(({ name }) => sameRegion(name, region.name)),
        name: region.name,
      })),
      ...added.map((region) => ({ replicas, ...region })),
    ],
    excludeFromLatest: excludeFromLatest ?? version.excludeFromLatest,
    deletionBlocked: blockDeletionBeforeEndOfLife,
    ...(endOfLife && { endOfLife }),
    tags: withTags(version.tags, change.tags),
  };
}

/** Azure need not keep fractions of a second. */
const wholeSeconds = (date: Date | undefined): number | undefined =>
  date && Math.floor(date.getTime() / 1000);

function hasRegion(regions: readonly TargetRegion[], wanted: RegionChoice): boolean {
  const found = regions.find(({ name }) => sameRegion(name, wanted.name));
  if (!found) return false;
  const { replicas, storageAccountType, excludeFromLatest, encryption } = wanted;
  return (
    (replicas === undefined || replicas === found.replicas) &&
    (storageAccountType === undefined || storageAccountType === found.storageAccountType) &&
    (excludeFromLatest === undefined || excludeFromLatest === (found.excludeFromLatest ?? false)) &&
    (encryption === undefined || found.encryption !== undefined)
  );
}
