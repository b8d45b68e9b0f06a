import type { Companion } from '../domain/companions.ts';
import type { Vm } from '../domain/observed.ts';
import type { TargetRegion } from '../domain/regions.ts';
import type { CaptureRequest, WaitFor } from '../domain/request.ts';
import { type Source, temporariesOf } from '../domain/source.ts';
import type { SnapshotTarget } from '../domain/target.ts';
import type { VersionChange, VersionOrder } from '../domain/version-order.ts';
import { EXPECTED } from './durations.ts';
import type { Repair, Step } from './plan.ts';

/* One maker for each kind of step: what it touches, whether it can be undone, how long it takes. */

const reversible = { needs: [], irreversible: false };
const irreversible = { needs: [], irreversible: true };

/** Snapshots of the state before the change: a way back, closed to every network. */
export const rollback = (of: readonly SnapshotTarget[], all: readonly SnapshotTarget[]): Step => ({
  ...reversible,
  id: 'snapshot',
  do: 'snapshot',
  of,
  all,
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
  all: of,
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

export const deprovision = (vm: Vm, request: CaptureRequest): Step => ({
  ...irreversible,
  id: 'deprovision',
  do: 'deprovision',
  vm: vm.id,
  osType: vm.osType,
  ...(request.deprovisionScript && { script: request.deprovisionScript }),
  timeoutSeconds: request.deprovisionTimeoutSeconds,
  resources: [vm.id],
  expectedSeconds:
    2 * EXPECTED.tagVm +
    (vm.osType === 'Windows'
      ? EXPECTED.command + EXPECTED.sysprep + EXPECTED.remove
      : EXPECTED.runCommand + EXPECTED.deprovision),
});

export const deallocate = (vm: Vm): Step => ({
  ...reversible,
  id: 'deallocate',
  do: 'deallocate',
  vm: vm.id,
  resources: [vm.id],
  expectedSeconds: EXPECTED.deallocate,
});

export const generalize = (vm: Vm, vouched: boolean): Step => ({
  ...irreversible,
  id: 'generalize',
  do: 'generalize',
  vm: vm.id,
  vouched,
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
  location: vm.location,
  resources: [image],
  expectedSeconds: EXPECTED.image,
});

/** Deletes a version of this owner that never came to be. */
export const discard = (version: string): Step => ({
  ...irreversible,
  id: 'discard',
  do: 'discard',
  version,
  resources: [version],
  expectedSeconds: EXPECTED.deleteVersion,
});

export const publish = (order: VersionOrder): Step => ({
  ...reversible,
  id: 'publish',
  do: 'publish',
  version: order.id,
  order,
  resources: [order.id],
  expectedSeconds: EXPECTED.acceptVersion,
});

/** @param id unique in its plan, since a version may be changed twice: before and after waiting */
export const update = (id: string, version: string, change: VersionChange): Step => ({
  ...(change.remove.length > 0 ? irreversible : reversible),
  id,
  do: 'update',
  version,
  change,
  resources: [version],
  expectedSeconds: EXPECTED.acceptVersion,
});

/** Which version to wait for, where, and how far. */
export interface Waiting {
  readonly version: string;
  readonly home: string;
  readonly regions: readonly TargetRegion[];
  readonly until: WaitFor;
  readonly shallow?: boolean;
  /** Left out: only watch, as whoever waits for somebody's version, and does not repair it. */
  readonly repair?: Repair;
  /** Regions that a repair took away, and that are not waited for. */
  readonly away?: readonly TargetRegion[];
}

export const replicate = ({
  version,
  home,
  regions,
  until,
  shallow,
  repair,
  away,
}: Waiting): Step => ({
  ...reversible,
  id: 'replicate',
  do: 'replicate',
  version,
  regions,
  until,
  home,
  ...(repair && { repair }),
  ...(away && away.length > 0 && { away: away.map(({ name }) => name) }),
  resources: [version],
  expectedSeconds: shallow ? EXPECTED.replicateShallow : EXPECTED.replicate,
});

/** Waits until the write that another has in hand has ended, though regions are away. */
export const idle = (waiting: Waiting): Step => ({
  ...replicate({ ...waiting, until: 'replicated' }),
  id: 'idle',
});

/** Waits until Azure has taken regions away, which are to be added again. */
export const gone = (waiting: Omit<Waiting, 'until'>): Step => ({
  ...replicate({ ...waiting, until: 'replicated', repair: 're-add' }),
  id: 'gone',
  expectedSeconds: EXPECTED.updateVersion,
});

/** Waits until Azure has taken in a change of the version itself. */
export const settle = (waiting: Waiting): Step => ({
  ...replicate(waiting),
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
