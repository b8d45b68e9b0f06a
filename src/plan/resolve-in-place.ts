import { allRegions, type ImageVersion, type Inventory } from '../domain/observed.ts';
import { byOwner } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import { isAmong, type RegionChoice, regionOf, type TargetRegion } from '../domain/regions.ts';
import type { PromoteRequest } from '../domain/request.ts';
import type { Tags } from '../domain/tags.ts';
import type { PromoteTarget } from '../domain/target.ts';
import { reached, type VersionChange } from '../domain/version-order.ts';
import { verifyPlanOf } from './verify.ts';

/** A version that is changed where it is: no number is chosen, and nobody owns it. */
export function resolveInPlace(
  request: PromoteRequest,
  source: ImageVersion,
  inventory: Pick<Inventory, 'definition' | 'sourceVm'>,
  provenance: Tags,
): PromoteTarget {
  const goal = inPlaceGoal(request, source);
  return {
    ...promoted(request, source, goal),
    owner: '',
    claim: byOwner(''),
    source: source.id,
    location: source.location,
    tags: {},
    ...verifying(request, inventory, source, provenance),
  };
}

/** How the version of a promotion is verified, if it is. */
export function verifying(
  { verify: settings }: PromoteRequest,
  { definition, sourceVm: buildVm }: Pick<Inventory, 'definition' | 'sourceVm'>,
  { id: version, location }: Pick<ImageVersion, 'id' | 'location'>,
  tags: Tags,
) {
  if (!settings) return {};
  if (!definition) throw new Error('A version to verify has no definition');
  return { verify: verifyPlanOf({ settings, version, location, definition, buildVm, tags }) };
}

/** What a target says of its version, whether that is to be made or changed. */
export function promoted(request: PromoteRequest, version: ImageVersion, goal: VersionChange) {
  const { regions, excludeFromLatest, endOfLife } = reached(version, goal);
  return defined({
    operation: 'promote' as const,
    request,
    version: version.id,
    regions,
    goal,
    excludeFromLatest,
    endOfLife,
  });
}

/** What is given, and nothing else. */
export function inPlaceGoal(request: PromoteRequest, source: ImageVersion): VersionChange {
  const { regions, regionChanges, replicas, storageAccountType, excludeFromLatest } = request;
  const removes = regionChanges === 'replace' && regions.length > 0;
  const there = allRegions(source);
  const isThere = (name: string) => isAmong(name, there);
  const wanted = regions.map((region) => ({
    ...defined({ replicas }),
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
  return defined({ tags, replicas, excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife });
}
