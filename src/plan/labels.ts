import { nameOf } from '../domain/resource-id.ts';
import type { VersionChange } from '../domain/version-order.ts';
import { describeChange } from './describe-change.ts';

/* What steps of one kind are for, and how that reads. */

/** What is deleted: each is a step of its own, at its own point of the plan. */
export type DeleteLabel =
  /** A version that failed everywhere, or whose deletion has begun. */
  | 'failed-version'
  /** Snapshots or an image that were only needed to capture from. */
  | 'temporary-source'
  /** Snapshots of earlier runs that retention lets go. */
  | 'old-snapshots'
  /** The captured VM and what is attached to it alone. */
  | 'captured-vm'
  /** A generalized VM that is created again. */
  | 'generalized-vm'
  /** Disks that others have replaced. */
  | 'old-disks'
  /** The throw-away VM of a verification. */
  | 'verify-vm'
  /** One that an earlier attempt left. */
  | 'earlier-verify-vm'
  /** A version of this run that was verified and is not kept. */
  | 'verified-version'
  /** Versions that nobody needs any more, whoever made them. */
  | 'old-versions'
  /** Such ones whose throw-away VM has to be deleted first. */
  | 'old-verified-versions';

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

/** What is waited for. */
export type WaitLabel =
  /** Its home region holds the image, so that a VM can be made of it there. */
  | 'home'
  /** All its regions hold the image. */
  | 'replicate'
  /** A write of somebody else has ended. */
  | 'earlier-change'
  /** Azure has taken regions away, which are to be added again. */
  | 'removal'
  /** Azure has taken regions away for good, and takes another change. */
  | 'removed'
  /** Azure has taken in the last change of this run. */
  | 'last-change';

/** Names that a list of IDs shows; more are counted. */
const MOST_NAMES = 50;

/** The first names of these, and how many more there are. */
export const firstOf = (ids: readonly string[]): string =>
  `${ids.slice(0, MOST_NAMES).map(nameOf).join(', ')}${ids.length > MOST_NAMES ? ` and ${ids.length - MOST_NAMES} more` : ''}`;

/**
 * Versions that are deleted at once. Azure takes 150 deletions in three minutes and a subscription, and
 * one usually takes a minute and a half.
 */
export const DELETED_AT_ONCE = 20;

/** A deletion, as a person reads it. */
export function describeDeletion(label: DeleteLabel, of: readonly string[]): string {
  const names = of.map(nameOf).join(', ');
  switch (label) {
    case 'failed-version':
      return `Delete the failed image version ${names}`;
    case 'temporary-source':
      return `Delete ${names}, only needed to capture from`;
    case 'old-snapshots':
      return `Delete ${of.length} older snapshots: ${firstOf(of)}`;
    case 'captured-vm':
      return `Delete ${names}`;
    case 'generalized-vm':
      return `Delete ${names}, which Azure never lets start again`;
    case 'old-disks':
      return `Delete ${names}, which other disks have replaced`;
    case 'verify-vm':
      return `Delete the throw-away VM ${names}`;
    case 'earlier-verify-vm':
      return `Delete the throw-away VM ${names} of an earlier verification, once no other run uses it`;
    case 'verified-version':
      return `Delete image version ${names}`;
    case 'old-versions':
    case 'old-verified-versions':
      return `Delete ${of.length} image version${of.length === 1 ? '' : 's'}, oldest first: ${firstOf(of)}`;
  }
}

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
