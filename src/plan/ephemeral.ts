import type { State } from '../domain/observed.ts';
import { ephemeralNumber } from '../domain/owner.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { temporariesOf } from '../domain/source.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { lastly, making, ownTemporaries } from './capture-steps.ts';
import { deletion, waiting } from './common-steps.ts';
import type { Step } from './plan.ts';
import { hasFailed, hasWaited } from './replicated.ts';
import { proving } from './verify.ts';

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
export function planEphemeral(target: CaptureTarget, seen: State): Step[] {
  const { verify, version: id, location } = target;
  const { version, verification, vm, attached } = seen;
  const end = [
    ...(verify ? proving(verify, seen) : []),
    ...deletion('verified-version', version || !verification ? [id] : []),
    ...deletion('temporary-source', temporaries(target, seen)),
    ...lastly(target, { vm, attached, expired: [] }),
  ];
  if (verification) return end;
  const home = waiting('home', target, target, 'home');
  if (!version) return [...making(target, seen), home, ...end];
  if (hasFailed(version) || version.provisioningState === 'Deleting')
    return [...deletion('failed-version', [id]), ...making(target, seen), home, ...end];
  return hasWaited('home', location, version) ? end : [home, ...end];
}

/** What was only needed to capture from goes with the version. */
function temporaries(target: CaptureTarget, seen: State): readonly string[] {
  const isMade = seen.version === undefined && seen.verification === undefined;
  if (!isMade) return ownTemporaries(target, seen);
  return temporariesOf(target.source);
}
