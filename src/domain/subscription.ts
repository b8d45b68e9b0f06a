import { isWithin } from './resource-id.ts';
import type { ThrowAwayVm } from './throw-away.ts';

/* What surrounds a capture, and a throw-away VM: what a subscription offers, and what it forbids. */

/** A region in which this subscription may have gallery image versions. */
export interface GalleryRegion {
  /** Compact name. */
  readonly name: string;
  /** Whether it has availability zones, and with them zone-redundant storage. */
  readonly zones: boolean;
}

export interface EncryptionSet {
  readonly id: string;
  readonly location: string;
}

/** What a VM size offers; memory in GiB. */
export interface VmSize {
  readonly vCPUs: number;
  readonly memoryGiB: number;
}

/** A management lock. */
export interface Lock {
  readonly name: string;
  /** `CanNotDelete`, or `ReadOnly`, which forbids every write besides. */
  readonly level: string;
  /** ID of what it locks; all that is in it is locked too. */
  readonly scope: string;
}

/** Whether a lock keeps a resource from being deleted: it is on it, above it or below it. */
export const forbidsDeletion = (id: string, { scope }: Lock): boolean =>
  isWithin(id, scope) || isWithin(scope, id);

/** The lock that keeps a resource from being deleted. */
export const lockOn = (id: string, locks: readonly Lock[] = []): Lock | undefined =>
  locks.find((lock) => forbidsDeletion(id, lock));

/** What one role grants. */
export interface Permission {
  /** Actions, with `*` for any text. */
  readonly actions: readonly string[];
  /** Actions taken off again. */
  readonly notActions: readonly string[];
}

/** What this identity may do at a scope. */
export interface ScopeRights {
  readonly scope: string;
  readonly permissions: readonly Permission[];
}

/** A policy of Azure Policy that denies a request as it would be sent. */
export interface Denial {
  /** The request: completes "Azure could not …". */
  readonly doing: string;
  /** Resource ID of the policy definition; empty when not told. */
  readonly policy: string;
  /** Resource ID of its assignment; empty when not told. */
  readonly assignment: string;
  /** What it looks at, such as `tags[stage]`. */
  readonly fields: readonly string[];
}

/** A virtual network, with the names of its subnets. */
export interface VirtualNetwork {
  /** Compact name of its region. */
  readonly location: string;
  readonly subnets: readonly string[];
}

/** A VM size that a region has; lists are empty where Azure tells nothing. */
export interface OfferedSize {
  readonly name: string;
  /** Name of the quota that its vCPUs count for. */
  readonly family: string;
  readonly vCPUs: number;
  /** `x64` or `Arm64`. */
  readonly architectures: readonly string[];
  /** `V1`, `V2`. */
  readonly generations: readonly string[];
  /** `SCSI`, `NVMe`. */
  readonly diskControllers: readonly string[];
  /** Whether confidential VMs can be of it. */
  readonly confidential: boolean;
  /** Whether VMs with Trusted Launch can be of it. */
  readonly trustedLaunch: boolean;
  /** Why this subscription cannot have it in the region, such as `NotAvailableForSubscription`. */
  readonly restriction?: string;
}

/** How many vCPUs a subscription uses in a region, and how many it may. */
export interface CoreQuota {
  /** `cores` for all of the region, else a family such as `standardDSv5Family`. */
  readonly name: string;
  /** As Azure shows it. */
  readonly shown: string;
  readonly used: number;
  readonly limit: number;
}

/** An answer that Azure gave: `found` is absent where it is that there is no such thing. */
export interface Told<T> {
  readonly found?: T;
}

/** What is known of the throw-away VM before the first change; what was not told is absent. */
export interface Surroundings {
  /** What of it decides whether it can be made there. */
  readonly vm: Pick<
    ThrowAwayVm,
    'location' | 'size' | 'subnet' | 'securityType' | 'diskController'
  >;
  /** Name of the group that the VM is to be made in. */
  readonly group?: Told<string>;
  /** The network that the subnet is to be in. */
  readonly network?: Told<VirtualNetwork>;
  readonly size?: Told<OfferedSize>;
  readonly quotas?: readonly CoreQuota[];
  /** Resource ID of a VM that has the name of the throw-away VM and is none of this version. */
  readonly foreign?: string;
}
