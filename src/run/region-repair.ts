import { Failure, type FailureText } from '../domain/failure.ts';
import { awayFrom, type ImageVersion } from '../domain/observed.ts';
import { stepToPaste } from '../domain/paste.ts';
import { failedRegions } from '../domain/replication.ts';
import { MOST_TAGS } from '../domain/tags.ts';
import type { Target } from '../domain/target.ts';
import type { Repair } from '../plan/plan.ts';
import { regionsToReAdd } from '../plan/repair.ts';
import { isOnlyPartlyThere, progressOf } from '../plan/replicated.ts';

/**
 * How far a run has come in repairing a version that failed in some region and is complete in
 * another. The same request again repairs it, as Azure advises (azure-cli#15539), or taking the region
 * away and adding it again. Each is tried once.
 */
export class RegionRepair {
  readonly #mayReAdd: boolean;
  #tried: 'nothing' | Repair | 'bringing back' = 'nothing';
  /** Whether what is tried has been sent: a version that has failed then has failed again. */
  #sent = false;
  #madeAnew = false;

  constructor(target: Target) {
    this.#mayReAdd =
      (target.operation === 'capture' || target.operation === 'promote') &&
      target.request.repairRegions;
  }

  /**
   * Whether what an earlier round tried is seen not to have helped, where no step waits for that
   * (`wait-for`).
   */
  isInVain(version: ImageVersion): boolean {
    return this.#sent && isOnlyPartlyThere(version);
  }

  /** What a round is to try that finds this version. */
  next(version: ImageVersion | undefined): Repair {
    if (this.#tried === 'nothing' && version && isOnlyPartlyThere(version)) this.#tried = 'again';
    this.#sent = this.#tried !== 'nothing';
    return this.#tried === 're-add' ? 're-add' : 'again';
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
        const away = awayFrom(version).map(({ name }) => name);
        if (this.#tried === 'bringing back' || away.length === 0)
          throw this.#ending(failure, version);
        this.#tried = 'bringing back';
        return `${failure.what} ${away.join(', ')} ${away.length === 1 ? 'is' : 'are'} added again nevertheless.`;
      }
    }
  }

  /** It failed everywhere: says that it is made anew, which is tried once; then throws. */
  makeAnew(failure: Failure): string {
    if (this.#madeAnew) throw failure;
    this.#madeAnew = true;
    return `${failure.what} ${failure.why ?? ''} That can pass, and no region can use the version, so it is deleted and created again.`;
  }

  /** Others have changed the version meanwhile: what was seen to fail is not what is there now. */
  startOver(): void {
    if (this.#tried !== 'bringing back') this.#tried = 'nothing';
    this.#sent = false;
  }

  #ending({ kind, what, why, code, cause }: Failure, version: ImageVersion): Failure {
    const complete = progressOf(version).filter(({ state }) => state === 'Completed');
    return new Failure({
      kind,
      what:
        complete.length > 0
          ? `${what} It is complete in ${complete.map(({ region }) => region).join(', ')} only.`
          : what,
      ...(why && { why }),
      ...this.#remedy(version),
      ...(code && { code }),
      ...(cause !== undefined && { cause }),
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
