import type { ImageVersion } from '../domain/gallery.ts';
import type { State } from '../domain/observed.ts';
import { defined } from '../domain/plain-objects.ts';
import type { TargetRegion } from '../domain/regions.ts';
import type { CaptureTarget, PromoteTarget, VerifyTarget } from '../domain/target.ts';
import { whereTag } from '../domain/throw-away.ts';
import {
  passedVerification,
  recordTags,
  VERIFICATION_TAG,
  type VerifyPlan,
} from '../domain/verification.ts';
import { holds, NO_CHANGE } from '../domain/version-change.ts';
import { deletion, inOrder, waiting } from './common-steps.ts';
import { type Step, step } from './plan.ts';
import { hasWaited } from './replicated.ts';

/*
 * Replication and the boot overlap, though a plan is a list: it waits for the home region, boots there
 * and only then waits for the others, which Azure copies to meanwhile.
 */

/** The steps to a verdict on a version, whoever made it, and to its record; empty when it is there. */
export function planVerify(target: VerifyTarget, seen: State): Step[] {
  const { verify, version: id, location, regions } = target;
  const { version, verification, throwAways = [] } = seen;
  if (!version) return deletion('verify-vm', throwAways);
  const home = { version: id, home: location, regions, until: 'home' } as const;
  const where = { ...NO_CHANGE, tags: whereTag(verify.vm.id) };
  const record = { ...NO_CHANGE, tags: recording(verify, seen, version, true) };
  const isThere = hasWaited('home', location, version);
  return inOrder(
    !verification && !isThere && step('replicate', { label: 'home', ...home }),
    !verification &&
      !holds(version, where) &&
      step('update', { label: 'verify-vm', version: id, change: where }),
    proving(verify, seen),
    !(verification && holds(version, record)) &&
      step('update', { label: 'record', version: id, change: record }),
  );
}

/** What a verification looks at each round. */
export type ProvingState = Pick<
  State,
  'version' | 'verification' | 'throwAways' | 'othersThrowAways'
>;

/**
 * The steps to a verdict, from a version that Azure has accepted: the home region is waited for first.
 * None where the version is not verified.
 */
export function provingAtHome(
  target: CaptureTarget | PromoteTarget,
  seen: ProvingState,
  regions: readonly TargetRegion[],
): Step[] {
  const { verify, location } = target;
  if (!verify) return [];
  const { version, verification } = seen;
  const isThere = version !== undefined && hasWaited('home', location, version);
  return inOrder(
    !verification && !isThere && waiting('home', target, { regions }, 'home'),
    proving(verify, seen),
  );
}

/**
 * The steps from a version that its home region holds to a verdict, and the end of the throw-away VM.
 * When the verdict is there, only that end is left.
 */
export function proving(
  { vm, script, timeoutSeconds }: VerifyPlan,
  { verification, throwAways = [], othersThrowAways = [] }: ProvingState,
): Step[] {
  if (verification) return deletion('verify-vm', throwAways);
  return [
    // What another run is at work with is waited for, not deleted.
    ...deletion('earlier-verify-vm', [...throwAways, ...othersThrowAways]),
    step('verify', defined({ vm, timeoutSeconds, script })),
    ...deletion('verify-vm', [vm.id]),
  ];
}

/**
 * The tags that record what is known; none where the version has passed already. What is not known yet is
 * `pending`, which stands in plans alone: a verification ends its plan.
 *
 * @param alone nothing but the record is written: `latest` stays as it is
 */
export function recording(
  { script }: Pick<VerifyPlan, 'script'>,
  { verification }: ProvingState,
  version: ImageVersion | undefined,
  alone = false,
) {
  if (!version || !verification) return { [VERIFICATION_TAG]: 'pending' };
  if (verification.passed && passedVerification(version, script)) return {};
  return recordTags(version, script, verification, alone);
}

/** The regions as they are made: one that is to be in `latest` on its own waits for the proof too. */
export const untilProven = (
  regions: readonly TargetRegion[],
  verify: VerifyPlan | undefined,
): readonly TargetRegion[] =>
  regions.map((region) =>
    verify && region.excludeFromLatest === false ? { ...region, excludeFromLatest: true } : region,
  );
