import type { State } from '../domain/observed.ts';
import { ephemeralNumber } from '../domain/owner.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { temporariesOf } from '../domain/source.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { lastly, making, ownTemporaries } from './capture-steps.ts';
import { type Step, step } from './plan.ts';
import { hasFailed, hasWaited } from './replicated.ts';
import { proving } from './verify.ts';
import { wait, waitingFor } from './waiting.ts';

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
  const { version, verification } = seen;
  const verdict = verify ? proving(verify, seen) : [];
  const end = [
    ...(version || !verification ? [step('delete', { label: 'verified-version', of: [id] })] : []),
    ...tidied(target, seen),
    ...lastly(target, { vm: seen.vm, attached: seen.attached, expired: [] }),
  ];
  if (verification) return [...verdict, ...end];
  const home = wait('home', { ...waitingFor(target, target.regions), until: 'home' });
  if (!version) return [...making(target, seen), home, ...verdict, ...end];
  if (hasFailed(version) || version.provisioningState === 'Deleting')
    return [
      step('delete', { label: 'failed-version', of: [id] }),
      ...making(target, seen),
      home,
      ...verdict,
      ...end,
    ];
  const isThere = hasWaited('home', location, version);
  return [...(isThere ? [] : [home]), ...verdict, ...end];
}

/** What was only needed to capture from goes with the version. */
function tidied(target: CaptureTarget, seen: State): Step[] {
  const all = target.source ? temporariesOf(target.source) : [];
  const isMade = seen.version === undefined && seen.verification === undefined;
  const left = isMade ? all : ownTemporaries(target, seen).map(({ id }) => id);
  return left.length > 0 ? [step('delete', { label: 'temporary-source', of: left })] : [];
}
