import { Failure, type FailureText } from '../domain/failure.ts';
import type { ImageVersion, State } from '../domain/observed.ts';
import { stepToPaste } from '../domain/paste.ts';
import { failedRegions, type RegionReplication } from '../domain/replication.ts';
import { nameOf } from '../domain/resource-id.ts';
import { MOST_TAGS } from '../domain/tags.ts';
import type { Target } from '../domain/target.ts';
import type { Step } from '../plan/plan.ts';
import { reAdding, regionsToReAdd } from '../plan/repair.ts';
import { isOnlyPartlyThere, namesAway, progressOf } from '../plan/replicated.ts';
import type { Interruption } from './interruption.ts';
import type { Compute, StepContext } from './ports.ts';

/**
 * How far a run has come in repairing a version that failed in some region and is complete in
 * another. The same request again repairs it, as Azure advises (azure-cli#15539), or taking the region
 * away and adding it again. Each is tried once.
 */
export class RegionRepair {
  readonly #mayReAdd: boolean;
  #tried: 'nothing' | 'again' | 're-add' | 'bringing back' = 'nothing';
  /** Whether what is tried has been sent: a version that has failed then has failed again. */
  #sent = false;
  #madeAnew = false;

  constructor(target: Target) {
    this.#mayReAdd =
      (target.operation === 'capture' || target.operation === 'promote') &&
      target.request.repairRegions;
  }

  /**
   * The plan of a round. Throws when what was tried was in vain and nothing is left, also where no
   * step waits for that (`wait-for`).
   */
  async plan(
    seen: State,
    plan: (seen: State) => readonly Step[],
    { compute, report }: Pick<StepContext, 'compute' | 'report'>,
  ): Promise<readonly Step[]> {
    const { version } = seen;
    if (version && isOnlyPartlyThere(version)) {
      if (this.#sent)
        report.warn(
          this.after(await versionFailure(version, progressOf(version), compute, true), version),
        );
      else if (this.#tried === 'nothing') this.#tried = 'again';
    }
    this.#sent = this.#tried !== 'nothing';
    return this.#tried === 're-add' ? reAdding(seen, plan) : plan(seen);
  }

  /** Why a plan was not carried out to its end, as a warning; throws when no repair is left. */
  heed(interruption: Interruption): string | undefined {
    switch (interruption.is) {
      case 'failed-regions':
        return this.after(interruption.failure, interruption.version);
      case 'failed-everywhere':
        return this.#makeAnew(interruption.failure);
      case 'stale':
        // Others have changed the version: what was seen to fail is not what is there now.
        if (this.#tried !== 'bringing back') this.#tried = 'nothing';
        this.#sent = false;
        return `The state changed during the run (${interruption.what}). The run reads it again and continues.`;
      case 'verified':
        // The run may have to wait for other regions before it ends with that: it is told at once.
        return interruption.failure?.what;
    }
  }

  /** What was tried did not help: says what is tried next; throws when nothing is left. */
  after(failure: Failure, version: ImageVersion): string {
    this.#sent = false;
    switch (this.#tried) {
      case 'nothing':
        this.#tried = 'again';
        return `${failure.what} It is complete in other regions. The request is sent once more, so that Azure retries the failed ones.`;
      case 'again': {
        const names = regionsToReAdd(version).map(({ name }) => name);
        if (!this.#mayReAdd || names.length === 0) throw this.#ending(failure, version);
        this.#tried = 're-add';
        return `${failure.what} Another attempt did not help. As \`repair-regions\` allows, ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} removed and added again. Tags of the version record the settings meanwhile.`;
      }
      default: {
        const away = namesAway(version);
        if (this.#tried === 'bringing back' || away.length === 0)
          throw this.#ending(failure, version);
        this.#tried = 'bringing back';
        return `${failure.what} ${away.join(', ')} ${away.length === 1 ? 'is' : 'are'} added again nevertheless.`;
      }
    }
  }

  /** It failed everywhere: says that it is made anew, which is tried once; then throws. */
  #makeAnew(failure: Failure): string {
    if (this.#madeAnew) throw failure;
    this.#madeAnew = true;
    return `${failure.what} ${failure.why ?? ''} That can pass, and no region can use the version, so it is deleted and created again.`;
  }

  #ending(failure: Failure, version: ImageVersion): Failure {
    const complete = progressOf(version).filter(({ state }) => state === 'Completed');
    const where = complete.map(({ region }) => region).join(', ');
    return failure.with({
      ...(where && { what: `${failure.what} It is complete in ${where} only.` }),
      ...this.#remedy(version),
    });
  }

  #remedy(version: ImageVersion): Pick<FailureText, 'remedy' | 'paste'> {
    const failed = failedRegions(progressOf(version)).map(({ region }) => region);
    const where = failed.join(', ');
    const it = failed.length === 1 ? 'it' : 'them';
    if (this.#tried === 're-add' || this.#tried === 'bringing back')
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
    if (this.#mayReAdd)
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
}

/** What a version is reported with that a repair left without regions, if any; nobody is at it. */
export function notAddedAgain(version: ImageVersion): Failure | undefined {
  const away = namesAway(version);
  if (away.length === 0) return undefined;
  return new Failure({
    kind: 'timeout',
    what: `Image version ${nameOf(version.id)} is missing in ${away.join(', ')}: a repair removed it, and no run is adding it again.`,
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
  { id, provisioningState }: ImageVersion,
  regions: readonly RegionReplication[],
  compute: Pick<Compute, 'whyFailed'>,
  mends: boolean,
): Promise<Failure> {
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
    remedy: isAnywhere(regions)
      ? `${again}; it retries the regions that failed. Complete regions stay.`
      : `${again}; it deletes the failed version, which no region can use, and creates it again.`,
  });
}

/** Whether a version is complete in any region. */
export const isAnywhere = (regions: readonly RegionReplication[]): boolean =>
  regions.some((region) => region.state === 'Completed');

/** Azure's reason often quotes the failed regions and their details; once is enough. */
const untold =
  (reason = '') =>
  ({ region, details = '' }: RegionReplication): boolean =>
    !(reason.includes(region) && reason.includes(details));

/** A failed region in Azure's words. */
export const describeFailed = ({ region, details }: RegionReplication): string =>
  `${region} failed${details ? `: ${details}` : '.'}`;
