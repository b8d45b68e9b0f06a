import type { ImageVersion } from './gallery.ts';
import { defined } from './plain-objects.ts';
import type { StorageAccountType, TargetRegion } from './regions.ts';
import { nameOf } from './resource-id.ts';
import type { Tags } from './tags.ts';

/** One disk and the ID of the snapshot that is to be, or was, taken of it. */
export interface SnapshotTarget {
  readonly disk: string;
  /** The disk's `uniqueId`, as it was looked at; absent when Azure does not tell. */
  readonly diskUniqueId?: string;
  /** Absent for the OS disk. */
  readonly lun?: number;
  readonly snapshot: string;
}

/**
 * What a version is made of. A definition's security type decides what Azure takes:
 * the VM itself; a temporary managed image of it, where a definition only *supports* a security
 * type and takes no VM; or snapshots of its disks, which leave the VM unmarked.
 */
export type Source =
  | { readonly from: 'vm'; readonly vm: string }
  | { readonly from: 'image'; readonly vm: string; readonly image: string }
  /** Another image version, without a rebuild. */
  | { readonly from: 'version'; readonly version: string }
  /** OS disk first. */
  | { readonly from: 'disks'; readonly of: readonly SnapshotTarget[] };

/** The snapshots that are the source, OS disk first, and the disks behind them; none of other sources. */
export const snapshotsIn = (source: Source | undefined): readonly SnapshotTarget[] =>
  source?.from === 'disks' ? source.of : [];

/** Resource IDs that exist only to be the source, and go once every region holds the version. */
export const temporariesOf = (source: Source | undefined): string[] =>
  source?.from === 'image' ? [source.image] : snapshotsIn(source).map(({ snapshot }) => snapshot);

/** An image version to be made. */
export interface VersionOrder {
  readonly id: string;
  readonly location: string;
  readonly source: Source;
  readonly regions: readonly TargetRegion[];
  /** Replicas of regions that name none. */
  readonly replicas: number;
  /** Not given: `storageAccountStrategy: PreferStandard_ZRS`. */
  readonly storageAccountType?: StorageAccountType;
  readonly replicationMode: 'Full' | 'Shallow';
  readonly excludeFromLatest: boolean;
  /** UTC. */
  readonly endOfLife?: Date;
  readonly tags: Tags;
}

/** The version of an order as it is at first. */
export const asMade = ({
  id,
  location,
  excludeFromLatest,
  regions,
  tags,
  endOfLife,
}: Pick<
  VersionOrder,
  'id' | 'location' | 'excludeFromLatest' | 'regions' | 'tags' | 'endOfLife'
>): ImageVersion =>
  defined({
    id,
    name: nameOf(id),
    location,
    provisioningState: 'Creating',
    excludeFromLatest,
    deletionBlocked: false,
    regions,
    removed: [],
    tags,
    endOfLife,
  });
