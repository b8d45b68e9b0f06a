import { type Claim, isProvenOurs, type Owned } from '../../domain/claim.ts';
import { type Failure, isRefusal, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { RestoredDisk } from '../../domain/restore.ts';
import { isMadeOf } from '../../domain/vm.ts';
import type { StepOf } from '../../plan/plan.ts';
import { ifAllowed } from '../reading.ts';
import { requireSameVm } from '../same-vm.ts';
import type { StepContext } from '../step-context.ts';
import { requireDeprovisioned } from './generalize.ts';

/*
 * Snapshots of disks, and disks of snapshots. Azure finds the source by its name, and whoever can write it can
 * put another in its place right before. What was made tells which one Azure took
 * (`creationData.sourceUniqueId`: REST reference, "Disks - Get").
 */

/** Takes the snapshots of all disks at once, so that they are as close in time as can be. */
export async function snapshot(step: StepOf<'snapshot'>, context: StepContext): Promise<void> {
  const { compute, target, report } = context;
  const { purpose } = step;
  // The disks of a VM that was built again have the same names.
  if (target.operation === 'capture') {
    const vm = await requireSameVm(context, target.request.vm);
    if (purpose === 'source') await requireDeprovisioned(vm, context);
  }
  const { location } = target;
  const tags = { ...target.tags, ...step.tags };
  await Promise.all(
    step.of.map(async ({ disk, diskUniqueId, snapshot: id }) => {
      const of = await compute
        .createSnapshot({ id, disk, location, purpose, tags })
        .catch(async (thrown: unknown) => {
          const isMissing = isRefusal(thrown) && thrown.status === NOT_FOUND;
          throw isMissing && !(await compute.disk(disk)) ? diskGone(disk, thrown) : thrown;
        });
      if (isAnother(of, diskUniqueId))
        throw await withdrawn(id, disk, await compute.snapshot(id), context);
      report.say(step, `${nameOf(disk)} → ${nameOf(id)}`);
    }),
  );
  if (purpose === 'rollback')
    report.learned({ snapshotIds: step.all.map(({ snapshot }) => snapshot) });
}

/** Makes the new disks, all at once. */
export async function disks(step: StepOf<'disks'>, context: StepContext): Promise<void> {
  const { compute, report } = context;
  await Promise.all(
    step.of.map(async (order) => {
      const { id, snapshot, snapshotUniqueId = compute.madeHere(snapshot) } = order;
      const of = await compute.createDisk(order);
      if (isAnother(of, snapshotUniqueId)) {
        const found = await compute.disk(id);
        const isFree = found?.attachedTo.length === 0;
        const seen = isFree ? { ...found, tags: found.tags ?? {} } : undefined;
        throw await withdrawn(id, snapshot, seen, context);
      }
      report.say(step, `${nameOf(snapshot)} → ${nameOf(id)}`);
    }),
  );
}

/**
 * Looks once more right before a VM gets its new disks, and when it has them, since nobody can replace a disk
 * that is attached; throws when one is not of its snapshot.
 *
 * @param vm that has them
 */
export async function requireRightDisks(
  all: readonly RestoredDisk[],
  { compute }: StepContext,
  vm?: string,
): Promise<void> {
  await Promise.all(
    all.map(async ({ disk, snapshot: id, snapshotUniqueId = compute.madeHere(id) }) => {
      const found = await compute.disk(disk);
      if (found && !isMadeOf(found, { id, uniqueId: snapshotUniqueId }))
        throw otherSource(disk, id, vm ? `\`${nameOf(vm)}\` has it now` : NOT_USED);
    }),
  );
}

const isAnother = (taken: string | undefined, judged: string | undefined): boolean =>
  taken !== undefined && judged !== undefined && taken !== judged;

/** Deletes what was made of another source, if it is this run's; gives the failure that tells it. */
async function withdrawn(
  id: string,
  source: string,
  seen: Owned | undefined,
  { compute, target }: StepContext,
): Promise<Failure> {
  const claim: Claim = { owner: target.owner, sources: [source], byName: true };
  const isOurs = seen !== undefined && isProvenOurs(claim, seen);
  const removed = isOurs && (await ifAllowed(compute.remove(id).then(() => true)));
  return otherSource(id, source, removed === true ? `${NOT_USED}. It was deleted` : NOT_USED);
}

const NOT_USED = 'It is not used';

const otherSource = (id: string, source: string, now: string): Failure =>
  refused({
    what: `\`${nameOf(id)}\` was made of another \`${nameOf(source)}\` than this run had looked at. ${now}.`,
    why: `Somebody deleted \`${nameOf(source)}\`, or what was made of it, during this run, and made another with its name.`,
    remedy:
      'Look at the activity log of the resource group. Then start a new run of the workflow, which looks at all again.',
  });

const NOT_FOUND = 404;

const diskGone = (disk: string, cause: Failure): Failure =>
  refused({
    what: `No snapshot was taken of disk \`${nameOf(disk)}\`: it is gone.`,
    why: 'After a capture with `after-capture: restore` and `old-disks: delete` this is so once its version is complete. If that version was deleted since, it cannot be created again of these disks.',
    remedy: 'Start a new run of the workflow instead of a re-run: it captures the VM as it is now.',
    cause,
  });
