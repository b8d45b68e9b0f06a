import { type Disk, isOfDisk, type Snapshot, takenAt } from './disk.ts';
import { ownerOf, SOURCE_TAG } from './owner.ts';
import { holdsKey } from './ownership.ts';
import { nameOf, resourceKind, sameId } from './resource-id.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';

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
 * to be taken. A run that is run again may find sets of newer runs, by which the VM comes back.
 *
 * @param ours snapshots of runs of this repository, see `isOfEarlierRun`
 */
export function expiredSnapshots(
  ours: readonly Snapshot[],
  { tags, keep, isMade }: Retention,
): string[] {
  const own = ownerOf(tags);
  const newestFirst = [...Map.groupBy(ours, (each) => ownerOf(each.tags))].sort(
    ([, a], [, b]) => age(b) - age(a),
  );
  const isTaken = isMade || newestFirst.some(([owner]) => owner === own);
  return newestFirst
    .slice(isTaken ? keep : keep - 1)
    .flatMap(([owner, set]) => (owner === own ? [] : set.map(({ id }) => id)));
}

/**
 * Whether a run of this repository took this snapshot of this VM. Tags can be copied, but nobody can
 * rename a snapshot: its name, in the VM's resource group, has to begin with the VM's and to end in the
 * key of the owner in the tag. A VM that is built anew under the name has other disks, so these decide
 * only where they show that the snapshot is of something else.
 */
export function isOfEarlierRun(
  { id, sourceId = '', tags }: Snapshot,
  { tags: own, vm }: Omit<Retention, 'keep' | 'isMade'>,
): boolean {
  const owner = ownerOf(tags);
  const same = (name: string) =>
    tagValue(own, name) !== undefined &&
    tagValue(tags, name)?.toLowerCase() === tagValue(own, name)?.toLowerCase();
  const isNamed = owner !== undefined && isNamedBy(owner, vm, id);
  return isNamed && resourceKind(sourceId) === 'disk' && same(REPOSITORY_TAG) && same(SOURCE_TAG);
}

/** The end of a name after the VM's: role and owner. */
const ROLE = /^(source-)?(os|lun\d+)(-[bc])?-[0-9a-f]+$/;

/** A job can be re-run for 30 days (GitHub Docs, "Re-running workflows and jobs"); one more for its own time. */
const SOURCE_DAYS = 31;

/**
 * Whether a version is possibly still made or repaired of this snapshot: it is a source, and a run that
 * took it can still be run again.
 */
export function isPossiblyInUse(
  snapshot: Snapshot,
  { vm }: Pick<Retention, 'vm'>,
  now: Date | undefined,
): boolean {
  const role = nameOf(snapshot.id).slice(nameOf(vm).slice(0, 36).length + 1);
  const since = now && now.getTime() - takenAt(snapshot);
  return /^source-/i.test(role) && (since === undefined || since < SOURCE_DAYS * 86_400_000);
}

function isNamedBy(owner: string, vm: string, id: string): boolean {
  const name = nameOf(id).toLowerCase();
  const start = `${nameOf(vm).slice(0, 36).toLowerCase()}-`;
  return holdsKey(owner, id) && name.startsWith(start) && ROLE.test(name.slice(start.length));
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
  isOfDisk(snapshot, disk);

const age = (set: readonly Snapshot[]): number => Math.max(...set.map(takenAt));
