/** One disk and the ID of the snapshot that is to be, or was, taken of it. */
export interface SnapshotTarget {
  readonly disk: string;
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
