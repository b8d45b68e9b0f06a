/* What surrounds a capture: what a subscription offers, and what it forbids. */

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
