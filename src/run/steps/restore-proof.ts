import { quoted, refused } from '../../domain/failure.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { vmInTags } from '../../domain/restore.ts';
import { isOfRoot } from '../../domain/snapshot-sets.ts';
import { hasDisks, partsThatGo } from '../../plan/restore.ts';
import { ancestorsOf } from '../ancestors.ts';
import type { StepContext } from '../ports.ts';
import { isSameVm, vmReplaced } from '../same-vm.ts';
import { watch } from '../wait.ts';

/** Seconds until Azure shows a disk as detached that a VM does not have any more. Invented. */
const DETACHED_SECONDS = 60;

/**
 * Whether a generalized VM is still there to be deleted. Looks once more: it must be the one that was
 * judged, nothing may go with it, and the next attempt must find what it was.
 *
 * Throws a `Failure` when one of these does not hold.
 */
export async function mayDeleteGeneralized(id: string, context: StepContext): Promise<boolean> {
  const { compute, target } = context;
  const vm = await compute.vm(id);
  if (!vm || target.operation !== 'restore') return false;
  if (!isSameVm(context, vm) || !vm.generalized) throw vmReplaced(vm.name);
  const going = partsThatGo(vm);
  if (going.length > 0) throw goesAlong(vm.name, going);
  const [os] = target.disks;
  const kept = os && vmInTags((await compute.disk(os.disk))?.tags);
  if (kept === undefined || kept !== target.model) throw notKept(vm.name, os?.disk ?? '');
  return true;
}

/**
 * Whether this disk of the VM was replaced, and is used by nobody: the snapshot that the new disk was made
 * of is of it, or of a disk that it comes from. Azure alone writes that. Warns of one that stays.
 */
export async function isReplacedDisk(id: string, context: StepContext): Promise<boolean> {
  const isReplaced = await isProvenReplaced(id, context);
  if (!isReplaced && (await context.compute.disk(id)))
    context.report.warn(
      `Disk \`${nameOf(id)}\` was not deleted: Azure shows it as attached, or the snapshot that proves what it was is gone. If nobody needs it: \`az disk delete --ids ${id}\``,
    );
  return isReplaced;
}

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
  if (!disk || disk.attachedTo.length > 0 || !vm || !hasDisks(vm, wanted)) return false;
  if (running && vm.power !== 'running') return false;
  const ancestors = await ancestorsOf(compute, disk);
  return snapshot !== undefined && isOfRoot(snapshot, { ancestors });
}

const goesAlong = (name: string, parts: readonly string[]) =>
  refused({
    what: `\`${name}\` was not deleted: Azure would delete ${quoted(parts.map(nameOf))} with it.`,
    why: 'Their delete option is `Delete`, and Azure did not change it on a generalized VM.',
    remedy:
      'Only the new disks were made. Create another VM of them by hand: `docs/restore.md` has the commands.',
  });

const notKept = (name: string, disk: string) =>
  refused({
    what: `\`${name}\` was not deleted: the tags of disk \`${nameOf(disk)}\` do not hold what it was.`,
    why: 'A policy or a tool removes or changes tags.',
    remedy:
      'Exempt the tags `golden-image-vm-…` of this disk, delete the disk, then re-run the failed job.',
  });
