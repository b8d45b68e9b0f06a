import { defined } from '../domain/defined.ts';
import type { StorageAccountType, TargetRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { RestoredDisk } from '../domain/restore.ts';
import type { Target } from '../domain/target.ts';
import { LOST, MAY_CHANGE } from './restore-effects.ts';

/** What a run is about, as reports show it, whatever its operation. */
export interface ReportedTarget {
  /** Resource ID of the version. */
  readonly version: string;
  /** Empty while the build VM is not there yet. */
  readonly location: string;
  readonly regions: readonly TargetRegion[];
  readonly storageAccountType?: StorageAccountType;
  readonly excludeFromLatest: boolean;
  readonly endOfLife?: Date;
  /** Resource ID of the build VM. */
  readonly vm?: string;
  /** Of the build VM, by which Azure tells it from another of the same name. */
  readonly vmId?: string;
  /** Resource ID of the version that is promoted. */
  readonly source?: string;
  /** The version is deleted after the verdict on it. */
  readonly ephemeral?: true;
  /** Of a prune, which is about no single version: resource ID of the definition. */
  readonly definition?: string;
  /** IDs of the snapshots to be taken, or that a VM comes back from. */
  readonly snapshots: readonly string[];
  /** Of a capture whose VM comes back: its new disks. */
  readonly newDisks?: readonly RestoredDisk[];
  /** Of a restore. */
  readonly restored?: Restored;
}

/** What a restore is about. */
interface Restored {
  readonly disks: readonly RestoredDisk[];
  /** The VM is deleted and created again. */
  readonly recreates: boolean;
}

export function reportedTarget(target: Target): ReportedTarget {
  const { version, location, regions } = target;
  const common = { version, location, regions };
  if (target.operation === 'capture') {
    const { request, snapshots, newDisks } = target;
    return {
      ...common,
      vm: request.vm,
      ...(target.vmId && { vmId: target.vmId }),
      ...(request.ephemeral && { ephemeral: request.ephemeral }),
      snapshots: snapshots.map(({ snapshot }) => snapshot),
      ...(newDisks.length > 0 && { newDisks }),
      ...traits(request),
    };
  }
  if (target.operation === 'restore') {
    const { vm, disks, model } = target;
    return {
      ...common,
      vm,
      snapshots: disks.map(({ snapshot }) => snapshot),
      excludeFromLatest: false,
      restored: { disks, recreates: model !== undefined },
    };
  }
  return {
    ...common,
    snapshots: [],
    ...(target.operation === 'prune' && { definition: target.version }),
    ...(target.operation === 'promote' && { source: target.source }),
    ...traits(target),
  };
}

const traits = ({
  excludeFromLatest,
  storageAccountType,
  endOfLife,
}: Pick<ReportedTarget, 'excludeFromLatest' | 'storageAccountType' | 'endOfLife'>) =>
  defined({ excludeFromLatest, storageAccountType, endOfLife });

/** The `target` of the `plan` output. */
export function describeTarget(subject: ReportedTarget): Readonly<Record<string, unknown>> {
  if (subject.restored) return describeRestored(subject, subject.restored);
  return subject.definition ? { imageDefinitionId: subject.definition } : describeVersion(subject);
}

const describeRestored = ({ vm, location, snapshots }: ReportedTarget, restored: Restored) => ({
  vm,
  location,
  snapshots,
  disks: restored.disks.map(describeDisk),
  mayChange: restored.recreates ? [] : MAY_CHANGE,
  lost: restored.recreates ? LOST : [],
});

const describeDisk = ({ lun, snapshot, disk, replaces }: RestoredDisk) => ({
  ...defined({ lun }),
  snapshot,
  disk,
  replaces: replaces ?? null,
});

const describeVersion = (of: ReportedTarget) =>
  defined({
    vm: of.vm,
    source: of.source,
    imageVersionId: of.version,
    imageVersion: nameOf(of.version),
    location: of.location,
    regions: of.regions,
    snapshots: of.snapshots,
    disks: of.newDisks?.map(describeDisk),
    mayChange: of.newDisks && MAY_CHANGE,
  });
