import type { Failure } from '../domain/failure.ts';
import type { Definition, Gallery, ImageUse, ImageVersion } from '../domain/gallery.ts';
import type { DiskOrder, RestoredDisk } from '../domain/restore.ts';
import type {
  CoreQuota,
  Denial,
  EncryptionSet,
  GalleryRegion,
  Lock,
  OfferedSize,
  Permission,
  VirtualNetwork,
  VmSize,
} from '../domain/subscription.ts';
import type { Tags } from '../domain/tags.ts';
import type { ThrowAwayVm } from '../domain/throw-away.ts';
import type { VersionChange } from '../domain/version-change.ts';
import type { VersionOrder } from '../domain/version-order.ts';
import type { Disk, DiskCopy, NetworkPart, OsType, Snapshot, Vm } from '../domain/vm.ts';
import type { CommandOrder, Creation, ImageOrder, SnapshotOrder } from './orders.ts';

/** A tag that is stored otherwise than it was sent: a policy or a tool rewrites or removes it. */
export interface TagOverride {
  /** Resource ID. */
  readonly id: string;
  readonly name: string;
  readonly sent: string;
  /** Absent when the tag was removed. */
  readonly stored?: string;
  /** Azure kept it in this many writes, and a later read showed it changed; absent for a policy. */
  readonly afterWrites?: number;
}

/** How a managed run command fares. */
export interface CommandReport {
  /** Azure's execution state, `Pending` and `Running` while it goes on; empty when there is none. */
  readonly state: string;
  /** The last 4 KiB of what it has printed so far. */
  readonly output: string;
  readonly error: string;
  /** Of the script; absent while Azure names none. */
  readonly exitCode?: number;
}

/** Azure's account of why an operation failed. */
export interface Reason {
  readonly words: string;
  /** Whether the same request can succeed later: Azure canceled or preempted it, or erred itself. */
  readonly mayPass: boolean;
}

/** The end of a serial log, a mebibyte at most; empty while there is none, or none can be read. */
export interface SerialLog {
  readonly text: string;
  /** Why it cannot be read now, which may pass. */
  readonly trouble?: Failure;
}

/**
 * What can be seen of Azure Compute, in the project's words; `undefined` for what does not exist.
 * All that looking, resolving and checking may use, and all that a dry run is given. Every call
 * retries what is worth retrying and throws a `Failure` in the end.
 */
export interface Reads {
  vm(id: string): Promise<Vm | undefined>;
  disk(id: string): Promise<Disk | undefined>;
  /** All disks in the resource group of this resource. */
  disksBeside(id: string): Promise<Disk[]>;
  snapshot(id: string): Promise<Snapshot | undefined>;
  /** All from which the VM can be created again, compressed; what only Azure gives is left out. */
  vmModel(id: string): Promise<string | undefined>;
  /**
   * Resource IDs of the image definitions in a VM's subscription that take VMs like this; `undefined`
   * where its galleries cannot be listed.
   */
  definitionsFor(vm: Vm): Promise<string[] | undefined>;
  /** A network interface or a public IP address. */
  networkPart(id: string): Promise<NetworkPart | undefined>;
  /** All snapshots in the resource group of this resource. */
  snapshotsBeside(id: string): Promise<Snapshot[]>;
  /** A managed image. */
  image(id: string): Promise<DiskCopy | undefined>;
  /** Names of what stands beside a VM, gallery, image definition or image version, itself included. */
  namesBeside(id: string): Promise<readonly string[]>;
  gallery(id: string): Promise<Gallery | undefined>;
  definition(id: string): Promise<Definition | undefined>;
  /** Every version of a definition, without replication; empty when there is no definition. */
  versions(definition: string): Promise<ImageVersion[]>;
  /** Names of the versions in the gallery's recycle bin. */
  softDeletedVersions(definition: string): Promise<string[]>;
  /** Regions that the subscription of this resource may have galleries' versions in, if Azure lists any. */
  galleryRegions(beside: string): Promise<GalleryRegion[] | undefined>;
  encryptionSet(id: string): Promise<EncryptionSet | undefined>;
  /** What the VM's size offers; `undefined` for a size that Azure does not list there. */
  vmSize(vm: Vm): Promise<VmSize | undefined>;
  virtualNetwork(id: string): Promise<VirtualNetwork | undefined>;
  /** Sizes of VMs that a region has, in the subscription of this resource. */
  offeredSizes(beside: string, location: string): Promise<OfferedSize[]>;
  /** All quotas of a region, in the subscription of this resource. */
  coreQuotas(beside: string, location: string): Promise<CoreQuota[]>;
  /** Locks on a scope, on what contains it, and on what is in it. */
  locks(scope: string): Promise<Lock[]>;
  /** What this identity may do at a scope; `undefined` when there is no such scope. */
  permissions(scope: string): Promise<Permission[] | undefined>;
  /** Policies that deny this request as it would be sent, by what Azure says beforehand. */
  denials(creation: Creation): Promise<Denial[]>;
  /** With its replication. */
  version(id: string): Promise<ImageVersion | undefined>;
  /** A managed run command, with how it fares. */
  command(id: string): Promise<CommandReport | undefined>;
  /** What the guest wrote on its serial console. */
  serialLog(vm: string): Promise<SerialLog>;
  /** Azure's own account of why the last operation on a resource failed, as far as it tells. */
  whyFailed(id: string): Promise<Reason | undefined>;

  /** The time by Azure's clock, as of its last answer; `undefined` when it has told none. */
  azureTime(): Date | undefined;
  /**
   * VMs, scale sets and their instances of a subscription that are of a definition's versions;
   * `undefined` when there is no such subscription. Throws when not all of them may be read.
   *
   * @param names of the definition: its ID, and its paths by community and direct sharing
   */
  imageUses(subscription: string, names: readonly string[]): Promise<ImageUse[] | undefined>;
  /**
   * Versions in a subscription's galleries, but the definition's own, that were made of its versions;
   * `undefined` when there is no such subscription.
   */
  copies(subscription: string, definition: string): Promise<ImageVersion[] | undefined>;
  /** IDs of the definitions of a gallery. */
  definitions(gallery: string): Promise<string[]>;
  /** Days that a gallery with soft delete keeps what was deleted; `undefined` when not shown. */
  recoverableDays(gallery: string): Promise<number | undefined>;
}

/**
 * Azure Compute, writes included. Those that start an operation return when it has ended well,
 * unless they say otherwise; retries and failures are as with reads.
 */
export interface Compute extends Reads {
  /** The same Azure with nothing in hand that could change it. */
  readonly reads: Reads;
  /** Whether anything may have been written: not when every write was refused for want of a right. */
  readonly wrote: boolean;
  /** When Azure last accepted a change of a version (`updateVersion`), `Date.now()`. */
  readonly changedAt: number | undefined;
  /** Tags that Azure did not store as they were sent; each is given once. */
  takeTagOverrides(): readonly TagOverride[];

  /** Gives the `uniqueId` of the disk that Azure took it of, and notes its own, see `madeHere`. */
  createSnapshot(order: SnapshotOrder): Promise<string | undefined>;
  /** The `uniqueId` of a snapshot that this attempt took; absent of others. */
  madeHere(id: string): string | undefined;
  /**
   * Replaces the VM's tags; switches managed boot diagnostics on when asked. Gives the VM as it was
   * last read meanwhile, if it was.
   */
  updateVm(
    id: string,
    change: { readonly tags: Tags; readonly enableBootDiagnostics: boolean },
  ): Promise<Vm | undefined>;
  /**
   * Runs a shell script as root in the guest, or a PowerShell script as SYSTEM in one of Windows;
   * gives the last 4 KiB of what it printed. Waits while another command is at work in the guest.
   * Gives up when `limit` is aborted, with its reason.
   */
  runScript(vm: string, script: string, limit: AbortSignal, osType?: OsType): Promise<string>;
  /** Makes a throw-away VM; returns when it is provisioned. Gives up when `limit` is aborted. */
  createVm(order: ThrowAwayVm, limit: AbortSignal): Promise<void>;
  /** Returns when the script has started; `command` then shows how it fares. */
  startCommand(order: CommandOrder): Promise<void>;
  /** Ends the script, should it still run. Gives up when `limit` is aborted. */
  deleteCommand(id: string, limit: AbortSignal): Promise<void>;
  startVm(id: string): Promise<void>;
  deallocateVm(id: string): Promise<void>;
  generalizeVm(id: string): Promise<void>;
  /** Gives the `uniqueId` of the snapshot that Azure made it of. */
  createDisk(order: DiskOrder): Promise<string | undefined>;
  /** Takes from a disk that a restore made the tags that only an unfinished restore needs. */
  settleDisk(id: string): Promise<void>;
  /**
   * Gives the VM these disks in place of those that are there, and takes the tags with these names
   * from it. The VM has to be deallocated.
   */
  exchangeDisks(id: string, disks: readonly RestoredDisk[], tags: readonly string[]): Promise<void>;
  /** Sets that of the VM's disks and network interfaces these alone are deleted with it. */
  deleteWithVm(id: string, parts: readonly string[]): Promise<void>;
  /** Sets that these public IP addresses of a network interface are deleted with it. */
  deleteWithNic(id: string, addresses: readonly string[]): Promise<void>;
  /** Creates a VM again, of these disks; `model` is what it was, as `vmModel` gave it. */
  recreateVm(id: string, model: string, disks: readonly RestoredDisk[]): Promise<void>;
  /**
   * Returns as soon as Azure has accepted the version; `version` then shows how it fares.
   *
   * @returns whether Azure answered that this request created it
   */
  createVersion(order: VersionOrder): Promise<boolean>;
  /**
   * Reads the version, lays the change over all that is there and sends it; returns as soon as
   * Azure has accepted it.
   */
  updateVersion(id: string, change: VersionChange): Promise<void>;
  createImage(order: ImageOrder): Promise<void>;
  /** Deletes a resource of a known kind (`ResourceKind`) and nothing with it; returns when it is gone. */
  remove(id: string, mostSeconds?: number): Promise<void>;
}
