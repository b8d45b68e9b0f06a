import type { RegionChoice } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { VersionChange } from '../domain/version-change.ts';
import { counted, dayOf, firstOf, joined } from '../domain/words.ts';
import { EXPECTED } from './durations.ts';

/* What steps of one kind are for, and how that reads. */

/** One label of deletions: how it reads, and how long it usually takes, seconds. */
const deletion = (
  reads: (of: readonly string[]) => string,
  seconds: (of: readonly string[]) => number = () => EXPECTED.remove,
) => ({ reads, seconds });

const ofVm = (reads: (of: readonly string[]) => string) =>
  deletion(reads, () => EXPECTED.remove + EXPECTED.deleteVm);

const ofVersions = (reads: (of: readonly string[]) => string) =>
  deletion(reads, (of) => EXPECTED.deleteVersion * Math.ceil(of.length / DELETED_AT_ONCE));

/**
 * Versions that are deleted at once. Azure takes 150 deletions in three minutes and a subscription, and
 * one usually takes a minute and a half.
 */
export const DELETED_AT_ONCE = 20;

/** What is deleted: each is a step of its own, at its own point of the plan. */
export const DELETIONS = {
  /** A version that failed everywhere, or whose deletion has begun. */
  'failed-version': ofVersions((of) => `Delete the failed image version ${namesOf(of)}`),
  /** Snapshots or an image that were only needed to capture from. */
  'temporary-source': deletion((of) => `Delete ${namesOf(of)}, only needed to capture from`),
  /** Such snapshots that Azure does not show any more as taken after the VM went off. */
  'earlier-source': deletion((of) => `Delete ${namesOf(of)}, to take them again`),
  /** Snapshots of earlier runs that retention lets go. */
  'old-snapshots': deletion(
    (of) => `Delete ${counted(of.length, 'older snapshot')}: ${firstNames(of)}`,
  ),
  /** The captured VM and what is attached to it alone. */
  'captured-vm': ofVm((of) => `Delete ${namesOf(of)}`),
  /** A generalized VM that is created again. */
  'generalized-vm': ofVm((of) => `Delete ${namesOf(of)}, which can never start again`),
  /** Disks that others have replaced. */
  'old-disks': deletion((of) => `Delete ${namesOf(of)}, which other disks have replaced`),
  /** The throw-away VM of a verification. */
  'verify-vm': ofVm((of) => `Delete the throw-away VM ${namesOf(of)}`),
  /** One that an earlier attempt left. */
  'earlier-verify-vm': ofVm(
    (of) =>
      `Delete the throw-away VM ${namesOf(of)} of an earlier verification, once no other run uses it`,
  ),
  /** A version of this run that was verified and is not kept. */
  'verified-version': ofVersions((of) => `Delete image version ${namesOf(of)}`),
  /** Versions that nobody needs any more, whoever made them. */
  'old-versions': ofVersions((of) => describeOldVersions(of)),
  /** Such ones whose throw-away VM has to be deleted first. */
  'old-verified-versions': ofVersions((of) => describeOldVersions(of)),
} as const satisfies Readonly<Record<string, ReturnType<typeof deletion>>>;

export type DeleteLabel = keyof typeof DELETIONS;

const describeOldVersions = (of: readonly string[]): string =>
  `Delete ${counted(of.length, 'image version')}, oldest first: ${firstNames(of)}`;

const namesOf = (ids: readonly string[]): string => ids.map(nameOf).join(', ');

/** Names that a list of IDs shows; more are counted. */
const MOST_NAMES = 50;

/** The first names of these, and how many more there are. */
export const firstNames = (ids: readonly string[]): string => firstOf(ids.map(nameOf), MOST_NAMES);

/** What is waited for. */
export type WaitLabel =
  /** Its home region holds the image, so that a VM can be made of it there. */
  | 'home'
  /** All its regions hold the image. */
  | 'replicate'
  /** A write of somebody else has ended. */
  | 'earlier-change'
  /** Azure has removed regions, which are to be added again. */
  | 'removal'
  /** Azure has removed regions for good, and takes another change. */
  | 'removed'
  /** Azure has taken in the last change of this run. */
  | 'last-change';

/** Why a version is changed. */
export type UpdateLabel =
  /** To what it lacks, or to send it again, to repair it. */
  | 'update'
  /** To what must come last: into `latest`, regions away, deletion blocked. */
  | 'finish'
  /** To have Azure delete no region any more, which the change before allowed. */
  | 'forbid-region-deletion'
  /** To do without regions that failed, until they are added again. */
  | 'remove-regions'
  /** To say where its throw-away VM is going to be. */
  | 'verify-vm'
  /** To what its verification came to. */
  | 'record';

/** A change of a version, as a person reads it. */
export function describeUpdate(label: UpdateLabel, version: string, change: VersionChange): string {
  switch (label) {
    case 'verify-vm':
      return `Tag image version ${version} with the name of its throw-away VM`;
    case 'record':
      return `Record in the tags of image version ${version} whether it works`;
    default:
      return `Change image version ${version}: ${describeChange(change)}`;
  }
}

/** What a change does, in one line. */
function describeChange(change: VersionChange): string {
  const { remove, removeForNow = [], bringBack = [] } = change;
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife } = change;
  const regions = change.regions.filter(({ name }) => !bringBack.includes(name));
  const said = joined('; ', [
    removeForNow.length > 0 &&
      `remove ${removeForNow.map(({ name }) => name).join(', ')}, to add it again`,
    bringBack.length > 0 && `add ${bringBack.join(', ')} again`,
    regions.length > 0 && `regions ${regions.map(describeRegion).join(', ')}`,
    remove.length > 0 && `remove ${remove.join(', ')}`,
    excludeFromLatest !== undefined && (excludeFromLatest ? 'out of latest' : 'into latest'),
    endOfLife && `end of life ${dayOf(endOfLife)}`,
    blockDeletionBeforeEndOfLife !== undefined &&
      `${blockDeletionBeforeEndOfLife ? 'block' : 'allow'} deletion before its end of life`,
    change.forbidRegionDeletion && 'forbid the deletion of its regions again',
    Object.keys(change.tags).length > 0 && `tags ${Object.keys(change.tags).join(', ')}`,
  ]);
  return said || 'send it again, to repair it';
}

function describeRegion({ name, replicas, excludeFromLatest }: RegionChoice): string {
  const details = joined(', ', [
    replicas !== undefined && counted(replicas, 'replica'),
    excludeFromLatest !== undefined && (excludeFromLatest ? 'out of latest' : 'into latest'),
  ]);
  return details ? `${name} (${details})` : name;
}
