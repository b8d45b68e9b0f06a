import type { Owned } from './claim.ts';
import type { StorageAccountType, TargetRegion } from './regions.ts';
import type { RegionReplication } from './replication.ts';
import { sameId } from './resource-id.ts';
import type { Tags } from './tags.ts';
import { compareVersions, type VersionNumber, versionNumber } from './version-number.ts';
import type { Architecture, Generation, OsType, PurchasePlan } from './vm.ts';

/* Galleries and what is in them, as they were seen: plain facts. Sizes are GiB, times UTC. */

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
  /** Of all its disks in total, GiB; absent before Azure tells. */
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

/** What tells a version from another one under the same number. */
export type VersionIdentity = Pick<ImageVersion, 'id' | 'sourceId' | 'published'>;

/** Whether a version is another one than that; what Azure does not show tells nothing. */
export function isAnother(one: VersionIdentity, other: VersionIdentity): boolean {
  const [second, otherSecond] = [one, other].map(({ published }) =>
    published?.toISOString().slice(0, 19),
  );
  const differ = <T>(known: T | undefined, now: T | undefined, same: boolean) =>
    known !== undefined && now !== undefined && !same;
  return (
    differ(second, otherSecond, second === otherSecond) ||
    differ(one.sourceId, other.sourceId, sameId(one.sourceId, other.sourceId))
  );
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
