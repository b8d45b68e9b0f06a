import type {
  GalleryImageVersion,
  GalleryImageVersionPublishingProfile,
  TargetRegion,
} from '@azure/arm-compute';
import { isAmong, normaliseRegion, regionOf } from '../domain/regions.ts';
import {
  FORBID_AGAIN,
  isAllowedForNow,
  memoryOf,
  remembered,
  withoutMemory,
} from '../domain/removed-regions.ts';
import { MOST_TAGS, type Tags, withTags } from '../domain/tags.ts';
import { parted, type VersionChange } from '../domain/version-change.ts';
import { isStillFailed } from '../plan/region-repair.ts';
import { isStaleList, StaleFacts } from '../run/interruption.ts';
import { regionBody } from './creations.ts';
import { versionFacts } from './gallery-facts.ts';

/**
 * Seconds within which a version is written after it was asked for: Azure has no conditional PUT
 * for versions (no `If-Match` in GalleryRP.json, no etag in what it answers), so what another
 * writer does between the two is overwritten. The shorter, the rarer.
 */
const FRESH_SECONDS = 10;
/** A slow network is no reason never to write. */
const MOST_READS = 3;

/**
 * Reads the version with its replication, lays the change over it, and sends it at once.
 *
 * Throws `StaleFacts` when a region that is to be removed for now is not what it was, or has not failed any
 * more; else what Azure throws.
 *
 * @param lent versions whose regions only this run allows Azure to delete, by ID in lower case
 */
export async function sendChange(
  id: string,
  change: VersionChange,
  {
    read,
    put,
    lent,
  }: {
    readonly read: () => Promise<GalleryImageVersion>;
    readonly put: (body: GalleryImageVersion) => Promise<unknown>;
    readonly lent: Set<string>;
  },
): Promise<void> {
  const key = id.toLowerCase();
  const look = async () => {
    const found = await fresh(read);
    requireUntouched(id, found, change);
    return found;
  };
  const send = async (found: GalleryImageVersion, mayDelete?: boolean) => {
    const isLent = lent.has(key);
    const body = updatedBody(found, change, { isLent, ...(mayDelete && { mayDelete }) });
    const allows = body.safetyProfile?.allowDeletionOfReplicatedLocations;
    // Before it is sent: its answer can be lost.
    if (allows && !found.safetyProfile?.allowDeletionOfReplicatedLocations) lent.add(key);
    await put(body);
    if (!allows) lent.delete(key);
  };
  const found = await look();
  try {
    await send(found);
  } catch (thrown) {
    const removesForNow = (change.removeForNow ?? []).length > 0;
    if (!removesForNow || !(thrown instanceof Error && isStaleList(thrown))) throw thrown;
    // Either Azure counts the failed region as replicated, or another writer has added one.
    const again = await look();
    if (namesIn(found) !== namesIn(again)) throw thrown;
    await send(again, true);
  }
}

async function fresh(read: () => Promise<GalleryImageVersion>): Promise<GalleryImageVersion> {
  for (let reads = 1; ; reads++) {
    const began = Date.now();
    const found = await read();
    if (Date.now() - began <= FRESH_SECONDS * 1000 || reads === MOST_READS) return found;
  }
}

/**
 * What another writer has changed about a region since it was looked at is not to be lost, nor a
 * copy that the same request of another has repaired meanwhile: a busy version is waited for, which
 * may take hours.
 */
function requireUntouched(id: string, found: GalleryImageVersion, change: VersionChange): void {
  const version = versionFacts(id, found);
  for (const region of change.removeForNow ?? [])
    if (!isStillFailed(version, region))
      throw new StaleFacts(
        `another writer changed or repaired ${region.name} before it was taken away`,
      );
}

const namesIn = (version: GalleryImageVersion): string =>
  (version.publishingProfile?.targetRegions ?? []).map(({ name }) => name).join();

/**
 * The whole version as an update sends it: as it was read, with the change laid over it, since
 * Azure takes regions as a whole and last writers win as a whole. What Azure alone
 * sets is left out; an empty storage profile keeps what the version is made of (recorded).
 * Regions may only go when the change names some to go for good; one that is removed for now
 * only with `mayDelete`, since Azure may count it as replicated.
 */
export function updatedBody(
  found: GalleryImageVersion,
  change: VersionChange,
  { isLent = false, mayDelete = change.remove.length > 0 } = {},
): GalleryImageVersion {
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife } = change;
  const profile = sendable(found.publishingProfile ?? {});
  const { blockDeletionBeforeEndOfLife: blocked, allowDeletionOfReplicatedLocations: allowed } =
    found.safetyProfile ?? {};
  const block = blockDeletionBeforeEndOfLife ?? blocked;
  const { tags = {} } = found;
  // While regions are removed for now, or after a removal, it was the action that allowed it.
  const isOurs = isLent || isAllowedForNow(tags) || remembered(tags).length > 0;
  const isTheirs = (allowed ?? false) && !isOurs;
  const { there, removed } = parted(
    profile.targetRegions ?? [],
    remembered(tags) as readonly TargetRegion[],
    change,
  );
  const after = withTags(memorising(tags, removed), change.tags);
  return {
    location: found.location,
    tags:
      mayDelete && !isTheirs && change.remove.length > 0 ? untilNextChange(after) : { ...after },
    storageProfile: {},
    ...(found.securityProfile && { securityProfile: found.securityProfile }),
    publishingProfile: {
      ...profile,
      targetRegions: mergedRegions(there, change),
      ...(excludeFromLatest !== undefined && { excludeFromLatest }),
      ...(endOfLife && { endOfLifeDate: endOfLife }),
    },
    safetyProfile: {
      allowDeletionOfReplicatedLocations: mayDelete || isTheirs,
      ...(block !== undefined && { blockDeletionBeforeEndOfLife: block }),
    },
  };
}

/**
 * A publishing profile as it was read, without what Azure alone sets. A storage strategy excludes a
 * type (2025-03-03: "storageAccountStrategy … cannot be specified with storageAccountType"), though
 * Azure shows both.
 */
function sendable({
  publishedDate: _,
  storageAccountType,
  ...profile
}: GalleryImageVersionPublishingProfile): GalleryImageVersionPublishingProfile {
  const hasStrategy = profile.storageAccountStrategy !== undefined;
  return { ...profile, ...(!hasStrategy && storageAccountType && { storageAccountType }) };
}

/** These tags, with one more for the next change if there is room: Azure refuses more than fifty. */
const untilNextChange = (tags: Tags): Record<string, string> => ({
  ...tags,
  ...(Object.keys(tags).length < MOST_TAGS && { [FORBID_AGAIN]: 'true' }),
});

function memorising(tags: Tags, removed: readonly TargetRegion[]): Tags {
  const names = remembered(tags).map(({ name }) => name);
  return removed.reduce(
    (sum, region) => withTags(sum, memoryOf({ ...region, name: normaliseRegion(region.name) })),
    withoutMemory(tags, names),
  );
}

/** Regions that stay keep their place and all that is not changed about them; new ones follow. */
function mergedRegions(
  there: readonly TargetRegion[],
  { regions, replicas }: VersionChange,
): TargetRegion[] {
  const changed = there.map((region) => {
    const wanted = regionOf(regions, region.name);
    return wanted ? { ...region, ...regionBody(wanted), name: region.name } : region;
  });
  const added = regions
    .filter(({ name }) => !isAmong(name, there))
    .map((region) => regionBody({ ...(replicas !== undefined && { replicas }), ...region }));
  return [...changed, ...added];
}
