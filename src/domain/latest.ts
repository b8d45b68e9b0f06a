import { highestFirst, versionNumber } from './image-version.ts';
import type { ImageVersion } from './observed.ts';
import { type RegionChoice, regionOf } from './regions.ts';

/** The version number that `latest` means, by compact region name; `null` where there is none. */
export type LatestByRegion = Readonly<Record<string, string | null>>;

/** What `latest` means before a run and after it. */
export interface LatestChange {
  readonly before: LatestByRegion;
  readonly after: LatestByRegion;
}

/**
 * What `latest` means among these versions, as Azure resolves it: the highest number, compared as
 * numbers, of those that are Succeeded and not excluded.
 */
export const latestOf = (versions: readonly ImageVersion[]): ImageVersion | undefined =>
  highest(versions.filter((version) => isReady(version) && !version.excludeFromLatest));

/**
 * What `latest` means in each of these regions: the highest of the versions that are there. A
 * region's own exclusion takes precedence over the version's: a version excluded as a
 * whole is `latest` in a region that says `excludeFromLatest: false`.
 */
export function latestByRegion(
  versions: readonly ImageVersion[],
  regions: readonly string[],
): LatestByRegion {
  return Object.fromEntries(
    regions.map((name) => [
      name,
      highest(versions.filter((version) => isReady(version) && isLatestable(version, name)))
        ?.name ?? null,
    ]),
  );
}

const isReady = ({ provisioningState }: ImageVersion): boolean =>
  provisioningState === 'Succeeded' || provisioningState === 'Updating';

function isLatestable({ regions, excludeFromLatest }: ImageVersion, name: string): boolean {
  const region = regionOf(regions, name);
  return region !== undefined && !isExcluded(region, excludeFromLatest);
}

/** Whether a region of a version is passed over by `latest`. */
export const isExcluded = (region: RegionChoice, whole: boolean): boolean =>
  region.excludeFromLatest ?? whole;

const highest = (versions: readonly ImageVersion[]): ImageVersion | undefined =>
  highestFirst(versions).find(({ name }) => versionNumber(name));
