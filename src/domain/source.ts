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
  | {
      readonly from: 'disks';
      /** Snapshot of the OS disk. */
      readonly os: string;
      readonly data: readonly { readonly lun: number; readonly snapshot: string }[];
    };

/** Resource IDs that exist only to be the source, and go once every region holds the version. */
export function temporariesOf(source: Source): string[] {
  switch (source.from) {
    case 'vm':
    case 'version':
      return [];
    case 'image':
      return [source.image];
    case 'disks':
      return [source.os, ...source.data.map(({ snapshot }) => snapshot)];
  }
}
