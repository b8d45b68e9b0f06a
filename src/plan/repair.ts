import type { ImageVersion, State } from '../domain/observed.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { memoryOf } from '../domain/removed-regions.ts';
import { failedRegions, replicationOf } from '../domain/replication.ts';
import { MOST_TAGS } from '../domain/tags.ts';
import { applied, NO_CHANGE } from '../domain/version-order.ts';
import { type Step, step } from './plan.ts';
import { hasFailed } from './replicated.ts';

/**
 * Failed regions that may be removed: never the home region, which Azure does not let go, none
 * unless the version is complete in one that stays, and none that its tags cannot remember.
 */
export function regionsToReAdd(version: ImageVersion): TargetRegion[] {
  const { location, regions, replication = [], tags } = version;
  const states = replicationOf(regions, replication);
  if (!states.some(({ state }) => state === 'Completed')) return [];
  const failed = failedRegions(states).map(({ region }) => region);
  const candidates = regions.filter(({ name }) => failed.includes(name) && name !== location);
  let room = MOST_TAGS - Object.keys(tags).length;
  return candidates.filter((region) => {
    const needed = Object.keys(memoryOf({ ...region })).length;
    if (needed > room) return false;
    room -= needed;
    return true;
  });
}

/** Whether a region is still as it was when it was decided to remove it. */
export const isStillFailed = (version: ImageVersion, region: TargetRegion): boolean =>
  hasFailed(version) &&
  regionsToReAdd(version).some((each) => JSON.stringify(each) === JSON.stringify(region));

/**
 * The plan of a version with failed regions, where it sends the version once more: before that, these
 * regions are removed, and Azure's doing so is waited for. The rest is planned for what is then left,
 * and adds them again.
 */
export function reAdding(seen: State, plan: (seen: State) => readonly Step[]): readonly Step[] {
  const again = plan(seen);
  const sends = again.some((each) => each.do === 'update' && each.label === 'update');
  const { version } = seen;
  const failed = version && sends && hasFailed(version) ? regionsToReAdd(version) : [];
  if (!version || failed.length === 0) return again;
  const change = { ...NO_CHANGE, removeForNow: failed };
  const left: ImageVersion = { ...applied(version, change), provisioningState: 'Succeeded' };
  const { id, location: home, regions, removed } = left;
  return [
    step('update', { label: 'remove-regions', version: id, change }),
    step('replicate', {
      label: 'removal',
      version: id,
      home,
      regions,
      until: 'replicated',
      repair: 're-add',
      without: removed,
    }),
    ...plan({ ...seen, version: left }),
  ];
}
