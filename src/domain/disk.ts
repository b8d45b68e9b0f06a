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
