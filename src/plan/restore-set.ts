import { isOfDisk, type Snapshot, takenAt } from '../domain/disk.ts';
import { deprovisionMark, ownerOf } from '../domain/owner.ts';
import { holdsKey } from '../domain/ownership.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import { isDeprovisionBegun, type Root } from '../domain/restore.ts';
import { REPOSITORY_TAG } from '../domain/retention.ts';
import { tagValue } from '../domain/tags.ts';

/** Snapshots that one run took of a VM's disks at a time. */
interface SnapshotSet {
  /** What stands for the run in the names. */
  readonly key: string;
  /** In the order of the VM's disks; `undefined` for a disk without one. */
  readonly of: readonly (Snapshot | undefined)[];
  /** Of its newest snapshot. */
  readonly taken: number;
}

/** Whether a snapshot is of this disk, or of one that this disk comes from. */
export const isOfRoot = (snapshot: Snapshot, { ancestors }: Pick<Root, 'ancestors'>): boolean =>
  ancestors.some((ancestor) => isOfDisk(snapshot, ancestor));

/** What stands for the run in the name of a snapshot that this action takes before a change. */
const keyOf = ({ id }: Snapshot): string | undefined =>
  /-source-(?:os|lun\d+)/i.test(nameOf(id))
    ? undefined
    : /-(?:os|lun\d+)(?:-[bc])?-([0-9a-f]{24})$/i.exec(nameOf(id))?.[1]?.toLowerCase();

/**
 * The sets that this repository took of these disks, newest first. What counts is what Azure alone
 * writes: the disk each snapshot is of, its `uniqueId`, its name, its time. Tags can only exclude: a
 * snapshot that another repository's tag is on, and one that was taken when the guest had begun to
 * deprovision itself.
 */
export function snapshotSets(
  listed: readonly Snapshot[],
  roots: readonly Root[],
  repository: string,
): SnapshotSet[] {
  const candidates = listed.filter(
    (snapshot) => keyOf(snapshot) !== undefined && isPossible(snapshot, repository),
  );
  const sets = [...Map.groupBy(candidates, keyOf)].map(([key = '', all]) => {
    const of = roots.map((root) => newest(all, root));
    return { key, of, taken: Math.max(...of.map((one) => (one ? takenAt(one) : 0))) };
  });
  return sets
    .filter(({ of }) => of.some((one) => one !== undefined))
    .sort((a, b) => b.taken - a.taken);
}

const newest = (all: readonly Snapshot[], root: Root): Snapshot | undefined =>
  all.filter((snapshot) => isOfRoot(snapshot, root)).sort((a, b) => takenAt(b) - takenAt(a))[0];

function isPossible(snapshot: Snapshot, repository: string): boolean {
  const { id, tags, incremental, provisioningState = 'Succeeded' } = snapshot;
  const owner = ownerOf(tags);
  const by = tagValue(tags, REPOSITORY_TAG);
  return (
    incremental &&
    provisioningState === 'Succeeded' &&
    (owner === undefined || holdsKey(owner, id)) &&
    (by === undefined || by.toLowerCase() === repository.toLowerCase()) &&
    !isDeprovisionBegun(snapshot)
  );
}

/** Whether there is a snapshot of every disk. */
export const isComplete = ({ of }: SnapshotSet): boolean => of.every((one) => one !== undefined);

/**
 * The set to go back to: the newest complete one. After a deprovision that has begun, sets that are
 * newer than the one of its own run hold what it did.
 *
 * @param holding snapshots that disks were made of already: it has to be their set
 */
export function chosenSet(
  sets: readonly SnapshotSet[],
  vm: { readonly tags: Readonly<Record<string, string>> } | undefined,
  holding: readonly string[] = [],
): SnapshotSet | undefined {
  const complete = sets.filter(isComplete);
  if (holding.length > 0)
    return complete.find(({ of }) => holding.every((id) => of.some((one) => sameId(one?.id, id))));
  const mark = vm && deprovisionMark(vm.tags);
  if (!mark || mark.stage === 'asked') return complete[0];
  const own = complete.find(({ of }) => of.every((one) => one && holdsKey(mark.owner, one.id)));
  return own ? complete.find(({ taken }) => taken <= own.taken) : complete[0];
}
