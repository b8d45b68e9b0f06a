import type { ImageVersion, State } from '../domain/observed.ts';
import { isOurs } from '../domain/ownership.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { temporariesOf } from '../domain/source.ts';
import { withTags } from '../domain/tags.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { isRecordAlone, passedVerification, VERIFICATION_TAG } from '../domain/verification.ts';
import {
  applied,
  completing,
  holds,
  NO_CHANGE,
  type VersionChange,
} from '../domain/version-order.ts';
import { withReturn } from './after-capture.ts';
import { lastly, making, ownTemporaries, regionsFor, tidied } from './capture-steps.ts';
import { planEphemeral } from './ephemeral.ts';
import { type Step, step } from './plan.ts';
import { hasWaited, standingOf } from './replicated.ts';
import { proving, provingAtHome, recording } from './verify.ts';
import { wait, waitForEarlier, waitingFor } from './waiting.ts';

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
  const { version } = observed;
  if (!version) return isToGo(target, observed) ? gone(target, observed) : fresh(target, observed);
  const change = completing(version, regionsFor(target));
  if (isToGo(target, observed)) return gone(target, observed);
  switch (standingOf(version)) {
    case 'Succeeded':
      return holds(version, change)
        ? afterSuccess(target, observed, version)
        : amended(target, observed, version, change);
    case 'Incomplete':
      return amended(target, observed, version, change);
    case 'Failed':
    case 'Deleting':
      return [
        step('delete', { label: 'failed-version', of: [target.version] }),
        ...fresh(target, observed),
      ];
    default:
      // Writes to one version are made one after the other: what is under way is waited for.
      if (!holds(version, change))
        return [waitForEarlier(target, version), ...amended(target, observed, version, change)];
      return hasWaited(target.request.waitFor, target.location, version) && !target.verify
        ? []
        : afterSuccess(target, observed, version);
  }
}

/** Whether somebody else's version stands under the number this target was given. */
export const isTaken = (target: CaptureTarget, { version }: State): boolean =>
  version !== undefined && !isOurs(target.claim, version);

/** From the VM to a version that is as far as is to be waited for. */
function fresh(target: CaptureTarget, observed: State): Step[] {
  const { regions } = target;
  return [
    ...making(target, observed),
    ...provingAtHome(target, observed, regions),
    ...waited(target, regions, finalChange(target, observed)),
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
  const { regions } = applied(version, change);
  return [
    step('update', { label: 'update', version: target.version, change }),
    ...provingAtHome(target, observed, regions),
    ...waited(target, regions, finalChange(target, observed, version)),
    ...tidied(target),
    ...lastly(target, observed),
  ];
}

/** A failed verification, and a user who does not want to keep what failed. */
const isToGo = ({ verify }: CaptureTarget, { verification }: State): boolean =>
  verify?.onFailure === 'delete' && verification?.passed === false;

const gone = (target: CaptureTarget, observed: State): Step[] => [
  ...(target.verify ? proving(target.verify, observed) : []),
  ...(observed.version
    ? [step('delete', { label: 'verified-version', of: [target.version] })]
    : []),
];

/** Waits as far as asked; what comes last follows a replication that is known to have ended. */
function waited(
  target: CaptureTarget,
  regions: readonly TargetRegion[],
  last: VersionChange,
): Step[] {
  const { waitFor } = target.request;
  // To be verified, it has been waited for at home.
  const waits = target.verify ? waitFor === 'replicated' : waitFor !== 'none';
  return [
    ...(waits ? [wait('replicate', waitingFor(target, regions))] : []),
    ...(waitFor === 'replicated' && last !== NO_CHANGE ? lastOnes(target, regions, last) : []),
  ];
}

/**
 * What must come last: deletion blocked, the record of the verification and with it, when the version
 * has passed, its way into `latest`. `NO_CHANGE` when nothing must.
 */
function finalChange(
  { request, regions, verify }: CaptureTarget,
  seen: State,
  version?: ImageVersion,
): VersionChange {
  const { blockDeletionBeforeEndOfLife: blocks, excludeFromLatest } = request;
  const failed = seen.verification?.passed === false;
  // One that `operation: verify` recorded has not entered `latest` yet.
  const record = version && isRecordAlone(version) ? withoutRecord(version) : version;
  const isRecorded = record !== undefined && passedVerification(record, verify?.script);
  const enters = verify !== undefined && !failed && !isRecorded;
  if (!blocks && (!verify || isRecorded)) return NO_CHANGE;
  return {
    ...NO_CHANGE,
    ...(blocks && !failed && { blockDeletionBeforeEndOfLife: true }),
    ...(enters && {
      ...(!excludeFromLatest && { excludeFromLatest }),
      regions: regions
        .filter((region) => region.excludeFromLatest === false)
        .map(({ name }) => ({ name, excludeFromLatest: false })),
    }),
    tags: verify ? recording(verify, seen, record) : {},
  };
}

const withoutRecord = (version: ImageVersion): ImageVersion => ({
  ...version,
  tags: withTags(version.tags, { [VERIFICATION_TAG]: '' }),
});

const lastOnes = (
  target: CaptureTarget,
  regions: readonly TargetRegion[],
  change: VersionChange,
): Step[] => [
  step('update', { label: 'finish', version: target.version, change }),
  wait('last-change', waitingFor(target, regions)),
];

/** What is left once Azure calls the version Succeeded: wait, protect, tidy up, in this order. */
function afterSuccess(target: CaptureTarget, observed: State, version: ImageVersion): Step[] {
  const { waitFor } = target.request;
  const { regions } = version;
  const done = hasWaited('replicated', target.location, version);
  const shown = provingAtHome(target, observed, regions);
  if (!done && hasWaited(waitFor, target.location, version)) return shown;
  const { source } = target;
  const left = ownTemporaries(target, observed).map(({ id }) => id);
  const last = finalChange(target, observed, version);
  return [
    ...shown,
    ...(done || (target.verify && waitFor !== 'replicated')
      ? []
      : [wait('replicate', waitingFor(target, regions))]),
    ...(holds(version, last) || !(done || waitFor === 'replicated')
      ? []
      : lastOnes(target, regions, last)),
    ...(source && (done || waitFor === 'replicated') && left.length > 0
      ? [step('delete', { label: 'temporary-source', of: temporariesOf(source) })]
      : []),
    ...lastly(target, observed),
  ];
}
