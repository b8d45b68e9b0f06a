import type { ImageVersion, Observed, Snapshot, Vm } from '../domain/observed.ts';
import { deprovisionMark, owns } from '../domain/owner.ts';
import { type TargetRegion, withRegions } from '../domain/regions.ts';
import { isReplicated, replicationOf } from '../domain/replication.ts';
import { sameId } from '../domain/resource-id.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { EXPECTED } from './durations.ts';
import type { Step } from './plan.ts';

/**
 * The steps from what was observed to what the target wants, worked out backward from the goal:
 * a version of ours that is `Completed` in every region. Empty when that holds.
 *
 * Takes for granted that the preflight rules found no error and that a version under the target's
 * ID, if there is one, is this owner's (`isTaken`).
 */
export function planCapture(target: CaptureTarget, observed: Observed): Step[] {
  const { version } = observed;
  const fresh = () => [
    ...prepare(target, observed),
    ...publishAndReplicate(target, target.regions),
  ];
  if (!version) return linked(fresh());
  const regions = withRegions(version.regions, target.regions);
  switch (version.provisioningState) {
    case 'Succeeded':
      if (regions.length > version.regions.length)
        return linked(publishAndReplicate(target, regions));
      return isReplicated(replicationOf(version.regions, version.replication ?? []))
        ? []
        : [replicate(target, version.regions)];
    case 'Failed':
      return linked(
        wasEverReplicated(version)
          ? publishAndReplicate(target, regions)
          : [discard(target), ...fresh()],
      );
    case 'Deleting':
      return linked([discard(target), ...fresh()]);
    default:
      return [replicate(target, version.regions)];
  }
}

/** Whether somebody else's version stands under the number this target was given. */
export const isTaken = (target: CaptureTarget, { version }: Observed): boolean =>
  version !== undefined && !owns(target.owner, version.tags);

/** A failed version that once was usable somewhere may be in use: it is repaired, not deleted. */
const wasEverReplicated = ({ replication = [] }: ImageVersion): boolean =>
  replication.some((region) => region.state === 'Completed');

/** What must happen to the VM before a version can be made of it. */
function prepare(target: CaptureTarget, { vm, snapshots }: Observed): Step[] {
  if (!vm || vm.generalized) return [];
  const deprovision = needsDeprovision(target, vm);
  const on = vm.power === 'running' || vm.power === 'starting';
  const start =
    deprovision && !on && target.request.deprovision === 'always' && !isOurs(target, vm);
  const missing = isOurs(target, vm) ? [] : missingSnapshots(target, snapshots);
  return [
    ...(missing.length > 0 ? [snapshot(missing)] : []),
    ...(start ? [startVm(vm)] : []),
    ...(deprovision ? [deprovisionVm(vm)] : []),
    ...(deprovision || vm.power !== 'deallocated' ? [deallocate(vm)] : []),
    ...(target.osState === 'Generalized' ? [generalize(vm)] : []),
  ];
}

/** Whether this run has begun to change the VM: a snapshot now would not be of before the change. */
const isOurs = (target: CaptureTarget, vm: Vm): boolean =>
  deprovisionMark(vm.tags)?.owner === target.owner;

/**
 * A specialized image keeps its identity; `never` asserts that the work is done; otherwise only a
 * VM that this run has seen complete its deprovision, and that nobody started since, needs none.
 */
function needsDeprovision(target: CaptureTarget, vm: Vm): boolean {
  if (target.osState === 'Specialized' || target.request.deprovision === 'never') return false;
  const mark = deprovisionMark(vm.tags);
  const seenComplete = mark?.stage === 'complete' && mark.owner === target.owner;
  return !(
    seenComplete &&
    (vm.power === 'stopped' || vm.power === 'deallocating' || vm.power === 'deallocated')
  );
}

function missingSnapshots(target: CaptureTarget, snapshots: readonly Snapshot[]) {
  return target.snapshots.filter(
    (wanted) =>
      !snapshots.some(
        (taken) => sameId(taken.id, wanted.snapshot) && taken.provisioningState === 'Succeeded',
      ),
  );
}

/** The steps of a capture follow one another: each needs the one before it. */
function linked(steps: readonly Step[]): Step[] {
  return steps.map((step, index) => ({
    ...step,
    needs: steps.slice(Math.max(0, index - 1), index).map(({ id }) => id),
  }));
}

const reversible = { needs: [], irreversible: false };

const snapshot = (of: CaptureTarget['snapshots']): Step => ({
  ...reversible,
  id: 'snapshot',
  do: 'snapshot',
  of,
  resources: of.map((entry) => entry.snapshot),
  expectedSeconds: EXPECTED.snapshot,
});

const startVm = (vm: Vm): Step => ({
  ...reversible,
  id: 'start',
  do: 'start',
  vm: vm.id,
  resources: [vm.id],
  expectedSeconds: EXPECTED.start + EXPECTED.agent,
});

const deprovisionVm = (vm: Vm): Step => ({
  id: 'deprovision',
  do: 'deprovision',
  needs: [],
  vm: vm.id,
  resources: [vm.id],
  irreversible: true,
  expectedSeconds: EXPECTED.tagVm + EXPECTED.runCommand + EXPECTED.deprovision + EXPECTED.tagVm,
});

const deallocate = (vm: Vm): Step => ({
  ...reversible,
  id: 'deallocate',
  do: 'deallocate',
  vm: vm.id,
  resources: [vm.id],
  expectedSeconds: EXPECTED.deallocate,
});

const generalize = (vm: Vm): Step => ({
  id: 'generalize',
  do: 'generalize',
  needs: [],
  vm: vm.id,
  resources: [vm.id],
  irreversible: true,
  expectedSeconds: EXPECTED.generalize,
});

const discard = (target: CaptureTarget): Step => ({
  id: 'discard',
  do: 'discard',
  needs: [],
  version: target.version,
  resources: [target.version],
  irreversible: true,
  expectedSeconds: EXPECTED.deleteVersion,
});

function publishAndReplicate(target: CaptureTarget, regions: readonly TargetRegion[]): Step[] {
  return [
    {
      ...reversible,
      id: 'publish',
      do: 'publish',
      version: target.version,
      vm: target.request.vm,
      regions,
      resources: [target.version],
      expectedSeconds: EXPECTED.acceptVersion,
    },
    replicate(target, regions),
  ];
}

const replicate = (target: CaptureTarget, regions: readonly TargetRegion[]): Step => ({
  ...reversible,
  id: 'replicate',
  do: 'replicate',
  version: target.version,
  regions,
  resources: [target.version],
  expectedSeconds: EXPECTED.replicate,
});
