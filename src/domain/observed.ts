import type { Definition, Gallery, ImageVersion } from './gallery.ts';
import type { RestoreFacts } from './restore.ts';
import type {
  Denial,
  EncryptionSet,
  GalleryRegion,
  ScopeRights,
  Surroundings,
  VmSize,
} from './subscription.ts';
import type { Verification } from './verification.ts';
import type { Disk, DiskCopy, Snapshot, Vm } from './vm.ts';

/* What was seen in Azure, in our words: plain facts, no SDK types. Sizes are GiB, times UTC. */

/**
 * Looked at once, to resolve a request and to judge it. Gallery, definition and versions are those
 * that a version is to be made in; for a change in place the versions are those beside it, and the
 * gallery is not looked at, the definition only where it matters.
 */
export interface Inventory {
  readonly now: Date;
  readonly gallery: Gallery | undefined;
  readonly definition: Definition | undefined;
  readonly versions: readonly ImageVersion[];
  /** Numbers of versions in the gallery's recycle bin. */
  readonly softDeleted: readonly string[];
  /** Regions that the gallery's subscription may replicate to; absent when it was not told. */
  readonly regions?: readonly GalleryRegion[];
  /** Those of the disk encryption sets asked for that exist. */
  readonly encryptionSets: readonly EncryptionSet[];
  /** The existing name closest to one that was not found, for each that was not. */
  readonly nearest?: Readonly<Partial<Record<'vm' | 'definition' | 'source', string>>>;
  /** What this identity may do, scope by scope; those that were not told are left out. */
  readonly rights: readonly ScopeRights[];

  /** Of a promotion: the version to be promoted, with its replication. */
  readonly source?: ImageVersion | undefined;
  readonly sourceDefinition?: Definition | undefined;

  /** Of a promotion that is verified: what the source was made of, if it is there. */
  readonly sourceVm?: Vm;
  /** Of a capture: the build VM. */
  readonly vm?: Vm | undefined;
  /** The VM's managed disks, OS disk first; one that could not be found is left out. */
  readonly disks: readonly Disk[];
  /**
   * Snapshots beside the VM: of a restore, and where a capture or a prune lets old ones go; of a
   * capture also where its VM is gone and its own are to be found again. Empty otherwise.
   */
  readonly snapshotsBeside: readonly Snapshot[];
  /** Of the VM; only where the definition recommends sizes. */
  readonly vmSize?: VmSize;
  /** What the throw-away VM meets, where one is to be made. */
  readonly surroundings?: Surroundings;
  /** Policies that deny what the plan makes; absent where nobody asked. */
  readonly denials?: readonly Denial[];
  /** Of a restore: what its disks come from, and the disks that an earlier attempt made. */
  readonly restore?: RestoreFacts;
  readonly made?: readonly Disk[];
  /** Of a capture: names that it would choose, where others have something under all of them. */
  readonly namesTaken?: readonly string[];
  /** Disks of the VM without a snapshot of before the change, once that has begun, see `withoutSnapshot`. */
  readonly unsaved?: readonly string[];
  /** Of a VM that another run has brought back in part, see `leftDetached`. */
  readonly detached?: readonly Disk[];
  /** Resource IDs of disks that a run has left which was killed when it had deleted their VM. */
  readonly leftDisks?: readonly string[];
}

/** Of what an operation does not look at. */
export const NOTHING_SEEN: Omit<Inventory, 'now'> = {
  gallery: undefined,
  definition: undefined,
  versions: [],
  softDeleted: [],
  encryptionSets: [],
  rights: [],
  disks: [],
  snapshotsBeside: [],
};

/** Looked at each round, to plan: the target's own resources as they are now. */
export interface State {
  readonly vm: Vm | undefined;
  /** With its replication. */
  readonly version: ImageVersion | undefined;
  /** Of the state before the change, OS disk first. */
  readonly snapshots: readonly DiskCopy[];
  /** What exists only to be the source: snapshots, or a managed image. */
  readonly temporaries: readonly DiskCopy[];
  /** What is attached to the captured VM alone; empty unless it is to be deleted. */
  readonly attached: readonly string[];
  /** Snapshots of earlier runs that retention lets go. */
  readonly expired: readonly string[];
  /** Resource IDs of throw-away VMs of the version, or of versions that are pruned; absent or empty when there is none. */
  readonly throwAways?: readonly string[];
  /** Resource IDs of those that may be at work for another run. */
  readonly othersThrowAways?: readonly string[];
  /** What is known of whether the version works, by this attempt or its record; absent: nothing. */
  readonly verification?: Verification;
  /** Of the versions that a prune chose, those that nothing protects, as they are now. */
  readonly prunable?: readonly ImageVersion[];
  /** Of a restore: those of its new disks, and of the disks they replace, that exist. */
  readonly disks?: readonly Disk[];
}

/** The state of a target that is a version alone. */
export const stateOf = (version: ImageVersion | undefined): State => ({
  vm: undefined,
  version,
  snapshots: [],
  temporaries: [],
  attached: [],
  expired: [],
});
