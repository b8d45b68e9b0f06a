import type { StorageAccountType, TargetRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { Target } from '../domain/target.ts';

/** What a run is about, as reports show it, whatever its operation. */
export interface Subject {
  readonly operation: Target['operation'];
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
  /** Resource ID of the version that is promoted. */
  readonly source?: string;
  /** IDs of the snapshots to be taken. */
  readonly snapshots: readonly string[];
}

export function subjectOf(target: Target): Subject {
  if (target.operation === 'wait') {
    const { request: _, ...rest } = target;
    return { ...rest, snapshots: [] };
  }
  if (target.operation === 'promote') {
    const { request: _, owner: __, order: ___, goal: ____, tags: _____, ...rest } = target;
    return { ...rest, snapshots: [] };
  }
  const { request, version, location, regions, snapshots } = target;
  return {
    operation: 'capture',
    version,
    location,
    regions,
    excludeFromLatest: request.excludeFromLatest,
    vm: request.vm,
    snapshots: snapshots.map(({ snapshot }) => snapshot),
    ...(request.storageAccountType && { storageAccountType: request.storageAccountType }),
    ...(request.endOfLife && { endOfLife: request.endOfLife }),
  };
}

/** The `target` of the `plan` output. */
export const describeSubject = ({
  vm,
  source,
  version,
  location,
  regions,
  snapshots,
}: Subject) => ({
  ...(vm && { vm }),
  ...(source && { source }),
  imageVersionId: version,
  imageVersion: nameOf(version),
  location,
  regions,
  snapshots,
});
