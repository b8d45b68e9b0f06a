import type { Failure, FailureText } from '../domain/failure.ts';
import type { ImageVersion } from '../domain/gallery.ts';
import type { State } from '../domain/observed.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { memoryOf } from '../domain/removed-regions.ts';
import { failedRegions, replicationOf } from '../domain/replication.ts';
import { MOST_TAGS } from '../domain/tags.ts';
import type { CaptureTarget, PromoteTarget, Target } from '../domain/target.ts';
import { applied, NO_CHANGE } from '../domain/version-change.ts';
import { number } from '../domain/words.ts';
import { waiting } from './common-steps.ts';
import { type Step, step } from './plan.ts';
import { hasFailed, isOnlyPartlyThere, progressOf } from './replicated.ts';
import { stepToPaste } from './step-to-paste.ts';

/*
 * What a run does about its version that failed. One that is complete in some region is sent once more, as
 * Azure advises (azure-cli#15539); if that does not help, the failed regions are removed and added again,
 * where `repair-regions` allows it. One that failed everywhere is made anew. Each is tried once.
 */

/** How far a run has come in repairing its version. */
export interface Repair {
  readonly tried: readonly ('anew' | 'again' | 're-add' | 'bring-back')[];
  /** Whether the last of these was done, so that a failure that shows now is that it was in vain. */
  readonly isDone: boolean;
}

export const NOTHING_TRIED: Repair = { tried: [], isDone: false };

/** What is known after a look: any plan for a version that failed in some region sends it again. */
export function afterLook(repair: Repair, version: ImageVersion | undefined): Repair {
  const isSentAgain = !repair.tried.includes('again') && version && isOnlyPartlyThere(version);
  return isSentAgain ? { tried: [...repair.tried, 'again'], isDone: false } : repair;
}

/** What is known once a plan was carried out, or nothing was left to do. */
export const afterRound = (repair: Repair): Repair => ({ ...repair, isDone: true });

/** What is known when others have changed the version: what was seen to fail is not what is there now. */
export const afterStale = ({ tried }: Repair): Repair => ({
  tried: tried.includes('bring-back') ? tried : tried.filter((each) => each === 'anew'),
  isDone: false,
});

/** Whether a run is one that makes or changes its version, and so can send it again. */
export const mends = (target: Target): target is CaptureTarget | PromoteTarget =>
  target.operation === 'capture' || target.operation === 'promote';

/** Whether the version has failed again though no step waited for that. */
export const hasFailedAgain = (
  { isDone }: Repair,
  version: ImageVersion,
  target: Target,
): boolean => isDone && mends(target) && isOnlyPartlyThere(version);

/**
 * What is tried next, as what was tried did not help, and how that reads; throws when nothing is left.
 *
 * @param failure what the run ends with when nothing helps
 */
export function nextRepair(
  { tried }: Repair,
  failure: Failure,
  version: ImageVersion,
  target: Target,
): { readonly repair: Repair; readonly says: string } {
  const trying = (next: Repair['tried'][number], says: string) => ({
    repair: { tried: [...tried, next], isDone: false },
    says: `${failure.what} ${says}`,
  });
  const areOrIs = (regions: readonly TargetRegion[]) =>
    `${regions.map(({ name }) => name).join(', ')} ${number(regions.length, 'is', 'are')}`;
  if (!isOnlyPartlyThere(version)) {
    if (tried.includes('anew')) throw failure;
    return trying(
      'anew',
      `${failure.why ?? ''} That can pass, and no region can use the version, so it is deleted and created again.`,
    );
  }
  if (!tried.includes('again'))
    return trying(
      'again',
      'It is complete in other regions. The request is sent once more, so that Azure retries the failed ones.',
    );
  const failed = regionsToReAdd(version);
  if (!tried.includes('re-add') && mayReAdd(target) && failed.length > 0)
    return trying(
      're-add',
      `Another attempt did not help. As \`repair-regions\` allows, ${areOrIs(failed)} removed and added again. Tags of the version record the settings meanwhile.`,
    );
  if (isReAdding(tried) && version.removed.length > 0)
    return trying('bring-back', `${areOrIs(version.removed)} added again nevertheless.`);
  const complete = progressOf(version).filter(({ state }) => state === 'Completed');
  const where = complete.map(({ region }) => region).join(', ');
  throw failure.with({
    ...(where && { what: `${failure.what} It is complete in ${where} only.` }),
    ...remedyFor(tried, version, mayReAdd(target)),
  });
}

const isReAdding = (tried: Repair['tried']): boolean =>
  tried.includes('re-add') && !tried.includes('bring-back');

const mayReAdd = (target: Target): target is CaptureTarget | PromoteTarget =>
  mends(target) && target.request.repairRegions;

/** What to do about the regions where the version is not complete. */
function remedyFor(
  tried: Repair['tried'],
  version: ImageVersion,
  mayReAdd: boolean,
): Pick<FailureText, 'remedy' | 'paste'> {
  const failed = failedRegions(progressOf(version)).map(({ region }) => region);
  const where = failed.join(', ');
  const it = number(failed.length, 'it', 'them');
  const again =
    'Re-run the failed job; it resumes here, and retries the regions that failed. Complete regions stay.';
  if (failed.includes(version.location))
    return {
      remedy: `${again} \`${version.location}\` is the home region of the version, which Azure does not let anybody remove, so \`repair-regions\` cannot repair it.`,
    };
  if (tried.includes('re-add'))
    return {
      remedy: `Neither another attempt nor removing ${where || 'the regions'} and adding ${where ? it : 'them'} again helped. Check Azure's service health for the region, and re-run the failed job later. If it fails again, open a support case with the ID of the version.`,
    };
  if (failed.length === 0) return { remedy: again };
  if (mayReAdd)
    return {
      remedy: `${again} \`repair-regions\` cannot remove ${where}, because the version has no free tags to record ${it} in. Azure allows ${MOST_TAGS} tags; remove some, then re-run the failed job.`,
    };
  return {
    remedy: `${again} If ${where} fails again, start a run with \`operation: promote\` and \`repair-regions: true\`, as below: it removes ${where} and adds ${it} again, as Azure advises. Until then, no VM can be created of this version there.`,
    paste: stepToPaste({
      operation: 'promote',
      'source-image-version': version.id,
      'repair-regions': 'true',
    }),
  };
}

/**
 * The plan of a run. Where regions of its version are to be removed and added again, it removes them
 * before it sends the version once more, and waits until Azure has done so. The rest is planned for what
 * is then left, and adds them again.
 */
export function repairing(
  { tried }: Repair,
  target: Target,
  seen: State,
  plan: (seen: State) => readonly Step[],
): readonly Step[] {
  const again = plan(seen);
  const { version } = seen;
  if (!version || !hasFailed(version) || !isReAdding(tried) || !mayReAdd(target)) return again;
  const sends = again.some((each) => each.do === 'update' && each.label === 'update');
  const failed = sends ? regionsToReAdd(version) : [];
  if (failed.length === 0) return again;
  const change = { ...NO_CHANGE, removeForNow: failed };
  const left: ImageVersion = { ...applied(version, change), provisioningState: 'Succeeded' };
  return [
    step('update', { label: 'remove-regions', version: version.id, change }),
    waiting('removal', target, left, 'replicated'),
    ...plan({ ...seen, version: left }),
  ];
}

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
