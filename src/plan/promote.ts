import { awayFrom, type ImageVersion, type State } from '../domain/observed.ts';
import { isOurs } from '../domain/ownership.ts';
import { type RegionChoice, sameRegion, type TargetRegion } from '../domain/regions.ts';
import type { WaitFor } from '../domain/request.ts';
import type { PromoteTarget } from '../domain/target.ts';
import {
  applied,
  bringingBack,
  holds,
  type VersionChange,
  type VersionOrder,
} from '../domain/version-order.ts';
import { type Repair, type Step, step } from './plan.ts';
import { setAside } from './repair.ts';
import { hasFailed, hasWaited, isOnlyPartlyThere } from './replicated.ts';
import { type Waiting, wait } from './waiting.ts';

/**
 * The steps from what was observed to what the promotion wants: first what is added, then the
 * waiting, and last what must not come before every region is complete: into `latest`, regions
 * away, deletion blocked. What a repair took away comes back first. Empty when all of it holds.
 */
export function planPromote(
  target: PromoteTarget,
  { version }: Pick<State, 'version'>,
  repair: Repair = 'again',
): Step[] {
  const { order, claim } = target;
  if (!version) return order ? fresh(target, order) : [];
  const mine = order !== undefined && isOurs(claim, version);
  switch (hasFailed(version) ? 'Failed' : version.provisioningState) {
    case 'Failed':
      return mine && order && !isOnlyPartlyThere(version)
        ? [
            step('delete', { label: 'failed-version', of: [target.version] }),
            ...fresh(target, order),
          ]
        : repaired(target, version, repair);
    case 'Deleting':
      return mine && order
        ? [
            step('delete', { label: 'failed-version', of: [target.version] }),
            ...fresh(target, order),
          ]
        : [wait('replicate', waiting(target, version.regions))];
    case 'Succeeded':
      return amended(target, version);
    default:
      // Writes to one version are made one after the other: what is under way is waited for.
      return holds(version, early(target, version))
        ? amended(target, version)
        : [
            wait('earlier-change', {
              ...waiting(target, version.regions, awayFrom(version)),
              until: 'replicated',
            }),
            ...amended(target, version),
          ];
  }
}

/** Makes the copy, out of `latest` until it is complete everywhere. */
function fresh(target: PromoteTarget, order: VersionOrder): Step[] {
  const { goal } = target;
  const held = isHeldBack(target);
  const regions = held ? order.regions.map(excluded) : order.regions;
  const made = { ...order, regions, excludeFromLatest: held || order.excludeFromLatest };
  const last = held || goal.blockDeletionBeforeEndOfLife === true;
  return [
    step('publish', { order: made }),
    ...ending(target, order.regions, { complete: false, last }),
  ];
}

/** The same again, or else the failed regions taken away and added again. */
function repaired(target: PromoteTarget, version: ImageVersion, repair: Repair): Step[] {
  if (repair === 'again') return amended(target, version);
  const { steps, left } = setAside(version);
  return [...steps, ...amended(target, left)];
}

/** Changes what is there: what is added first, the rest once every region is complete. */
function amended(target: PromoteTarget, version: ImageVersion): Step[] {
  const first = early(target, version);
  const sent = !holds(version, first) || hasFailed(version);
  const then = applied(version, first);
  // Those that are to go are away already.
  const away = awayFrom(then);
  const hasCome = (waitFor: WaitFor): boolean =>
    !sent && hasWaited(waitFor, target.location, version, away);
  return [
    ...(sent ? [step('update', { label: 'update', version: target.version, change: first })] : []),
    ...ending(target, then.regions, {
      away,
      complete: hasCome('replicated'),
      waited: hasCome(target.request.waitFor),
      last: !holds(then, target.goal),
    }),
  ];
}

interface Ending {
  /** Regions that a repair took away, and that are to go. */
  readonly away?: readonly TargetRegion[];
  /** Every region is complete already. */
  readonly complete: boolean;
  /** The version is as far as is to be waited for. */
  readonly waited?: boolean;
  /** Something is left that comes last. */
  readonly last: boolean;
}

/** Waits as far as asked; what comes last only follows a replication that is known to have ended. */
function ending(
  target: PromoteTarget,
  regions: readonly TargetRegion[],
  { away = [], complete, waited = complete, last }: Ending,
): Step[] {
  const { waitFor } = target.request;
  return [
    ...(waited || waitFor === 'none' ? [] : [wait('replicate', waiting(target, regions, away))]),
    ...(last && (complete || waitFor === 'replicated') ? lastOnes(target, regions) : []),
  ];
}

function lastOnes(target: PromoteTarget, regions: readonly TargetRegion[]): Step[] {
  const left = regions.filter(
    ({ name }) => !target.goal.remove.some((gone) => sameRegion(gone, name)),
  );
  return [
    step('update', { label: 'finish', version: target.version, change: target.goal }),
    wait('last-change', waiting(target, left)),
  ];
}

const waiting = (
  { version, location, request }: PromoteTarget,
  regions: readonly TargetRegion[],
  away: readonly TargetRegion[] = [],
): Waiting => ({
  version,
  home: location,
  regions,
  away,
  until: request.waitFor,
  repair: request.repairRegions ? 're-add' : 'again',
});

/** Whether a version that is to enter `latest` has to stay out of it for a while. */
const isHeldBack = ({ goal }: PromoteTarget): boolean => goal.excludeFromLatest === false;

/**
 * The part of the goal that may be sent at once. A version that enters `latest` does so last: until
 * all is complete it stays excluded as a whole, its new regions by themselves, and those that are
 * there stay as they are. Regions go, and deletion is blocked, last too.
 */
function early({ goal }: PromoteTarget, version: ImageVersion): VersionChange {
  const { excludeFromLatest, blockDeletionBeforeEndOfLife: _, ...rest } = goal;
  const enters = excludeFromLatest === false && version.excludeFromLatest;
  const regions = enters ? goal.regions.map((region) => heldBack(region, version)) : goal.regions;
  const { remove: _remove, ...whole } = bringingBack({ ...rest, regions }, version);
  return {
    ...whole,
    remove: [],
    ...(excludeFromLatest === true && { excludeFromLatest }),
  };
}

function heldBack(wanted: RegionChoice, version: ImageVersion): RegionChoice {
  if (!version.regions.some(({ name }) => sameRegion(name, wanted.name))) return excluded(wanted);
  const { excludeFromLatest: _, ...rest } = wanted;
  return rest;
}

const excluded = <R extends RegionChoice>(region: R): R => ({ ...region, excludeFromLatest: true });
