import { allRegions, awayFrom, type ImageVersion, type State } from '../domain/observed.ts';
import { isOurs, isProvenOurs } from '../domain/ownership.ts';
import { type TargetRegion, withRegions } from '../domain/regions.ts';
import { type Source, temporariesOf } from '../domain/source.ts';
import { type CaptureTarget, claimToTemporary } from '../domain/target.ts';
import {
  applied,
  bringingBack,
  holds,
  NO_CHANGE,
  type VersionChange,
  type VersionOrder,
} from '../domain/version-order.ts';
import { type Repair, type Step, step } from './plan.ts';
import { prepareSource, prepareVm } from './prepare-source.ts';
import { setAside } from './repair.ts';
import { hasFailed, hasWaited, isOnlyPartlyThere } from './replicated.ts';
import { type Waiting, wait } from './waiting.ts';

/**
 * The steps from what was observed to what the target wants, worked out backward from the goal:
 * a version of ours that is as far replicated as is to be waited for, and nothing temporary left.
 * Empty when that holds.
 *
 * Takes for granted that the preflight rules found no error and that a version under the target's
 * ID, if there is one, is this owner's (`isTaken`).
 */
export function planCapture(target: CaptureTarget, seen: State, repair: Repair = 'again'): Step[] {
  const observed = target.assumedVm ? { ...seen, vm: target.assumedVm } : seen;
  const { version } = observed;
  if (!version) return fresh(target, observed);
  const change = lackingIn(target, version);
  switch (hasFailed(version) ? 'Failed' : version.provisioningState) {
    case 'Succeeded':
      return holds(version, change)
        ? afterSuccess(target, observed, version)
        : amended(target, observed, version, change);
    case 'Failed':
      return isOnlyPartlyThere(version)
        ? repaired(target, observed, version, repair)
        : [
            step('delete', { label: 'failed-version', of: [target.version] }),
            ...fresh(target, observed),
          ];
    case 'Deleting':
      return [
        step('delete', { label: 'failed-version', of: [target.version] }),
        ...fresh(target, observed),
      ];
    default:
      // Writes to one version are made one after the other: what is under way is waited for.
      if (!holds(version, change))
        return [
          wait('earlier-change', {
            ...waiting(target, version.regions),
            until: 'replicated',
            away: awayFrom(version),
          }),
          ...amended(target, observed, version, change),
        ];
      return hasWaited(target.request.waitFor, target.location, version)
        ? []
        : afterSuccess(target, observed, version);
  }
}

/** Whether somebody else's version stands under the number this target was given. */
export const isTaken = (target: CaptureTarget, { version }: State): boolean =>
  version !== undefined && !isOurs(target.claim, version);

/** Regions of the target that the version does not have, and those that a repair took away. */
const lackingIn = (target: CaptureTarget, version: ImageVersion): VersionChange => {
  const known = allRegions(version);
  const lacking = withRegions(known, target.regions).slice(known.length);
  return bringingBack({ ...NO_CHANGE, regions: lacking }, version);
};

/** The same again, or else the failed regions taken away and added again. */
function repaired(
  target: CaptureTarget,
  observed: State,
  version: ImageVersion,
  repair: Repair,
): Step[] {
  if (repair === 'again') return amended(target, observed, version, lackingIn(target, version));
  const { steps, left } = setAside(version);
  return [...steps, ...amended(target, observed, left, lackingIn(target, left))];
}

/** From the VM to a version that is as far as is to be waited for. */
function fresh(target: CaptureTarget, observed: State): Step[] {
  const { source, regions } = target;
  return [
    ...prepareVm(target, observed),
    ...prepareSource(target, observed),
    ...(source ? [step('publish', { order: orderOf(target, source) })] : []),
    ...waited(target, regions),
    ...tidied(target),
    ...lastly(target, observed),
  ];
}

/** Sends the version once more, with the regions it lacks, or only to repair it. */
function amended(
  target: CaptureTarget,
  observed: State,
  version: ImageVersion,
  change: VersionChange,
): Step[] {
  return [
    step('update', { label: 'update', version: target.version, change }),
    ...waited(target, applied(version, change).regions),
    ...tidied(target),
    ...lastly(target, observed),
  ];
}

const orderOf = (
  { request, version, location, regions, tags }: CaptureTarget,
  source: Source,
): VersionOrder => ({
  id: version,
  location,
  source,
  regions,
  replicas: request.replicas,
  replicationMode: request.replicationMode,
  excludeFromLatest: request.excludeFromLatest,
  tags,
  ...(request.storageAccountType && { storageAccountType: request.storageAccountType }),
  ...(request.endOfLife && { endOfLife: request.endOfLife }),
});

/** Waits as far as asked, and blocks the deletion last. */
function waited(target: CaptureTarget, regions: readonly TargetRegion[]): Step[] {
  const { waitFor, blockDeletionBeforeEndOfLife } = target.request;
  return [
    ...(waitFor === 'none' ? [] : [wait('replicate', waiting(target, regions))]),
    ...(blockDeletionBeforeEndOfLife ? protectedOnes(target, regions) : []),
  ];
}

const waiting = (target: CaptureTarget, regions: readonly TargetRegion[]): Waiting => ({
  version: target.version,
  home: target.location,
  regions,
  until: target.request.waitFor,
  shallow: target.request.replicationMode === 'Shallow',
  repair: target.request.repairRegions ? 're-add' : 'again',
});

const protectedOnes = (target: CaptureTarget, regions: readonly TargetRegion[]): Step[] => [
  step('update', {
    label: 'finish',
    version: target.version,
    change: { ...NO_CHANGE, blockDeletionBeforeEndOfLife: true },
  }),
  wait('last-change', waiting(target, regions)),
];

/** What was only needed to capture from goes once every region is known to be complete. */
const tidied = ({ source, request }: CaptureTarget): Step[] =>
  source && request.waitFor === 'replicated' && temporariesOf(source).length > 0
    ? [step('delete', { label: 'temporary-source', of: temporariesOf(source) })]
    : [];

/** What is left once Azure calls the version Succeeded: wait, protect, tidy up, in this order. */
function afterSuccess(target: CaptureTarget, observed: State, version: ImageVersion): Step[] {
  const { waitFor, blockDeletionBeforeEndOfLife } = target.request;
  const { regions, deletionBlocked } = version;
  const done = hasWaited('replicated', target.location, version);
  if (!done && hasWaited(waitFor, target.location, version)) return [];
  const { source } = target;
  const left = ownTemporaries(target, observed).map(({ id }) => id);
  return [
    ...(done ? [] : [wait('replicate', waiting(target, regions))]),
    ...(blockDeletionBeforeEndOfLife && !deletionBlocked ? protectedOnes(target, regions) : []),
    ...(source && (done || waitFor === 'replicated') && left.length > 0
      ? [step('delete', { label: 'temporary-source', of: temporariesOf(source) })]
      : []),
    ...lastly(target, observed),
  ];
}

/** What the user asked to have deleted by name, once all else is well. */
function lastly(target: CaptureTarget, { vm, attached, expired }: State): Step[] {
  const { afterCapture, waitFor } = target.request;
  if (waitFor !== 'replicated') return [];
  // Another machine under the same name was not captured, and is not to be deleted.
  const own = vm !== undefined && vm.vmId === target.vmId;
  const left = own || attached.length > 0;
  return [
    ...(expired.length > 0 ? [step('delete', { label: 'old-snapshots', of: expired })] : []),
    ...(afterCapture === 'delete' && left
      ? [
          step('delete', {
            label: 'captured-vm',
            of: [target.request.vm, ...attached],
          }),
        ]
      : []),
  ];
}

const ownTemporaries = (target: CaptureTarget, { temporaries }: State) =>
  temporaries.filter((temporary) =>
    isProvenOurs(claimToTemporary(target, temporary.id), temporary),
  );
