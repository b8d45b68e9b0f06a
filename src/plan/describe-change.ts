import type { RegionChoice } from '../domain/regions.ts';
import type { VersionChange } from '../domain/version-order.ts';

/** What a change does, in one line. */
export function describeChange(change: VersionChange): string {
  const { remove, removeForNow = [], bringBack = [] } = change;
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife } = change;
  const regions = change.regions.filter(({ name }) => !bringBack.includes(name));
  const parts = [
    removeForNow.length > 0 &&
      `remove ${removeForNow.map(({ name }) => name).join(', ')}, to add it again`,
    bringBack.length > 0 && `add ${bringBack.join(', ')} again`,
    regions.length > 0 && `regions ${regions.map(describeRegion).join(', ')}`,
    remove.length > 0 && `remove ${remove.join(', ')}`,
    excludeFromLatest !== undefined && (excludeFromLatest ? 'out of latest' : 'into latest'),
    endOfLife && `end of life ${endOfLife.toISOString().slice(0, 10)}`,
    blockDeletionBeforeEndOfLife !== undefined &&
      `${blockDeletionBeforeEndOfLife ? 'block' : 'allow'} deletion before its end of life`,
    change.forbidRegionDeletion && 'forbid the deletion of its regions again',
    Object.keys(change.tags).length > 0 && `tags ${Object.keys(change.tags).join(', ')}`,
  ].filter((part) => typeof part === 'string');
  return parts.join('; ') || 'send it again, to repair it';
}

function describeRegion({ name, replicas, excludeFromLatest }: RegionChoice): string {
  const details = [
    replicas !== undefined && `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
    excludeFromLatest !== undefined && (excludeFromLatest ? 'out of latest' : 'into latest'),
  ].filter((part) => typeof part === 'string');
  return details.length > 0 ? `${name} (${details.join(', ')})` : name;
}
