import { Failure, type FailureText } from '../domain/failure.ts';
import type { ImageVersion } from '../domain/observed.ts';
import { stepToPaste } from '../domain/paste.ts';
import { failedRegions, type RegionReplication } from '../domain/replication.ts';
import { nameOf } from '../domain/resource-id.ts';
import { MOST_TAGS } from '../domain/tags.ts';
import type { Target } from '../domain/target.ts';
import { regionsToReAdd } from '../plan/repair.ts';
import { isOnlyPartlyThere, progressOf } from '../plan/replicated.ts';
import type { Interruption } from './interruption.ts';
import type { Compute } from './ports.ts';

/**
 * How far a run has come in repairing a version that failed in some region and is complete in
 * another. The same request again repairs it, as Azure advises (azure-cli#15539), or taking the region
 * away and adding it again. Each is tried once.
 */
export interface Repair {
  readonly tried: 'nothing' | 'again' | 're-add' | 'bringing back';
  /** Whether a version that failed everywhere was made anew, which is tried once too. */
  readonly madeAnew: boolean;
}

export const NOTHING_TRIED: Repair = { tried: 'nothing', madeAnew: false };

/** What is tried next, as what was tried did not help, and how that reads; throws when nothing is left. */
export function nextRepair(
  repair: Repair,
  { failure, version }: Omit<Extract<Interruption, { is: 'failed' }>, 'is'>,
  target: Target,
): { readonly repair: Repair; readonly says: string } {
  if (!isOnlyPartlyThere(version)) return makeAnew(repair, failure);
  const trying = (tried: Repair['tried'], says: string) => ({
    repair: { ...repair, tried },
    says: `${failure.what} ${says}`,
  });
  const areOrIs = (names: readonly string[]) =>
    `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'}`;
  const failed = regionsToReAdd(version).map(({ name }) => name);
  const removed = version.removed.map(({ name }) => name);
  if (repair.tried === 'nothing')
    return trying(
      'again',
      'It is complete in other regions. The request is sent once more, so that Azure retries the failed ones.',
    );
  if (repair.tried === 'again' && mayReAdd(target) && failed.length > 0)
    return trying(
      're-add',
      `Another attempt did not help. As \`repair-regions\` allows, ${areOrIs(failed)} removed and added again. Tags of the version record the settings meanwhile.`,
    );
  if (repair.tried === 're-add' && removed.length > 0)
    return trying('bringing back', `${areOrIs(removed)} added again nevertheless.`);
  throw endOf(repair, failure, version, target);
}

const mayReAdd = (target: Target): boolean =>
  (target.operation === 'capture' || target.operation === 'promote') &&
  target.request.repairRegions;

function makeAnew(repair: Repair, failure: Failure) {
  if (repair.madeAnew) throw failure;
  return {
    repair: { ...repair, madeAnew: true },
    says: `${failure.what} ${failure.why ?? ''} That can pass, and no region can use the version, so it is deleted and created again.`,
  };
}

/** What the run ends with: where the version is complete, and what to do about the other regions. */
function endOf(repair: Repair, failure: Failure, version: ImageVersion, target: Target): Failure {
  const complete = progressOf(version).filter(({ state }) => state === 'Completed');
  const where = complete.map(({ region }) => region).join(', ');
  return failure.with({
    ...(where && { what: `${failure.what} It is complete in ${where} only.` }),
    ...remedyFor(repair, version, mayReAdd(target)),
  });
}

function remedyFor(
  { tried }: Repair,
  version: ImageVersion,
  mayReAdd: boolean,
): Pick<FailureText, 'remedy' | 'paste'> {
  const failed = failedRegions(progressOf(version)).map(({ region }) => region);
  const where = failed.join(', ');
  const it = failed.length === 1 ? 'it' : 'them';
  if (tried === 're-add' || tried === 'bringing back')
    return {
      remedy: `Neither another attempt nor removing ${where || 'the regions'} and adding ${where ? it : 'them'} again helped. Check Azure's service health for the region, and re-run the failed job later. If it fails again, open a support case with the ID of the version.`,
    };
  const again =
    'Re-run the failed job; it resumes here, and retries the regions that failed. Complete regions stay.';
  if (failed.length === 0) return { remedy: again };
  if (failed.includes(version.location))
    return {
      remedy: `${again} \`${version.location}\` is the home region of the version, which Azure does not let anybody remove, so \`repair-regions\` cannot repair it.`,
    };
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

/** What a version is reported with that a repair left without regions, if any; nobody is at it. */
export function notAddedAgain(version: ImageVersion): Failure | undefined {
  const removed = version.removed.map(({ name }) => name);
  if (removed.length === 0) return undefined;
  return new Failure({
    kind: 'timeout',
    what: `Image version ${nameOf(version.id)} is missing in ${removed.join(', ')}: a repair removed it, and no run is adding it again.`,
    why: 'A run with `repair-regions` removed it because it kept failing there, and ended before it added it again. Tags of the version (`golden-image-removed-…`) record its settings.',
    remedy:
      'Re-run that job, or run `operation: promote` of this version with no other change. Both add it again.',
  });
}

/**
 * What a version is reported with that Azure has given up, with Azure's own reason.
 *
 * @param mends whether the run that reports it is one that can send the version again
 */
export async function versionFailure(
  version: ImageVersion,
  regions: readonly RegionReplication[],
  compute: Pick<Compute, 'whyFailed'>,
  mends: boolean,
): Promise<Failure> {
  const { id, provisioningState } = version;
  // What Azure gives no reason for may pass: the run that can make it again tries that once.
  const { words: reason, mayPass = mends } = (await compute.whyFailed(id)) ?? {};
  const name = nameOf(id);
  const failed = failedRegions(regions);
  const again = mends ? 'Re-run the failed job' : 'Re-run the job that created it';
  return new Failure({
    kind: mayPass ? 'transient' : 'refused',
    what:
      provisioningState === 'Failed'
        ? `Azure could not create image version ${name}.`
        : `Azure calls image version ${name} Succeeded, but could not create it in ${failed.map(({ region }) => region).join(', ')}.`,
    why: [reason, ...failed.filter(untold(reason)).map(describeFailed)].filter(Boolean).join(' '),
    remedy: isOnlyPartlyThere(version)
      ? `${again}; it retries the regions that failed. Complete regions stay.`
      : `${again}; it deletes the failed version, which no region can use, and creates it again.`,
  });
}

/** Azure's reason often quotes the failed regions and their details; once is enough. */
const untold =
  (reason = '') =>
  ({ region, details = '' }: RegionReplication): boolean =>
    !(reason.includes(region) && reason.includes(details));

/** A failed region in Azure's words. */
export const describeFailed = ({ region, details }: RegionReplication): string =>
  `${region} failed${details ? `: ${details}` : '.'}`;
