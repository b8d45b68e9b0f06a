/* What a throw-away VM meets where it is to be made, as far as Azure tells. */

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

/** What of a throw-away VM decides whether it can be made there; see `ThrowAwayVm`. */
interface PlannedVm {
  readonly location: string;
  readonly size: string;
  /** Resource ID. */
  readonly subnet: string;
  readonly securityType: string;
  readonly diskController?: string;
}

/** An answer that Azure gave: `found` is absent where it is that there is no such thing. */
export interface Told<T> {
  readonly found?: T;
}

/** What is known of the throw-away VM before the first change; what was not told is absent. */
export interface Surroundings {
  readonly vm: PlannedVm;
  /** Name of the group that the VM is to be made in. */
  readonly group?: Told<string>;
  /** The network that the subnet is to be in. */
  readonly network?: Told<VirtualNetwork>;
  readonly size?: Told<OfferedSize>;
  readonly quotas?: readonly CoreQuota[];
  /** Resource ID of a VM that has the name of the throw-away VM and is none of this version. */
  readonly foreign?: string;
}
