import { compareVersions, type VersionNumber, versionNumber } from './image-version.ts';
import type { Owned } from './owner.ts';
import type { StorageAccountType, TargetRegion } from './regions.ts';
import type { RegionReplication } from './replication.ts';
import type { RestoreFacts } from './restore.ts';
import type {
  Denial,
  EncryptionSet,
  GalleryRegion,
  ScopeRights,
  Surroundings,
  VmSize,
} from './subscription.ts';
import type { Tags } from './tags.ts';
import type {
  Architecture,
  Disk,
  DiskCopy,
  Generation,
  OsType,
  PurchasePlan,
  Snapshot,
  Vm,
} from './vm.ts';

/*
 * What was seen in Azure, in our words: plain facts, no SDK types. Sizes are GiB, times UTC.
 */

export interface Gallery {
  readonly id: string;
  readonly softDelete: boolean;
  readonly provisioningState: string;
  /** What it is called where it is shared: `/SharedGalleries/…`, `/CommunityGalleries/…`. */
  readonly sharedAs?: readonly string[];
}

/** Bounds, both inclusive; a missing one is open. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** What an image definition says of its versions, and demands of their sources, by its features. */
export interface Features {
  /** The `SecurityType` feature; `Standard` when the definition has none. */
  readonly securityType: string;
  /** The `DiskControllerTypes` feature; `SCSI` alone when the definition has none. */
  readonly diskControllers: readonly string[];
  /** Whether it demands what supports accelerated networking. */
  readonly acceleratedNetwork: boolean;
  readonly hibernation: boolean;
}

export interface Definition extends Features {
  readonly id: string;
  readonly location: string;
  readonly osType: OsType;
  readonly osState: 'Generalized' | 'Specialized';
  readonly generation: Generation;
  readonly architecture: Architecture;
  readonly provisioningState: string;
  /**
   * The features of the versions from a number on, up to that of the next stage; ascending, and absent
   * when they are the same for every version. See `definitionAt`.
   */
  readonly stages?: readonly (Features & { readonly from: VersionNumber })[];
  readonly plan?: PurchasePlan;
  /** UTC. */
  readonly endOfLife?: Date;
  /** Advice to those who create VMs of it; memory in GiB. */
  readonly recommended: { readonly vCPUs?: Range; readonly memoryGiB?: Range };
  /** Disk types such as `Standard_LRS` that the image is not suited for. */
  readonly disallowedDiskTypes: readonly string[];
}

/** The definition as it is for versions with this number: Azure compares `startsAtVersion` with it. */
export function definitionAt(definition: Definition, version: string | undefined): Definition {
  const number = versionNumber(version);
  const stage =
    number && definition.stages?.findLast(({ from }) => compareVersions(from, number) <= 0);
  if (!stage) return definition;
  const { from: _, ...features } = stage;
  return { ...definition, ...features };
}

/** Its source is a VM, managed image, version, or the snapshot or disk of its OS disk. */
export interface ImageVersion extends Owned {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly provisioningState:
    | 'Creating'
    | 'Updating'
    | 'Failed'
    | 'Succeeded'
    | 'Deleting'
    | 'Migrating';
  readonly excludeFromLatest: boolean;
  /**
   * Whether Azure may delete its regions when a list lacks them; absent when not. `for-now`: only
   * because a change of this action removed regions.
   */
  readonly regionDeletion?: 'allowed' | 'for-now';
  /** Whether Azure refuses to delete it before its end of life. */
  readonly deletionBlocked: boolean;
  readonly endOfLife?: Date;
  readonly regions: readonly TargetRegion[];
  /** Regions that a repair removed and that are not back, as its tags remember them. */
  readonly removed: readonly TargetRegion[];
  /** Of all its disks together, GiB; absent before Azure tells. */
  readonly sizeGiB?: number;
  /** LUNs of its data disks; absent before Azure tells. */
  readonly dataDisks?: readonly number[];
  /**
   * Tags that this attempt sent and Azure stored otherwise, as they were sent: a policy rewrites
   * them, and sending them again changes nothing.
   */
  readonly overridden?: Tags;
  readonly replicationMode?: 'Full' | 'Shallow';
  /** Of the version as a whole; a region has its own. */
  readonly storageAccountType?: StorageAccountType;
  /** Only where it was asked for (`$expand=ReplicationStatus`). */
  readonly replication?: readonly RegionReplication[];
}

/** The regions that the version has, and those that it is to have again. */
export const allRegions = ({ regions, removed }: ImageVersion): TargetRegion[] => [
  ...regions,
  ...removed,
];

/** Something that VMs may be created of an image version for, now or later. */
export interface ImageUse {
  /** Resource ID of the VM, the scale set or its instance. */
  readonly by: string;
  readonly how: 'vm' | 'scale-set' | 'instance';
  /** The version's number; absent when it is of the definition, and Azure does not show which. */
  readonly version?: string;
}

/** What a use is called. */
export const USERS: Readonly<Record<ImageUse['how'], string>> = {
  vm: 'VM',
  'scale-set': 'scale set',
  instance: 'scale-set instance',
};

/** What came of a verification. Times in seconds. */
export interface Verification {
  readonly passed: boolean;
  /** From the request for the VM until it was provisioned; absent when that never came. */
  readonly boot?: number;
  /** From then until its agent reported. */
  readonly agent?: number;
  readonly script?: number;
  /** Of the script; absent when there was none, or it did not end. */
  readonly exitCode?: number;
  readonly vmSize: string;
  readonly region: string;
}

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
  /** Of a VM that another run has brought back in part, see `leftDetached`. */
  readonly detached?: readonly Disk[];
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
