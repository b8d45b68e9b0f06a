import { awayFrom, type ImageVersion } from '../domain/observed.ts';
import { sameRegion, type TargetRegion } from '../domain/regions.ts';
import { memoryOf } from '../domain/removed-regions.ts';
import { failedRegions, replicationOf } from '../domain/replication.ts';
import { MOST_TAGS } from '../domain/tags.ts';
import { applied, NO_CHANGE } from '../domain/version-order.ts';
import { type Repair, type Step, step } from './plan.ts';
import { hasFailed } from './replicated.ts';
import { wait } from './waiting.ts';

/**
 * Failed regions that may be taken away: never the home region, which Azure does not let go, none
 * unless the version is complete in one that stays, and none that its tags cannot remember.
 */
export function regionsToReAdd(version: ImageVersion): TargetRegion[] {
  const { location, regions, replication = [], tags } = version;
  const states = replicationOf(regions, replication);
  if (!states.some(({ state }) => state === 'Completed')) return [];
  const failed = failedRegions(states).map(({ region }) => region);
  const candidates = regions.filter(
    ({ name }) => failed.some((each) => sameRegion(each, name)) && !sameRegion(name, location),
  );
  let room = MOST_TAGS - Object.keys(tags).length;
  return candidates.filter((region) => {
    const needed = Object.keys(memoryOf({ ...region })).length;
    if (needed > room) return false;
    room -= needed;
    return true;
  });
}

/** Whether a region is still as it was when it was decided to take it away. */
export const isStillFailed = (version: ImageVersion, region: TargetRegion): boolean =>
  hasFailed(version) &&
  regionsToReAdd(version).some((each) => JSON.stringify(each) === JSON.stringify(region));

/**
 * What comes before a version with failed regions is sent once more: nothing, or the failed regions
 * are removed, and Azure's doing so is waited for.
 *
 * @returns the steps, and the version as it then is: whoever plans on from there adds them again
 */
export function beforeRetry(
  version: ImageVersion,
  repair: Repair,
): { steps: Step[]; left: ImageVersion } {
  if (repair === 'again') return { steps: [], left: version };
  const failed = regionsToReAdd(version);
  const changed = applied(version, { ...NO_CHANGE, removeForNow: failed });
  const left: ImageVersion = { ...changed, provisioningState: 'Succeeded' };
  const { id, location, regions } = left;
  return {
    left,
    steps: [
      step('update', {
        label: 'remove-regions',
        version: id,
        change: { ...NO_CHANGE, removeForNow: failed },
      }),
      wait('removal', {
        version: id,
        home: location,
        regions,
        until: 'replicated',
        repair: 're-add',
        away: awayFrom(left),
      }),
    ],
  };
}
