import type { ImageVersion } from '../domain/observed.ts';
import { type RegionChoice, sameRegion } from '../domain/regions.ts';
import type { PromoteRequest } from '../domain/request.ts';
import type { PromoteTarget } from '../domain/target.ts';
import { applied, type VersionChange } from '../domain/version-order.ts';

/** A version that is changed where it is: no number is chosen, and nobody owns it. */
export function resolveInPlace(request: PromoteRequest, source: ImageVersion): PromoteTarget {
  const goal = inPlaceGoal(request, source);
  return {
    ...promoted(request, source, goal),
    owner: '',
    source: source.id,
    location: source.location,
    tags: {},
  };
}

/** What is given, and nothing else. */
export function inPlaceGoal(request: PromoteRequest, source: ImageVersion): VersionChange {
  const { regions, regionChanges, replicas, storageAccountType, excludeFromLatest } = request;
  const removes = regionChanges === 'replace' && regions.length > 0;
  const isThere = (name: string) => source.regions.some((region) => sameRegion(region.name, name));
  const wanted = regions.map((region) => ({
    ...(replicas !== undefined && { replicas }),
    ...(storageAccountType && !isThere(region.name) && { storageAccountType }),
    ...(excludeFromLatest === false && { excludeFromLatest }),
    ...region,
  }));
  const listed = (name: string) => wanted.some((region) => sameRegion(region.name, name));
  return {
    ...given(request),
    regions: [
      ...wanted.map((region) => ({ ...overruled(request, source, region.name), ...region })),
      ...(regions.length > 0 ? [] : replicasEverywhere(request, source)),
      ...source.regions.flatMap(({ name }) => {
        const exclusion = listed(name) ? undefined : overruled(request, source, name);
        return exclusion ? [exclusion] : [];
      }),
    ],
    remove: removes
      ? source.regions
          .map(({ name }) => name)
          .filter((name) => !regions.some((region) => sameRegion(region.name, name)))
      : [],
  };
}

/** Without regions, a number of replicas concerns those that are there. */
const replicasEverywhere = ({ replicas }: PromoteRequest, source: ImageVersion): RegionChoice[] =>
  replicas === undefined ? [] : source.regions.map(({ name }) => ({ name, replicas }));

/**
 * A region that says `excludeFromLatest: false` overrules an exclusion of the whole version
 * (azure.md §1), which so would leave it in `latest` there.
 */
function overruled(
  { excludeFromLatest }: PromoteRequest,
  source: ImageVersion,
  name: string,
): RegionChoice | undefined {
  const own = source.regions.find((region) => sameRegion(region.name, name))?.excludeFromLatest;
  return excludeFromLatest === true && own === false ? { name, excludeFromLatest } : undefined;
}

/** What concerns the version as a whole. */
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

/** What a target says of its version, whether that is to be made or changed. */
export function promoted(request: PromoteRequest, version: ImageVersion, goal: VersionChange) {
  const { regions, excludeFromLatest, endOfLife } = applied(version, goal);
  return {
    operation: 'promote' as const,
    request,
    version: version.id,
    regions,
    goal,
    excludeFromLatest,
    ...(endOfLife && { endOfLife }),
  };
}
