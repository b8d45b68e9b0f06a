import type { Companion } from '../domain/companions.ts';
import type { Vm } from '../domain/observed.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { type Source, temporariesOf } from '../domain/source.ts';
import type { CaptureTarget, SnapshotTarget } from '../domain/target.ts';
import { EXPECTED } from './durations.ts';
import type { Step } from './plan.ts';

/* One maker for each kind of step: what it touches, whether it can be undone, how long it takes. */

const reversible = { needs: [], irreversible: false };
const irreversible = { needs: [], irreversible: true };

/** Snapshots of the state before the change: a way back, closed to every network. */
export const rollback = (of: readonly SnapshotTarget[]): Step => ({
  ...reversible,
  id: 'snapshot',
  do: 'snapshot',
  of,
  purpose: 'rollback',
  resources: of.map((entry) => entry.snapshot),
  expectedSeconds: EXPECTED.snapshot,
});

/** Snapshots of the deprovisioned disks, to make the version of. */
export const sourceSnapshots = (of: readonly SnapshotTarget[]): Step => ({
  ...reversible,
  id: 'source-snapshot',
  do: 'snapshot',
  of,
  purpose: 'source',
  resources: of.map((entry) => entry.snapshot),
  expectedSeconds: EXPECTED.snapshot,
});

export const start = (vm: Vm): Step => ({
  ...reversible,
  id: 'start',
  do: 'start',
  vm: vm.id,
  resources: [vm.id],
  expectedSeconds: EXPECTED.start + EXPECTED.agent,
});

export const deprovision = (vm: Vm): Step => ({
  ...irreversible,
  id: 'deprovision',
  do: 'deprovision',
  vm: vm.id,
  resources: [vm.id],
  expectedSeconds: EXPECTED.tagVm + EXPECTED.runCommand + EXPECTED.deprovision + EXPECTED.tagVm,
});

export const deallocate = (vm: Vm): Step => ({
  ...reversible,
  id: 'deallocate',
  do: 'deallocate',
  vm: vm.id,
  resources: [vm.id],
  expectedSeconds: EXPECTED.deallocate,
});

export const generalize = (vm: Vm): Step => ({
  ...irreversible,
  id: 'generalize',
  do: 'generalize',
  vm: vm.id,
  resources: [vm.id],
  expectedSeconds: EXPECTED.generalize,
});

/** A managed image of the generalized VM, for definitions that take no VM. */
export const makeImage = (vm: Vm, image: string): Step => ({
  ...reversible,
  id: 'image',
  do: 'image',
  vm: vm.id,
  image,
  resources: [image],
  expectedSeconds: EXPECTED.image,
});

export const discard = (target: CaptureTarget): Step => ({
  ...irreversible,
  id: 'discard',
  do: 'discard',
  version: target.version,
  resources: [target.version],
  expectedSeconds: EXPECTED.deleteVersion,
});

/** Sends the version, or regions that it lacks; without a source, the stored one stays. */
export const publish = (
  target: CaptureTarget,
  regions: readonly TargetRegion[],
  source: Source | undefined,
): Step => ({
  ...reversible,
  id: 'publish',
  do: 'publish',
  version: target.version,
  regions,
  ...(source && { source }),
  resources: [target.version],
  expectedSeconds: EXPECTED.acceptVersion,
});

/** Has Azure refuse to delete the version before its end of life. */
export const protect = (target: CaptureTarget, regions: readonly TargetRegion[]): Step => ({
  ...reversible,
  id: 'protect',
  do: 'protect',
  version: target.version,
  regions,
  resources: [target.version],
  expectedSeconds: EXPECTED.acceptVersion,
});

export const replicate = (target: CaptureTarget, regions: readonly TargetRegion[]): Step => ({
  ...reversible,
  id: 'replicate',
  do: 'replicate',
  version: target.version,
  regions,
  until: target.request.waitFor,
  home: target.location,
  resources: [target.version],
  expectedSeconds:
    target.request.replicationMode === 'Shallow' ? EXPECTED.replicateShallow : EXPECTED.replicate,
});

/** Waits until Azure has taken in a change of the version itself. */
export const settle = (target: CaptureTarget, regions: readonly TargetRegion[]): Step => ({
  ...replicate(target, regions),
  id: 'settle',
  expectedSeconds: EXPECTED.updateVersion,
});

/** Deletes snapshots of earlier runs. */
export const prune = (of: readonly string[]): Step => ({
  ...irreversible,
  id: 'prune',
  do: 'prune',
  of,
  resources: of,
  expectedSeconds: EXPECTED.remove,
});

/** Deletes the captured VM, then what was attached to it alone. */
export const retire = (vm: string, companions: readonly Companion[]): Step => ({
  ...irreversible,
  id: 'retire',
  do: 'retire',
  vm,
  companions,
  resources: [vm, ...companions.map(({ id }) => id)],
  expectedSeconds: EXPECTED.deleteVm + EXPECTED.remove,
});

/** Deletes what existed only to be the source. */
export const remove = (source: Source): Step => ({
  ...irreversible,
  id: 'remove',
  do: 'remove',
  of: temporariesOf(source),
  resources: temporariesOf(source),
  expectedSeconds: EXPECTED.remove,
});
