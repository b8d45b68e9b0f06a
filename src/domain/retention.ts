import { ownerOf, SOURCE_TAG } from './owner.ts';
import { holdsKey } from './ownership.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';

/** A snapshot as a listing shows it. */
export interface ListedSnapshot {
  readonly id: string;
  /** Resource ID of the disk it was taken of; empty when Azure does not tell. */
  readonly disk: string;
  readonly location: string;
  readonly created: Date;
  readonly incremental: boolean;
  readonly provisioningState?: string;
  /** The `uniqueId` of the disk it was taken of; absent when Azure does not tell. */
  readonly diskUniqueId?: string;
  readonly tags: Tags;
}

export const REPOSITORY_TAG = `${OUR_PREFIX}repository`;

/**
 * Snapshots that retention lets go: those of all but the newest sets that this repository took of
 * this VM. A set is what one owner took; this run's own counts as the newest, taken or not yet.
 *
 * @param own tags of this run's snapshots
 * @param keep sets to keep, this run's included; 1 or more
 */
export function expiredSnapshots(
  listed: readonly ListedSnapshot[],
  own: Tags,
  keep: number,
): string[] {
  const sets = new Map<string, ListedSnapshot[]>();
  for (const snapshot of listed) {
    const owner = ownerOf(snapshot.tags);
    if (!owner || owner === ownerOf(own) || !isOfEarlierRun(snapshot, own)) continue;
    sets.set(owner, [...(sets.get(owner) ?? []), snapshot]);
  }
  const newestFirst = [...sets.values()].sort((a, b) => age(b) - age(a));
  return newestFirst.slice(keep - 1).flatMap((set) => set.map(({ id }) => id));
}

/**
 * Whether a run of this repository took this snapshot of this VM. Tags can be copied to another
 * snapshot, but nobody can rename one: the name has to end in the key of the owner in the tag.
 *
 * @param own tags of this run's snapshots
 */
export function isOfEarlierRun(
  { id, tags }: Pick<ListedSnapshot, 'id' | 'tags'>,
  own: Tags,
): boolean {
  const owner = ownerOf(tags);
  const same = (name: string) =>
    tagValue(own, name) !== undefined &&
    tagValue(tags, name)?.toLowerCase() === tagValue(own, name)?.toLowerCase();
  return owner !== undefined && holdsKey(owner, id) && same(REPOSITORY_TAG) && same(SOURCE_TAG);
}

const age = (set: readonly ListedSnapshot[]): number =>
  Math.max(...set.map(({ created }) => created.getTime()));
