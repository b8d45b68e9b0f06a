import type { Owned } from './claim.ts';
import { sameId } from './resource-id.ts';
import type { Tags } from './tags.ts';

/* VMs and what belongs to them, as they were seen: plain facts. Sizes are GiB, times UTC. */

export type Generation = 'V1' | 'V2';
export type Architecture = 'x64' | 'Arm64';

/** A Marketplace purchase plan; Azure compares all three. */
export interface PurchasePlan {
  readonly name: string;
  readonly publisher: string;
  readonly product: string;
}

export interface AttachedDisk {
  /** Absent for an unmanaged disk. */
  readonly id?: string;
  readonly name: string;
  /** Absent for the OS disk. */
  readonly lun?: number;
  readonly ephemeral: boolean;
  readonly writeAccelerator?: true;
  /** `None`, `ReadOnly` or `ReadWrite`; absent when Azure names none. */
  readonly caching?: string;
  /** Azure deletes it with the VM. */
  readonly goesWithVm?: true;
}

export interface Disk {
  readonly id: string;
  readonly location: string;
  readonly sizeGiB: number;
  readonly sku: string;
  readonly generation?: Generation;
  readonly architecture: Architecture;
  /** Controllers that a VM may attach it by, such as `SCSI` and `NVMe`; absent when not stated. */
  readonly controllers?: readonly string[];
  /** Whether its image supports accelerated networking; absent when not stated. */
  readonly acceleratedNetwork?: boolean;
  /** VMs that may attach it at once. */
  readonly maxShares: number;
  /** Whether Azure Disk Encryption has encrypted it inside the guest. */
  readonly guestEncrypted: boolean;
  readonly plan?: PurchasePlan;
  /** The disk encryption set of a customer-managed key, when there is one. */
  readonly encryptionSet?: string;
  /** Resource IDs of the VMs it is attached to. */
  readonly attachedTo: readonly string[];
  /** When it was last attached, or its VM deallocated or started, UTC; absent when not shown. */
  readonly ownedSince?: Date;
  readonly provisioningState?: string;
  /** Given by Azure, and to no other disk, even of the same name. */
  readonly uniqueId?: string;
  /** What it was made of, such as a snapshot; absent when Azure does not show it. */
  readonly sourceId?: string;
  /** The `uniqueId` of that source; absent when Azure does not tell. */
  readonly sourceUniqueId?: string;
  readonly tags?: Tags;
}

/** A snapshot or a managed image: its source is the disk or the VM that it was made of. */
export interface DiskCopy extends Owned {
  readonly id: string;
  readonly provisioningState?: string;
  /** Given by Azure, and to no other, even of the same name; absent of an image. */
  readonly uniqueId?: string;
}

export interface Snapshot extends DiskCopy {
  readonly incremental: boolean;
}

/**
 * Whether a snapshot is of this disk, or a disk of this snapshot; by what Azure calls the source, where it
 * tells that, not of another of the same name.
 */
export const isMadeOf = (
  { sourceId, sourceUniqueId }: Pick<Disk, 'sourceId' | 'sourceUniqueId'>,
  { id, uniqueId }: { readonly id: string; readonly uniqueId?: string | undefined },
): boolean =>
  sameId(sourceId, id) &&
  (uniqueId === undefined || sourceUniqueId === undefined || uniqueId === sourceUniqueId);

/** When a snapshot was taken; what Azure hides counts as the oldest. */
export const takenAt = ({ published }: Pick<Snapshot, 'published'>): number =>
  published?.getTime() ?? 0;

export type OsType = 'Linux' | 'Windows';
/** From `PowerState/…`; `unknown` when the instance view holds none. */
export type PowerState =
  | 'running'
  | 'starting'
  | 'stopping'
  | 'stopped'
  | 'deallocating'
  | 'deallocated'
  | 'unknown';

/** Whether a VM runs, or is about to. */
export const isOn = ({ power }: { readonly power: string }): boolean =>
  power === 'running' || power === 'starting';

/** The power state as the end of a sentence such as "It is …". */
export const powerText = ({ power }: { readonly power: PowerState }): string =>
  power === 'unknown' ? 'not known to be running' : power;

export interface Vm {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly vmId: string;
  /** When it was created, UTC; absent when Azure does not show it. */
  readonly created?: Date;
  readonly osType: OsType;
  /** As Azure names it; `Standard` when it names none. See `SECURITY_TYPES`. */
  readonly securityType: string;
  /** Of the instance view; the OS disk's is preferred where both are known. */
  readonly generation?: Generation;
  readonly provisioningState: string;
  readonly power: PowerState;
  readonly generalized: boolean;
  /** When the last operation on it through Azure ended; absent while one runs or when not shown. */
  readonly lastOperation?: Date;
  /** Whether the guest agent reports; absent when the instance view has no agent status. */
  readonly agentReady?: boolean;
  /** Whether extensions, Run Command among them, may work in the guest. */
  readonly extensionsAllowed: boolean;
  /** Names of the extensions that are at work, `RunCommandLinux` among them. */
  readonly busyExtensions: readonly string[];
  /** The extensions installed on it, as resources below it. */
  readonly extensions: readonly {
    readonly name: string;
    /** Its type, such as `CustomScriptExtension`; its name where Azure tells no type. */
    readonly type: string;
  }[];
  readonly bootDiagnostics: boolean;
  readonly hibernation: boolean;
  /** Such as `Standard_D2s_v5`. */
  readonly size: string;
  /** `SCSI` or `NVMe`; absent when Azure names none. */
  readonly diskController?: string;
  readonly plan?: PurchasePlan;
  readonly tags: Tags;
  /** Set when this attempt itself was told by Azure that its request created it. */
  readonly createdHere?: true;
  /** Resource ID of the image that it was made of; absent for one of the Marketplace, or none. */
  readonly image?: string;
  /** The same, or the URN of an image of the Marketplace: `publisher:offer:sku:version`. */
  readonly baseImage?: string;
  readonly osDisk: AttachedDisk;
  readonly dataDisks: readonly AttachedDisk[];
  /** Resource IDs of its network interfaces. */
  readonly nics: readonly string[];
  /** Those of its network interfaces that Azure deletes with it; absent when there are none. */
  readonly nicsGoWithVm?: readonly string[];
}

/** OS disk first, then data disks in LUN order. */
export const disksOf = (vm: Vm): AttachedDisk[] => [
  vm.osDisk,
  ...vm.dataDisks.toSorted((a, b) => (a.lun ?? 0) - (b.lun ?? 0)),
];

/** A network interface, or a public IP address: all that deleting it safely needs. */
export interface NetworkPart {
  /** Given by Azure, and to no other, even of the same name. */
  readonly uniqueId?: string;
  /** The VM of an interface, the IP configuration of an address; absent when not in use. */
  readonly usedBy?: string;
  /** Of an interface: its public IP addresses. */
  readonly publicIps: readonly string[];
  /** Of an interface: those of its addresses that Azure deletes with it. */
  readonly ipsGoWithNic: readonly string[];
}
