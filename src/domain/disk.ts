import type { Owned } from './ownership.ts';
import { sameId } from './resource-id.ts';
import type { Tags } from './tags.ts';

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
  readonly tags?: Tags;
}

/** A snapshot or a managed image: its source is the disk or the VM that it was made of. */
export interface DiskCopy extends Owned {
  readonly id: string;
  readonly provisioningState?: string;
}

export interface Snapshot extends DiskCopy {
  readonly incremental: boolean;
  /** The `uniqueId` of the disk it was taken of; absent when Azure does not tell. */
  readonly sourceUniqueId?: string;
}

/** Whether a snapshot is of this disk; by its `uniqueId`, where Azure tells it, not of another of that name. */
export const isOfDisk = (
  { sourceId, sourceUniqueId }: Pick<Snapshot, 'sourceId' | 'sourceUniqueId'>,
  { id, uniqueId }: Pick<Disk, 'id' | 'uniqueId'>,
): boolean =>
  sameId(sourceId, id) &&
  (uniqueId === undefined || sourceUniqueId === undefined || uniqueId === sourceUniqueId);

/** When a snapshot was taken; what Azure hides counts as the oldest. */
export const takenAt = ({ published }: Pick<Snapshot, 'published'>): number =>
  published?.getTime() ?? 0;
