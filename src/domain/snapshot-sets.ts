import { deprovisionedBy, deprovisionMark } from './deprovision-mark.ts';
import { diskNameParts, holdsKey, ownDiskNameParts, ownerOf, roleOf, SOURCE_TAG } from './owner.ts';
import { resourceKind, sameId } from './resource-id.ts';
import type { Root } from './restore.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';
import { type Disk, isMadeOf, type Snapshot, takenAt } from './vm.ts';

export const REPOSITORY_TAG = `${OUR_PREFIX}repository`;

/** Whose snapshots retention looks at. */
export interface Retention {
  /** Tags of this run's snapshots. */
  readonly tags: Tags;
  /** Resource ID of the VM. */
  readonly vm: string;
  /** Sets to keep, this run's included; 1 or more. */
  readonly keep: number;
  /** Whether this run has its version, and takes no snapshots any more. */
  readonly isMade?: boolean;
}

/**
 * Snapshots that retention lets go: those of all but the newest sets that this repository took of
 * this VM. A set is what one owner took. This run's own stays; it counts as the newest while it is still
 * to be taken. A run that is run again may find sets of newer runs, by which the VM comes back. A run that
 * was killed can leave a set that lacks disks: an older set stays until as many newer ones have each of its.
 * Nor does a set of a guest that had begun to deprovision itself count in place of one from before.
 *
 * @param ours snapshots of runs of this repository, see `isOfEarlierRun`
 */
export function expiredSnapshots(
  ours: readonly Snapshot[],
  { tags, vm, keep, isMade }: Retention,
): string[] {
  const own = ownerOf(tags);
  const newestFirst = [...Map.groupBy(ours, (each) => ownerOf(each.tags))].sort(
    ([, a], [, b]) => age(b) - age(a),
  );
  const isTaken = isMade || newestFirst.some(([owner]) => owner === own);
  const most = isTaken ? keep : keep - 1;
  const sets = newestFirst.map(([owner, set]) => ({
    owner,
    set,
    disks: disksIn(set, vm),
    isOfBefore: set.every((each) => deprovisionedBy(each.tags) === undefined),
  }));
  return sets.slice(most).flatMap(({ owner, set, disks, isOfBefore }, index) => {
    const newer = sets.slice(0, most + index).filter((each) => each.isOfBefore || !isOfBefore);
    const isHeld = disks.every(
      (disk) => newer.filter((each) => each.disks.includes(disk)).length >= most,
    );
    return owner === own || !isHeld ? [] : set.map(({ id }) => id);
  });
}

/** The disks of which a set has a snapshot of before the change that can be used. */
const disksIn = (set: readonly Snapshot[], vm: string): string[] =>
  set.flatMap(({ id, provisioningState = 'Succeeded' }) => {
    const { purpose, lun } = diskNameParts(id, vm) ?? {};
    return purpose === '' && provisioningState === 'Succeeded' ? [roleOf(lun)] : [];
  });

/** A job can be re-run for 30 days (GitHub Docs, "Re-running workflows and jobs"); one more for its own time. */
const SOURCE_DAYS = 31;

/**
 * Whether a run of this repository took this snapshot of this VM, and no version is made or repaired of it
 * any more. Tags can be copied, but nobody can rename a snapshot: its name, in the VM's resource group, has
 * to begin with the VM's and to end in the key of the owner in the tag. A VM that is built anew under the
 * name has other disks, so these decide only where they show that the snapshot is of something else. A
 * source is possibly in use while the run that took it can be run again.
 */
export function isOfEarlierRun(
  snapshot: Snapshot,
  { tags: own, vm }: Pick<Retention, 'tags' | 'vm'>,
  now: Date | undefined,
): boolean {
  const { id, sourceId = '', tags } = snapshot;
  const owner = ownerOf(tags) ?? '';
  const same = (name: string) =>
    tagValue(own, name) !== undefined &&
    tagValue(tags, name)?.toLowerCase() === tagValue(own, name)?.toLowerCase();
  const purpose = ownDiskNameParts(id, vm, owner)?.purpose;
  const days = now && (now.getTime() - takenAt(snapshot)) / 86_400_000;
  return (
    (purpose === '' || purpose === 'source-') &&
    resourceKind(sourceId) === 'disk' &&
    same(REPOSITORY_TAG) &&
    same(SOURCE_TAG) &&
    (purpose === '' || (days !== undefined && days >= SOURCE_DAYS))
  );
}

/** Whether the disk of a snapshot is there and belongs to other VMs, so that it is not of this one. */
export const isOfAnother = (
  snapshot: Snapshot,
  disk: Disk | undefined,
  { vm }: Pick<Retention, 'vm'>,
): boolean =>
  disk !== undefined &&
  disk.attachedTo.length > 0 &&
  !disk.attachedTo.some((user) => sameId(user, vm)) &&
  isMadeOf(snapshot, disk);

const age = (set: readonly Snapshot[]): number => Math.max(...set.map(takenAt));

/** Whether a snapshot is of this disk, or of one that this disk comes from. */
export const isOfRoot = (snapshot: Snapshot, { ancestors }: Pick<Root, 'ancestors'>): boolean =>
  ancestors.some((ancestor) => isMadeOf(snapshot, ancestor));

/**
 * What stands for the run in the name of a snapshot that this action takes before a change.
 *
 * @param vm of which; not given: whichever
 */
export function runIn({ id }: Snapshot, vm?: string): string | undefined {
  const { purpose, key } = diskNameParts(id, vm) ?? {};
  return purpose === '' ? key : undefined;
}

/**
 * The sets that this repository took of these disks, newest first. What counts is what Azure alone
 * writes: the disk each snapshot is of, its `uniqueId`, its name, its time. The name can begin with that
 * of another VM, which had the disk before. Tags can only exclude: a snapshot that another repository's tag
 * is on, and one that was taken when the guest had begun to deprovision itself.
 */
export function snapshotSets(
  listed: readonly Snapshot[],
  roots: readonly Root[],
  { repository, vm }: { readonly repository: string; readonly vm: string },
) {
  const keyIn = (snapshot: Snapshot) => runIn(snapshot, vm) ?? runIn(snapshot);
  const candidates = listed.filter(
    (snapshot) => keyIn(snapshot) !== undefined && isPossible(snapshot, repository),
  );
  const sets = [...Map.groupBy(candidates, keyIn).values()].map((all) => {
    const of = roots.map((root) => newest(all, root));
    return { of, taken: Math.max(...of.map((one) => (one ? takenAt(one) : 0))) };
  });
  return sets
    .filter(({ of }) => of.some((one) => one !== undefined))
    .sort((a, b) => b.taken - a.taken);
}

/**
 * Snapshots that one run took at a time, in the order of the VM's disks, `undefined` for a disk without
 * one; and when the newest was taken.
 */
type SnapshotSet = ReturnType<typeof snapshotSets>[number];

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
    deprovisionedBy(tags) === undefined
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
  vm: { readonly tags: Tags } | undefined,
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
