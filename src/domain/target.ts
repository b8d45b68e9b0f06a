import { byOwner, type Claim } from './claim.ts';
import type { ImageVersion } from './gallery.ts';
import { defined } from './plain-objects.ts';
import type { StorageAccountType, TargetRegion } from './regions.ts';
import type {
  CaptureRequest,
  PromoteRequest,
  PruneRequest,
  RestoreRequest,
  VerifyRequest,
  WaitRequest,
} from './request.ts';
import { sameId } from './resource-id.ts';
import type { RestoredDisk } from './restore.ts';
import type { Tags } from './tags.ts';
import type { VerifyPlan } from './verification.ts';
import type { VersionChange } from './version-change.ts';
import {
  type SnapshotTarget,
  type Source,
  snapshotsIn,
  type VersionOrder,
} from './version-order.ts';
import type { Disk, Vm } from './vm.ts';

/** What every target says. */
interface Aim {
  /** Owner key, see `ownerKey`; empty where nothing is made, or nobody owns the version. */
  readonly owner: string;
  /** Resource ID of the version. */
  readonly version: string;
  readonly location: string;
  /** As they will be in the end. */
  readonly regions: readonly TargetRegion[];
  /** What every created resource carries. */
  readonly tags: Tags;
}

/**
 * What should hold in the end, every name and number in it chosen. Made once by `resolve`; no
 * later step chooses again, so that a plan, its run and its repetition all speak of the same.
 */
export interface CaptureTarget extends Aim {
  readonly operation: 'capture';
  readonly request: CaptureRequest;
  /** What a version of this owner looks like. */
  readonly claim: Claim;
  /** The build VM's `vmId`; empty when the VM is gone, or Azure does not show it. */
  readonly vmId: string;
  /** Of the build VM: the home region. Empty while that VM is only assumed. */
  readonly location: string;
  readonly osState: 'Generalized' | 'Specialized';
  /** What the version is made of; absent when the VM is gone and the version is there. */
  readonly source?: Source;
  /** Of the state before the change, OS disk first; empty when no snapshot was asked for. */
  readonly snapshots: readonly SnapshotTarget[];
  /** What the VM comes back with, OS disk first; empty unless that was asked for. */
  readonly newDisks: readonly RestoredDisk[];
  /** How the version is verified, if it is. */
  readonly verify?: VerifyPlan;
  /** In a dry run: what the build VM is taken to be, since it is not there yet. */
  readonly assumedVm?: Vm;
}

/** What a target says of a version that need not be made. */
interface ExistingVersion extends Aim {
  readonly excludeFromLatest: boolean;
  readonly endOfLife?: Date;
}

/** The same of a version that is there, whoever made it, and that a run leaves as it is. */
export const existing = (found: ImageVersion): ExistingVersion => {
  const { id: version, location, regions, excludeFromLatest, endOfLife } = found;
  const owner = '';
  return defined({ version, location, regions, owner, tags: {}, excludeFromLatest, endOfLife });
};

export interface WaitTarget extends ExistingVersion {
  readonly operation: 'wait';
  readonly request: WaitRequest;
}

/** A version that is to be moved on. */
export interface PromoteTarget extends ExistingVersion {
  readonly operation: 'promote';
  readonly request: PromoteRequest;
  /** What a copy of this owner looks like. */
  readonly claim: Claim;
  /** Resource ID of the version it comes from; the same as `version` when changed in place. */
  readonly source: string;
  /** Makes the version where it does not exist; absent for a change in place. */
  readonly order?: VersionOrder;
  /** What holds of the version in the end. */
  readonly goal: VersionChange;
  readonly storageAccountType?: StorageAccountType;
  /** How the version is verified, if it is. */
  readonly verify?: VerifyPlan;
}

export interface VerifyTarget extends ExistingVersion {
  readonly operation: 'verify';
  readonly request: VerifyRequest;
  readonly verify: VerifyPlan;
}

/** A definition whose old versions are to go. */
export interface PruneTarget extends ExistingVersion {
  readonly operation: 'prune';
  readonly request: PruneRequest;
  /** Resource ID of the definition: what the run is about, in the place of one version. */
  readonly version: string;
  /** What snapshots that earlier runs took of the VM carry: repository and source. */
  readonly tags: Tags;
  /** The versions that are to go, as they were seen, oldest first; chosen once. */
  readonly deletions: readonly ImageVersion[];
}

/** A VM that comes back as it was. */
export interface RestoreTarget extends Aim {
  readonly operation: 'restore';
  readonly request: RestoreRequest;
  /** Resource ID of the VM. */
  readonly vm: string;
  /** The `vmId` that it has before the run; empty when it is gone. */
  readonly vmId: string;
  /** OS disk first. */
  readonly disks: readonly RestoredDisk[];
  /** Whether the VM is to run in the end. */
  readonly running: boolean;
  /** The VM as it can be created again, where it is deleted first; compressed. */
  readonly model?: string;
  /** There is no version, and no region of one. */
  readonly version: '';
  readonly regions: readonly [];
}

export type Target =
  | CaptureTarget
  | WaitTarget
  | PromoteTarget
  | VerifyTarget
  | PruneTarget
  | RestoreTarget;

/** What a version of this target's owner looks like. */
export const claimOf = (target: Target): Claim =>
  'claim' in target ? target.claim : byOwner(target.owner);

/**
 * What a resource of this capture looks like that exists to make the version, or to go back.
 *
 * @param disks as they are now, where the resource is to be used: a snapshot that is a source was taken
 * after the VM went off, because an older one holds keys that its deprovision has removed since. Where
 * Azure does not show when that was, its name proves nothing
 */
export function claimToTemporary(
  target: CaptureTarget,
  id: string,
  disks?: readonly Pick<Disk, 'id' | 'ownedSince'>[],
): Claim {
  const { owner, request, snapshots } = target;
  const isOf = ({ snapshot }: SnapshotTarget) => sameId(snapshot, id);
  const wayBack = snapshots.find(isOf);
  const source = snapshotsIn(target.source).find(isOf);
  const since = disks?.find((disk) => sameId(disk.id, source?.disk))?.ownedSince;
  const byName = !wayBack && (disks === undefined || since !== undefined);
  const { disk = request.vm, diskUniqueId: sourceUniqueId } = source ?? wayBack ?? {};
  return defined({ owner, sources: [disk], sourceUniqueId, byName, since });
}
