import { type LatestChange, latestByRegion } from '../domain/latest.ts';
import type { ImageVersion } from '../domain/observed.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import type { PromoteTarget } from '../domain/target.ts';
import { reached } from '../domain/version-order.ts';

/** What `latest` is in each region of the version, and what it will be. */
export function forecastLatest(
  target: PromoteTarget,
  versions: readonly ImageVersion[],
): LatestChange {
  const there = versions.find(({ id }) => sameId(id, target.version));
  const regions = regionsOf(target, there?.regions ?? []);
  const others = versions.filter((version) => version !== there);
  const base: ImageVersion = there ?? {
    id: target.version,
    name: nameOf(target.version),
    location: target.location,
    provisioningState: 'Succeeded',
    excludeFromLatest: target.excludeFromLatest,
    deletionBlocked: false,
    regions: target.regions,
    removed: [],
    tags: {},
  };
  const after = { ...reached(base, target.goal), provisioningState: 'Succeeded' as const };
  return {
    before: latestByRegion(versions, regions),
    after: latestByRegion([...others, after], regions),
  };
}

/** Compact names of the regions that a version has, is to have, or loses. */
export const regionsOf = (
  { regions, goal }: PromoteTarget,
  there: ImageVersion['regions'],
): string[] => [...new Set([...there, ...regions].map(({ name }) => name).concat(goal.remove))];
