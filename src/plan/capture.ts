import { isOurs } from '../domain/claim.ts';
import { allRegions, type ImageVersion } from '../domain/gallery.ts';
import type { State } from '../domain/observed.ts';
import { ephemeralNumber } from '../domain/owner.ts';
import { isAmong, type TargetRegion } from '../domain/regions.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { withTags } from '../domain/tags.ts';
import type { CaptureTarget } from '../domain/target.ts';
import {
  hasEntered,
  isRecordAlone,
  isReleased,
  passedVerification,
  VERIFICATION_TAG,
} from '../domain/verification.ts';
import {
  applied,
  bringingBack,
  holds,
  NO_CHANGE,
  type VersionChange,
} from '../domain/version-change.ts';
import { temporariesOf } from '../domain/version-order.ts';
import { withReturn } from './after-capture.ts';
import { lastly, making, ownTemporaries } from './capture-steps.ts';
import { deletion, ending, inOrder, waiting } from './common-steps.ts';
import { type Step, step } from './plan.ts';
import { hasFailed, hasWaited, standingOf } from './replicated.ts';
import { proving, provingAtHome, recording, untilProven } from './verify.ts';

/**
 * The steps from what was observed to what the target wants, worked out backward from the goal:
 * a version of ours that is as far replicated as is to be waited for, and nothing temporary left.
 * Empty when that holds.
 *
 * Takes for granted that the preflight rules found no error and that a version under the target's
 * ID, if there is one, is this owner's (`isTaken`).
 */
export function planCapture(target: CaptureTarget, seen: State): Step[] {
  const observed = target.assumedVm ? { ...seen, vm: target.assumedVm } : seen;
  if (target.request.ephemeral) return planEphemeral(target, observed);
  return withReturn(target, observed, planVersion(target, observed));
}

function planVersion(target: CaptureTarget, observed: State): Step[] {
  const { verify, version: id } = target;
  const { version, verification } = observed;
  const isNew = !version || !isReleased(version);
  if (verify?.onFailure === 'delete' && verification?.passed === false && isNew)
    return inOrder(proving(verify, observed), version && deletion('verified-version', [id]));
  if (!version) return fresh(target, observed);
  const regions = untilProven(target.regions, target.verify).filter(
    ({ name }) => !isAmong(name, allRegions(version)),
  );
  const change = bringingBack({ ...NO_CHANGE, regions }, version);
  switch (standingOf(version)) {
    case 'Succeeded':
      return holds(version, change)
        ? afterSuccess(target, observed, version)
        : amended(target, observed, version, change);
    case 'Incomplete':
      return amended(target, observed, version, change);
    case 'Failed':
    case 'Deleting':
      return [...deletion('failed-version', [id]), ...fresh(target, observed)];
    default:
      // Writes to one version are made one after the other: what is under way is waited for.
      if (!holds(version, change))
        return [
          waiting('earlier-change', target, version, 'replicated'),
          ...amended(target, observed, version, change),
        ];
      return hasWaited(target.request.waitFor, target.location, version) && !verify
        ? []
        : afterSuccess(target, observed, version);
  }
}

/** Whether somebody else's version stands under the number this target was given. */
export const isTaken = (target: CaptureTarget, { version }: State): boolean =>
  version !== undefined && !isOurs(target.claim, version);

/** From the VM to a version that is as far as is to be waited for. */
const fresh = (target: CaptureTarget, observed: State): Step[] => [
  ...making(target, observed),
  ...following(target, observed, target.regions, finalChange(target, observed)),
];

/** Sends the version once more, with the regions it lacks, or only to repair it. */
const amended = (
  target: CaptureTarget,
  observed: State,
  version: ImageVersion,
  change: VersionChange,
): Step[] => [
  step('update', { label: 'update', version: target.version, change }),
  ...following(
    target,
    observed,
    applied(version, change).regions,
    finalChange(target, observed, version),
  ),
];

/** What is left of a version that need not be sent once more. */
function afterSuccess(target: CaptureTarget, observed: State, version: ImageVersion): Step[] {
  const { location, request } = target;
  const { regions } = version;
  const done = hasWaited('replicated', location, version);
  if (!done && hasWaited(request.waitFor, location, version))
    return provingAtHome(target, observed, regions);
  const last = finalChange(target, observed, version);
  const isTidy = ownTemporaries(target, observed).length === 0;
  const left = last && !holds(version, last) ? last : undefined;
  return following(target, observed, regions, left, { done, isTidy });
}

/**
 * What follows once Azure has the version: the verdict, the waiting as far as asked, and what comes after a
 * replication that is known to have ended: protect, tidy up, delete.
 *
 * @param last what must come last; `undefined` when nothing must
 */
function following(
  target: CaptureTarget,
  observed: State,
  regions: readonly TargetRegion[],
  last: VersionChange | undefined,
  { done = false, isTidy = false } = {},
): Step[] {
  const { request, source, verify } = target;
  const ends = done || request.waitFor === 'replicated';
  // To be verified, it has been waited for at home.
  const waits = !done && (verify ? ends : request.waitFor !== 'none');
  return [
    ...provingAtHome(target, observed, regions),
    ...ending(target, { regions }, waits, ends ? last : undefined),
    ...deletion('temporary-source', ends && !isTidy ? temporariesOf(source) : []),
    ...lastly(target, observed),
  ];
}

/**
 * What must come last: deletion blocked, the record of the verification and with it, when the version
 * has passed, its way into `latest`. `undefined` when nothing must.
 */
function finalChange(
  { request, regions, verify }: CaptureTarget,
  seen: State,
  version?: ImageVersion,
): VersionChange | undefined {
  const { blockDeletionBeforeEndOfLife: blocks, excludeFromLatest } = request;
  const failed = seen.verification?.passed === false;
  // One that `operation: verify` recorded has not entered `latest` yet.
  const judged = version && isRecordAlone(version) ? withoutRecord(version) : version;
  const isRecorded = judged !== undefined && passedVerification(judged, verify?.script);
  // Once it has entered, others decide on `latest`.
  const enters = verify !== undefined && !failed && !(judged && hasEntered(judged));
  if (!blocks && (!verify || isRecorded)) return undefined;
  return {
    ...NO_CHANGE,
    ...(blocks && !failed && { blockDeletionBeforeEndOfLife: true }),
    ...(enters && {
      ...(!excludeFromLatest && { excludeFromLatest }),
      regions: regions
        .filter((region) => region.excludeFromLatest === false)
        .map(({ name }) => ({ name, excludeFromLatest: false })),
    }),
    tags: verify ? recording(verify, seen, judged) : {},
  };
}

const withoutRecord = (version: ImageVersion): ImageVersion => ({
  ...version,
  tags: withTags(version.tags, { [VERIFICATION_TAG]: '' }),
});

/*
 * An ephemeral version is made to be verified, for a pull request: it copies nothing, stays in the home
 * region, never enters `latest`, and is deleted after the verdict, whatever that is.
 */

/**
 * The request with what follows from `ephemeral`. The number is the same in every attempt of a run, and
 * so high a patch that nobody chooses it: `0.0.N`, N from 2^30 on.
 */
export function asEphemeral(request: CaptureRequest, runId: string): CaptureRequest {
  return {
    ...request,
    version: { choose: 'ephemeral', number: ephemeralNumber(runId, request.definition) },
    requestedVersion: 'ephemeral',
    regions: [],
    replicas: 1,
    replicationMode: 'Shallow',
    excludeFromLatest: true,
    waitFor: 'replicated',
  };
}

/** The steps to the verdict, and to nothing of the version being left. */
function planEphemeral(target: CaptureTarget, seen: State): Step[] {
  const { verify, version: id, location } = target;
  const { version, verification, vm, attached } = seen;
  const isMade = version !== undefined || verification !== undefined;
  const end = inOrder(
    verify && proving(verify, seen),
    (version || !verification) && deletion('verified-version', [id]),
    // What was only needed to capture from goes with the version.
    deletion(
      'temporary-source',
      isMade ? ownTemporaries(target, seen) : temporariesOf(target.source),
    ),
    lastly(target, { vm, attached, expired: [] }),
  );
  if (verification) return end;
  const home = waiting('home', target, target, 'home');
  if (!version) return [...making(target, seen), home, ...end];
  if (hasFailed(version) || version.provisioningState === 'Deleting')
    return [...deletion('failed-version', [id]), ...making(target, seen), home, ...end];
  return hasWaited('home', location, version) ? end : [home, ...end];
}
