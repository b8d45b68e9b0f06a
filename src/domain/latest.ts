import type { ImageVersion } from './gallery.ts';
import { regionOf, sameRegion } from './regions.ts';
import { highestFirst, isEphemeral, versionNumber } from './version-number.ts';

/** The version number that `latest` means, by compact region name; `null` where there is none. */
export type LatestByRegion = Readonly<Record<string, string | null>>;

/** What `latest` means before a run and after it. */
export interface LatestChange {
  readonly before: LatestByRegion;
  readonly after: LatestByRegion;
}

/**
 * What `latest` means among these versions, as Azure resolves it: the highest number, compared as
 * numbers, of those that are Succeeded or being updated, and not excluded. No source tells of one that is
 * being updated. It counts, because regions that have a version stay usable while others copy it
 * (azure-compute-gallery.md); otherwise each update would put an older one into `latest`.
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
      highest(versions.filter((version) => isReady(version) && mayBeLatest(version, name)))?.name ??
        null,
    ]),
  );
}

const isReady = ({ provisioningState }: ImageVersion): boolean =>
  provisioningState === 'Succeeded' || provisioningState === 'Updating';

/** Whether `latest` may mean a version in a region by its settings: the region's own take precedence. */
function mayBeLatest({ regions, excludeFromLatest }: ImageVersion, name: string): boolean {
  const region = regionOf(regions, name);
  return region !== undefined && !(region.excludeFromLatest ?? excludeFromLatest);
}

const highest = (versions: readonly ImageVersion[]): ImageVersion | undefined =>
  highestFirst(versions).find(({ name }) => versionNumber(name));

/**
 * Every version that `latest` may mean in some region, with one such region. A version whose replication
 * lags or failed in a region leaves `latest` there to an older one, so the search in each region ends
 * only at one that Succeeded and is not known to be incomplete there. One that failed, or is being
 * changed, may be what is served all the same.
 *
 * @param versions with their replication, as far as it was read; highest number first
 */
export function latestAnywhere(versions: readonly ImageVersion[]): ReadonlyMap<string, string> {
  const names = new Set(versions.flatMap(({ regions }) => regions.map(({ name }) => name)));
  const found = new Map<string, string>();
  for (const region of names)
    for (const version of versions) {
      const serving = servingIn(version, region);
      if (serving === 'no') continue;
      if (!found.has(version.name)) found.set(version.name, region);
      if (serving === 'surely') break;
    }
  return found;
}

/** Whether `latest` can resolve to a version in a region. */
function servingIn(version: ImageVersion, region: string): 'surely' | 'perhaps' | 'no' {
  if (!mayBeLatest(version, region)) return 'no';
  const state = version.replication?.find((each) => sameRegion(each.region, region))?.state;
  const isComplete = state === 'Completed';
  switch (version.provisioningState) {
    case 'Succeeded':
      return isComplete || version.replication === undefined ? 'surely' : 'perhaps';
    case 'Failed':
      return isComplete ? 'perhaps' : 'no';
    case 'Updating':
    case 'Migrating':
      return 'perhaps';
    default:
      return 'no';
  }
}

/** Whether a version is in `latest` nowhere by its own settings. */
export const isOutOfLatest = (version: ImageVersion): boolean =>
  version.regions.length === 0
    ? version.excludeFromLatest
    : !version.regions.some(({ name }) => mayBeLatest(version, name));

/** Whether a number is `0.0.N`: those of ephemeral runs are, and some that people have released. */
export function isZeroZero(name: string): boolean {
  const number = versionNumber(name);
  return number?.major === 0 && number.minor === 0;
}

/**
 * Whether a version was made to be verified only: it copies nothing, and has a number of those. One of
 * the two is not enough: people release `0.0.N`, also with N the seconds since 1970.
 */
export function isMadeToVerify({ name, replicationMode }: ImageVersion): boolean {
  const number = versionNumber(name);
  return number !== undefined && isEphemeral(number) && replicationMode === 'Shallow';
}

/** Whether no region holds the image; `undefined` when its replication was not read. */
export const isNowhere = ({ replication }: ImageVersion): boolean | undefined =>
  replication?.every(({ state }) => state !== 'Completed');
