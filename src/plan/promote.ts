import { isOurs } from '../domain/claim.ts';
import type { ImageVersion } from '../domain/gallery.ts';
import { type LatestChange, latestByRegion } from '../domain/latest.ts';
import { isAmong, type RegionChoice } from '../domain/regions.ts';
import type { WaitFor } from '../domain/request.ts';
import { sameId } from '../domain/resource-id.ts';
import { withTags } from '../domain/tags.ts';
import type { PromoteTarget } from '../domain/target.ts';
import { whereTag } from '../domain/throw-away.ts';
import { isReleased } from '../domain/verification.ts';
import {
  applied,
  bringingBack,
  holds,
  NO_CHANGE,
  reached,
  type VersionChange,
} from '../domain/version-change.ts';
import { asMade, type VersionOrder } from '../domain/version-order.ts';
import { deletion, ending, inOrder, waiting } from './common-steps.ts';
import { type Step, step } from './plan.ts';
import { hasFailed, hasWaited, standingOf } from './replicated.ts';
import { type ProvingState, proving, provingAtHome, recording, untilProven } from './verify.ts';

/**
 * The steps from what was observed to what the promotion wants: first what is added, then the
 * waiting, and last what must not come before every region is complete: into `latest`, regions
 * away, deletion blocked. What a repair removed comes back first. Empty when all of it holds.
 */
export function planPromote(target: PromoteTarget, seen: ProvingState): Step[] {
  const { order, claim } = target;
  const { version } = seen;
  const mine = order !== undefined && version !== undefined && isOurs(claim, version);
  if (seen.verification?.passed === false) return afterFailure(target, seen, mine);
  if (!version) return order ? fresh(target, order, seen) : [];
  const anew = mine && [
    ...deletion('failed-version', [target.version]),
    ...fresh(target, order, seen),
  ];
  switch (standingOf(version)) {
    case 'Failed':
      return anew || amended(target, seen, version);
    case 'Deleting':
      return anew || [waiting('replicate', target, { regions: version.regions })];
    case 'Incomplete':
    case 'Succeeded':
      return amended(target, seen, version);
    default:
      // Writes to one version are made one after the other: what is under way is waited for.
      return holds(version, early(target, version))
        ? amended(target, seen, version)
        : [
            waiting('earlier-change', target, version, 'replicated'),
            ...amended(target, seen, version),
          ];
  }
}

/** Makes the copy, out of `latest` until it is complete everywhere. */
function fresh(target: PromoteTarget, order: VersionOrder, seen: ProvingState): Step[] {
  const { goal, verify } = target;
  const held = goal.excludeFromLatest === false;
  const regions = held ? order.regions.map(excluded) : untilProven(order.regions, verify);
  const made = {
    ...order,
    regions,
    excludeFromLatest: held || order.excludeFromLatest,
    tags: verify ? withTags(order.tags, whereTag(verify.vm.id)) : order.tags,
  };
  const { waitFor } = target.request;
  const hasLast = held || verify !== undefined || goal.blockDeletionBeforeEndOfLife === true;
  const last = hasLast && waitFor === 'replicated' ? finalGoal(target, seen) : undefined;
  return [
    step('publish', { order: made }),
    ...provingAtHome(target, seen, order.regions),
    ...ending(target, order, waitFor !== 'none', last),
  ];
}

/** The goal, with the record of the verification, which is written with what comes last. */
function finalGoal({ goal, verify, order }: PromoteTarget, seen: ProvingState): VersionChange {
  if (!verify) return goal;
  // Where `latest` is left as it was, the capture of the version goes on to it.
  const alone = !order && goal.excludeFromLatest === undefined;
  return { ...goal, tags: withTags(goal.tags, recording(verify, seen, seen.version, alone)) };
}

/** A version that failed stays as it is, but for the record; one of this run can be deleted. */
function afterFailure(target: PromoteTarget, seen: ProvingState, mine: boolean): Step[] {
  const { verify, version: id } = target;
  const { version } = seen;
  if (!verify) return [];
  const record = { ...NO_CHANGE, tags: recording(verify, seen, version) };
  const isNew = !version || !isReleased(version);
  const deletes = mine && verify.onFailure === 'delete' && isNew;
  const isUnrecorded = version !== undefined && !deletes && !holds(version, record);
  return inOrder(
    proving(verify, seen),
    version && deletes && deletion('verified-version', [id]),
    isUnrecorded && step('update', { label: 'record', version: id, change: record }),
  );
}

/** Changes what is there: what is added first, the rest once every region is complete. */
function amended(target: PromoteTarget, seen: ProvingState, version: ImageVersion): Step[] {
  const goal = finalGoal(target, seen);
  const first = early({ ...target, goal }, version);
  const sent = !holds(version, first) || hasFailed(version);
  const then = applied(version, first);
  const { waitFor } = target.request;
  // Those that are still removed then are to go.
  const hasCome = (until: WaitFor): boolean =>
    !sent && hasWaited(until, target.location, version, then.removed);
  const waits = waitFor !== 'none' && !hasCome(waitFor);
  const ends = waitFor === 'replicated' || hasCome('replicated');
  const last = ends && !holds(then, goal) ? goal : undefined;
  const lends = goal.remove.length > 0 && then.regionDeletion === undefined;
  return inOrder(
    provingAtHome(target, seen, version.regions),
    sent && step('update', { label: 'update', version: target.version, change: first }),
    ending(target, then, waits, last, lends && forbidsAgain(target)),
  );
}

/** Whether the run waits until Azure takes another change; if not, the next change forbids it. */
const forbidsAgain = ({ request }: PromoteTarget): boolean => request.waitFor === 'replicated';

/**
 * The part of the goal that may be sent at once. A version that enters `latest` does so last: until
 * all is complete it stays excluded as a whole, its new regions by themselves, and those that are
 * there stay as they are. Regions go, and deletion is blocked, last too.
 */
function early(target: PromoteTarget, version: ImageVersion): VersionChange {
  const { goal } = target;
  const { excludeFromLatest, blockDeletionBeforeEndOfLife: _, ...rest } = goal;
  const enters = excludeFromLatest === false && version.excludeFromLatest;
  const regions = enters ? goal.regions.map((region) => heldBack(region, version)) : goal.regions;
  const { remove: _remove, ...whole } = bringingBack({ ...rest, regions }, version);
  return {
    ...whole,
    ...(version.regionDeletion === 'for-now' &&
      forbidsAgain(target) && { forbidRegionDeletion: true }),
    remove: [],
    ...(excludeFromLatest === true && { excludeFromLatest }),
  };
}

function heldBack(wanted: RegionChoice, version: ImageVersion): RegionChoice {
  if (!isAmong(wanted.name, version.regions)) return excluded(wanted);
  const { excludeFromLatest: _, ...rest } = wanted;
  return rest;
}

const excluded = <R extends RegionChoice>(region: R): R => ({ ...region, excludeFromLatest: true });

/** What `latest` is in each region of the version, and what it will be. */
export function forecastLatest(
  target: PromoteTarget,
  versions: readonly ImageVersion[],
): LatestChange {
  const there = versions.find(({ id }) => sameId(id, target.version));
  const regions = regionsOf(target, there?.regions ?? []);
  const others = versions.filter((version) => version !== there);
  const after = {
    ...reached(there ?? asMade({ id: target.version, ...target }), target.goal),
    provisioningState: 'Succeeded' as const,
  };
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
