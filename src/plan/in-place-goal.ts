import { allRegions, type ImageVersion } from '../domain/observed.ts';
import { isAmong, type RegionChoice, regionOf, type TargetRegion } from '../domain/regions.ts';
import type { PromoteRequest } from '../domain/request.ts';
import type { VersionChange } from '../domain/version-order.ts';

/** What is given, and nothing else. */
export function inPlaceGoal(request: PromoteRequest, source: ImageVersion): VersionChange {
  const { regions, regionChanges, replicas, storageAccountType, excludeFromLatest } = request;
  const removes = regionChanges === 'replace' && regions.length > 0;
  const there = allRegions(source);
  const isThere = (name: string) => isAmong(name, there);
  const wanted = regions.map((region) => ({
    ...(replicas !== undefined && { replicas }),
    ...(storageAccountType && !isThere(region.name) && { storageAccountType }),
    ...(excludeFromLatest === false && { excludeFromLatest }),
    ...region,
  }));
  const listed = (name: string) => isAmong(name, wanted);
  return {
    ...given(request),
    regions: [
      ...wanted.map((region) => ({ ...overruled(request, there, region.name), ...region })),
      ...(regions.length > 0 ? [] : replicasEverywhere(request, there)),
      ...there.flatMap(({ name }) => {
        const exclusion = listed(name) ? undefined : overruled(request, there, name);
        return exclusion ? [exclusion] : [];
      }),
    ],
    remove: removes ? there.map(({ name }) => name).filter((name) => !listed(name)) : [],
  };
}

/** Without regions, a number of replicas concerns those that are there. */
const replicasEverywhere = (
  { replicas }: PromoteRequest,
  there: readonly TargetRegion[],
): RegionChoice[] => (replicas === undefined ? [] : there.map(({ name }) => ({ name, replicas })));

/**
 * A region that says `excludeFromLatest: false` overrules an exclusion of the whole version,
 * which so would leave it in `latest` there.
 */
function overruled(
  { excludeFromLatest }: PromoteRequest,
  there: readonly TargetRegion[],
  name: string,
): RegionChoice | undefined {
  const own = regionOf(there, name)?.excludeFromLatest;
  return excludeFromLatest === true && own === false ? { name, excludeFromLatest } : undefined;
}

/** What the request says of the version as a whole. */
export function given(request: PromoteRequest) {
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife, tags, replicas } = request;
  return {
    tags,
    ...(replicas !== undefined && { replicas }),
    ...(excludeFromLatest !== undefined && { excludeFromLatest }),
    ...(endOfLife && { endOfLife }),
    ...(blockDeletionBeforeEndOfLife !== undefined && { blockDeletionBeforeEndOfLife }),
  };
}
