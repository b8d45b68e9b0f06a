import { isOurs, isProvenOurs } from '../../domain/claim.ts';
import { refused } from '../../domain/failure.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import { isNowhere } from '../../domain/latest.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { vmInTags } from '../../domain/restore.ts';
import { isOfRoot, type Retention } from '../../domain/snapshot-sets.ts';
import { claimOf, claimToTemporary } from '../../domain/target.ts';
import { isForgotten, isThrowAwayOf } from '../../domain/throw-away.ts';
import { isReleased } from '../../domain/verification.ts';
import { quoted } from '../../domain/words.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { DeleteLabel } from '../../plan/labels.ts';
import type { StepOf } from '../../plan/plan.ts';
import { hasWaited } from '../../plan/replicated.ts';
import { hasDisks, partsThatGo } from '../../plan/restore.ts';
import { ancestorsOf } from '../ancestors.ts';
import { type Interruption, StaleFacts, stale } from '../interruption.ts';
import { expiredAmong, isExpirable, temporaryAt } from '../observe.ts';
import { isSameVm, vmReplaced } from '../same-vm.ts';
import type { StepContext } from '../step-context.ts';
import { isOfLivingRun, removeThrowAway } from '../verify/throw-aways.ts';
import { watch } from '../wait.ts';
import { requireRightDisks } from './copies.ts';
import { deleteCaptured } from './delete-captured.ts';
import { deleteVersions } from './delete-versions.ts';

type Deletion = (
  step: StepOf<'delete'>,
  context: StepContext,
) => Promise<void> | Promise<Interruption | undefined>;

/** Deletes resources, each looked at once more right before: a deletion cannot be taken back. */
export const deleteAll: Deletion = (step, context) => DELETE[step.label](step, context);

type MayDelete = (id: string, context: StepContext, step: StepOf<'delete'>) => Promise<boolean>;

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

/**
 * A version of this owner whose first build failed, or that failed its verification. Throws `StaleFacts`
 * when it is of use by now: what was planned rests on an earlier look, which may have been stale.
 */
const isOwnVersion: MayDelete = async (id, { compute, target, report }, step) => {
  const version = await compute.version(id);
  if (!version) return false;
  if (!isProvenOurs(claimOf(target), version))
    throw refused({
      what: `Image version ${nameOf(id)} was not deleted: its tags and its source do not prove that this run made it.`,
      why: 'Somebody else made or changed it, or Azure does not show what it was made of.',
      remedy: 'Run again with another `image-version`, or `auto`.',
    });
  // Nobody is to use an ephemeral one; Azure calls it Failed too when its deletion failed.
  if (target.operation !== 'capture' || !target.request.ephemeral) {
    if (step.label === 'failed-version') requireUseless(version);
    else if (isReleased(version))
      throw new StaleFacts(`image version ${version.name} is in \`latest\``);
  }
  if (version.provisioningState === 'Failed') {
    const reason = await compute.whyFailed(id);
    report.say(
      step,
      reason ? `It had failed: ${reason.words}` : 'An earlier attempt left it Failed.',
    );
  }
  return true;
};

/** Throws unless it is known that no region holds a version: in one, VMs can have been made of it. */
function requireUseless(version: ImageVersion): void {
  const { name, provisioningState: state } = version;
  if (state === 'Deleting') return;
  if (state !== 'Failed' || isNowhere(version) === false)
    throw new StaleFacts(`image version ${name} is not failed any more`);
  if (isNowhere(version)) return;
  throw refused({
    what: `Image version ${name} was not deleted: it failed, and Azure does not show whether a region has it.`,
    why: 'The answer of Azure lacks the status of its replication.',
    remedy: 'Re-run the failed job; if it happens again, delete the version by hand.',
  });
}

/** Something that this run made only to capture from. */
const isOwnSource: MayDelete = async (id, { compute, target }) => {
  const found = await temporaryAt(compute, id);
  const claim = target.operation === 'capture' && claimToTemporary(target, id);
  return found !== undefined && claim && isProvenOurs(claim, found);
};

/** Which sets stay, now that this run has taken its own, if it takes one. */
function retentionOf({ target }: StepContext): Retention | undefined {
  const { tags } = target;
  if (target.operation === 'capture') {
    const { vm, snapshotRetention: keep = 1 } = target.request;
    return { tags, vm, keep, isMade: true };
  }
  const asked = target.operation === 'prune' ? target.request.snapshots : undefined;
  return asked && { tags, vm: asked.vm, keep: asked.keep, isMade: true };
}

/** Deletes those that retention still lets go: the sets are counted anew, each is looked at once more. */
const deleteOldSnapshots: Deletion = async (step, context) => {
  const { compute } = context;
  const retention = retentionOf(context);
  if (!retention) return;
  const listed = await compute.snapshotsBeside(retention.vm);
  const expired = await expiredAmong(compute, listed, retention);
  const of = step.of.filter((id) => expired.some((each) => sameId(each, id)));
  const isOld: MayDelete = async (id) => {
    const found = await compute.snapshot(id);
    return found !== undefined && isExpirable(compute, found, retention);
  };
  await each(isOld)({ ...step, of }, context);
};

/** Seconds until Azure shows a disk as detached that a VM does not have any more. Invented. */
const DETACHED_SECONDS = 60;

/**
 * Whether a generalized VM is still there to be deleted. Looks once more: it must be the one that was
 * judged, nothing may go with it, and the next attempt must find what it was.
 *
 * Throws a `Failure` when one of these does not hold.
 */
const isGeneralized: MayDelete = async (id, context) => {
  const { compute, target } = context;
  const vm = await compute.vm(id);
  if (!vm || target.operation !== 'restore') return false;
  if (!isSameVm(context, vm) || !vm.generalized) throw vmReplaced(vm.name);
  const going = partsThatGo(vm);
  if (going.length > 0)
    throw refused({
      what: `\`${vm.name}\` was not deleted: Azure would delete ${quoted(going.map(nameOf))} with it.`,
      why: 'Their delete option is `Delete`, and Azure did not change it on a generalized VM.',
      remedy:
        'Only the new disks were made. Create another VM of them by hand: `docs/restore.md` has the commands.',
    });
  const disk = target.disks[0]?.disk ?? '';
  const kept = disk && vmInTags((await compute.disk(disk))?.tags);
  if (kept && kept === target.model) {
    await requireRightDisks(target.disks, context);
    return true;
  }
  throw refused({
    what: `\`${vm.name}\` was not deleted: the tags of disk \`${nameOf(disk)}\` do not hold what it was.`,
    why: 'A policy or a tool removes or changes tags.',
    remedy:
      'Exempt the tags `golden-image-vm-…` of this disk, delete the disk, then re-run the failed job.',
  });
};

/** Deletes disks that others have replaced; warns of those that stay. */
const deleteReplaced: Deletion = async (step, context) => {
  const { compute, report } = context;
  const keptDisks: string[] = [];
  const isReplaced: MayDelete = async (id) => {
    if (await isProvenReplaced(id, context)) return true;
    if (await compute.disk(id)) {
      keptDisks.push(id);
      report.warn(
        `Disk \`${nameOf(id)}\` was not deleted: Azure shows it as attached, the VM is another one now, or no snapshot proves that it is the disk that was replaced. If nobody needs it: \`az disk delete --ids ${id}\``,
      );
    }
    return false;
  };
  await each(isReplaced)(step, context);
  // A later round can delete what an earlier one, by a stale look, has not.
  report.learned({ keptDisks });
};

/**
 * Whether this disk of the VM was replaced, and is used by nobody: the snapshot that the new disk was made
 * of is of it, or of a disk that it comes from. Azure alone writes that.
 */
async function isProvenReplaced(id: string, context: StepContext): Promise<boolean> {
  const { compute, target } = context;
  const [vmId, wanted, running] =
    target.operation === 'restore'
      ? [target.vm, target.disks, target.running]
      : target.operation === 'capture'
        ? [target.request.vm, target.newDisks, false]
        : ['', [], false];
  const entry = wanted.find(({ replaces }) => sameId(replaces, id));
  if (!entry) return false;
  // A read can be stale, and Azure can detach later than it says.
  await watch(
    async () =>
      !(await compute.disk(id))?.attachedTo.some((user) => sameId(user, vmId)) || undefined,
    { ...context, expectedSeconds: 5, limitSeconds: DETACHED_SECONDS },
  );
  const [disk, snapshot, vm] = await Promise.all([
    compute.disk(id),
    compute.snapshot(entry.snapshot),
    compute.vm(vmId),
  ]);
  if (!disk || disk.attachedTo.length > 0 || !vm) return false;
  const isOther = !isSameVm(context, vm);
  if (isOther && target.operation === 'restore') throw vmReplaced(vm.name);
  if (isOther || !hasDisks(vm, wanted)) return false;
  if (running && vm.power !== 'running') return false;
  const ancestors = await ancestorsOf(compute, disk);
  return snapshot !== undefined && isOfRoot(snapshot, { ancestors });
}

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
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    const other = reasons.find((reason) => !(reason instanceof StaleFacts));
    if (other) throw other;
    return reasons[0] && stale(reasons[0].message);
  };

/**
 * Waits first while they may be at work for other runs, of which each deletes its own. When it had to, the
 * version may be verified by now.
 */
const deleteEarlierThrowAways: Deletion = async (step, context) => {
  const { compute, target, report } = context;
  const verify = 'verify' in target ? target.verify : undefined;
  const look = async () => {
    const found = await Promise.all(step.of.map((id) => compute.vm(id)));
    return found.some((vm) => vm && verify && isOfLivingRun(vm, verify, compute))
      ? undefined
      : true;
  };
  if (!verify || (await look())) return void (await each(isThrowAway)(step, context));
  report.say(
    step,
    `Another run may be at work with ${quoted(step.of.map(nameOf))}. Waiting until it is deleted, or older than \`verify-timeout-minutes\`.`,
  );
  const limits = { expectedSeconds: EXPECTED.bootVm, limitSeconds: verify.timeoutSeconds };
  await watch(look, { ...context, ...limits, justBegun: true });
  return stale('another run was verifying this version');
};

/** What a version was made of goes only while it is complete: nothing else is left to make it of again. */
const onceComplete =
  (act: Deletion): Deletion =>
  async (step, context) => {
    const { compute, target } = context;
    if (target.operation === 'capture' && !target.request.ephemeral) {
      const found = await compute.version(target.version);
      const isThere = found !== undefined && isOurs(claimOf(target), found);
      if (!isThere || !hasWaited('replicated', target.location, found))
        return stale(`image version ${nameOf(target.version)} is gone, or not complete any more`);
    }
    return (await act(step, context)) ?? undefined;
  };

const DELETE: { readonly [L in DeleteLabel]: Deletion } = {
  'failed-version': each(isOwnVersion),
  'verified-version': each(isOwnVersion),
  'old-versions': deleteVersions,
  'old-verified-versions': deleteVersions,
  'verify-vm': each(isThrowAway, removeThrowAway),
  'earlier-verify-vm': deleteEarlierThrowAways,
  'captured-vm': onceComplete(deleteCaptured),
  'generalized-vm': each(isGeneralized),
  'old-disks': onceComplete(deleteReplaced),
  'temporary-source': each(isOwnSource),
  'earlier-source': each(isOwnSource),
  'old-snapshots': deleteOldSnapshots,
};
