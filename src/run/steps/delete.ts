import { refused } from '../../domain/failure.ts';
import { isProvenOurs } from '../../domain/owner.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { claimOf, claimToTemporary } from '../../domain/target.ts';
import { isForgotten, isThrowAwayOf } from '../../domain/verification.ts';
import type { DeleteLabel } from '../../plan/labels.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Interruption, stale } from '../interruption.ts';
import { isExpirable, temporaryAt } from '../observe.ts';
import type { StepContext } from '../ports.ts';
import { isOfLivingRun, removeThrowAway, waitForOtherRuns } from '../verify/throw-aways.ts';
import { deleteCaptured } from './delete-captured.ts';
import { deleteVersions } from './delete-versions.ts';
import { isReplacedDisk, mayDeleteGeneralized } from './restore-proof.ts';

type Step = StepOf<'delete'>;

type Deletion = (
  step: Step,
  context: StepContext,
) => Promise<void> | Promise<Interruption | undefined>;

/** Deletes resources, each looked at once more right before: a deletion cannot be taken back. */
export const deleteAll: Deletion = (step, context) => DELETE[step.label](step, context);

type MayDelete = (id: string, context: StepContext, step: Step) => Promise<boolean>;

/** A throw-away VM of this run's version, or of one that is pruned, that no run needs any more. */
const isThrowAway: MayDelete = async (id, { compute, target }) => {
  const vm = await compute.vm(id);
  if (!vm) return false;
  if (target.operation === 'prune') {
    const now = compute.azureTime();
    const isOf = target.deletions.some((version) => isThrowAwayOf(version.id, vm));
    return now !== undefined && isForgotten(vm, now) && isOf;
  }
  const verify = 'verify' in target ? target.verify : undefined;
  return isThrowAwayOf(target.version, vm) && !(verify && isOfLivingRun(vm, verify, compute));
};

/** A version of this owner whose first build failed: Azure lets nothing else be done with it. */
const isOwnVersion: MayDelete = async (id, { compute, target, report }, step) => {
  const version = await compute.version(id);
  if (!version) return false;
  if (!isProvenOurs(claimOf(target), version))
    throw refused({
      what: `Image version ${nameOf(id)} was not deleted: its tags and its source do not prove that this run made it.`,
      why: 'Somebody else made or changed it, or Azure does not show what it was made of.',
      remedy: 'Run again with another `image-version`, or `auto`.',
    });
  if (version.provisioningState === 'Failed') {
    const reason = await compute.whyFailed(id);
    report.say(
      step,
      reason ? `It had failed: ${reason.words}` : 'An earlier attempt left it Failed.',
    );
  }
  return true;
};

/** Something that this run made only to capture from. */
const isOwnSource: MayDelete = async (id, { compute, target }) => {
  const found = await temporaryAt(compute, id);
  const claim = target.operation === 'capture' && claimToTemporary(target, id);
  return found !== undefined && claim && isProvenOurs(claim, found);
};

/** One that retention still lets go; how many are kept was decided before. */
const isOldSnapshot: MayDelete = async (id, { compute, target: { operation, request, tags } }) => {
  const vm =
    operation === 'capture'
      ? request.vm
      : operation === 'prune'
        ? request.snapshots?.vm
        : undefined;
  const found = await compute.snapshot(id);
  return !!(found && vm && (await isExpirable(compute, found, { tags, vm })));
};

const remove = (id: string, { compute }: StepContext): Promise<boolean> =>
  compute.remove(id).then(() => true);

/**
 * Deletes all at once that is there still, and still this run's to delete.
 *
 * @param act gives whether it is gone
 */
const each =
  (mayDelete: MayDelete, act = remove): Deletion =>
  async (step, context) => {
    const settled = await Promise.allSettled(
      step.of.map(async (id) => {
        if ((await mayDelete(id, context, step)) && (await act(id, context)))
          context.report.say(step, `Deleted ${nameOf(id)}.`);
      }),
    );
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
  };

/** How each is deleted. */
const DELETE: { readonly [L in DeleteLabel]: Deletion } = {
  'failed-version': each(isOwnVersion),
  'verified-version': each(isOwnVersion),
  'old-versions': deleteVersions,
  'old-verified-versions': deleteVersions,
  'verify-vm': each(isThrowAway, removeThrowAway),
  'earlier-verify-vm': async (step, context) => {
    if (await waitForOtherRuns(step.of, step, context))
      return stale('another run was verifying this version');
    await each(isThrowAway)(step, context);
    return undefined;
  },
  'captured-vm': deleteCaptured,
  'generalized-vm': each(mayDeleteGeneralized),
  'old-disks': each(isReplacedDisk),
  'temporary-source': each(isOwnSource),
  'earlier-source': each(isOwnSource),
  'old-snapshots': each(isOldSnapshot),
};
