import { DEPROVISION_TAG, deprovisionMark } from '../domain/deprovision-mark.ts';
import type { State } from '../domain/observed.ts';
import { defined } from '../domain/plain-objects.ts';
import type { RestoreRequest } from '../domain/request.ts';
import { sameId } from '../domain/resource-id.ts';
import {
  type DiskOrder,
  isUnsettled,
  type RestoredDisk,
  restoredTags,
  vmInTags,
  vmTags,
} from '../domain/restore.ts';
import { tagValue } from '../domain/tags.ts';
import type { RestoreTarget } from '../domain/target.ts';
import { type Disk, disksOf, isMadeOf, isOn, type Vm } from '../domain/vm.ts';
import { deletion, inOrder } from './common-steps.ts';
import { type Step, step } from './plan.ts';

/** What a restore plans from. */
type Restoring = Pick<RestoreTarget, 'vm' | 'disks' | 'running' | 'model' | 'tags'> & {
  /** Absent: disks that are replaced stay. */
  readonly request?: Pick<RestoreRequest, 'oldDisks'>;
  /** Of the run commands that the plan before it leaves on a Windows VM; those of its mark when absent. */
  readonly nonce?: string;
};

/**
 * The steps that are missing until the VM has the disks that come back, and runs if it ran before; empty
 * when it is so. A generalized VM is deleted and created again; the rules see to it that this is allowed.
 */
export function planRestore(
  target: Restoring,
  { vm, disks = [], snapshots = [] }: Pick<State, 'vm' | 'disks'> & Partial<State>,
): Step[] {
  const missing = target.disks.filter((disk) => !isMade(disk, disks));
  const orders = missing.flatMap((disk) => orderOf(target, disk, vm));
  return inOrder(
    orders.length > 0 && step('disks', { vm: target.vm, of: orders }),
    !vm || vm.generalized ? recreated(target, vm) : exchanged(target, vm, disks),
    dismissed(target, vm, disks),
    target.request?.oldDisks === 'delete' && oldDisks(target, { vm, disks, snapshots }),
    settled(target, disks),
  );
}

const isMade = (
  { disk, snapshot, snapshotUniqueId: uniqueId }: RestoredDisk,
  disks: readonly Disk[],
): boolean =>
  disks.some(
    (found) =>
      sameId(found.id, disk) &&
      isMadeOf(found, { id: snapshot, uniqueId }) &&
      (found.provisioningState ?? 'Succeeded') === 'Succeeded',
  );

function orderOf(target: Restoring, disk: RestoredDisk, vm: Vm | undefined): DiskOrder[] {
  if (!disk.replaces) return [];
  const isOs = disk.lun === undefined;
  const tags = restoredTags(disk, target.running, target.tags);
  const model = isOs && target.model ? vmTags(target.model, Object.keys(tags).length) : undefined;
  const mark = tagValue(vm?.tags, DEPROVISION_TAG);
  const isNeeded = isOs && mark !== undefined && vm?.osType === 'Windows';
  const memory = { ...model, ...(isNeeded && { [DEPROVISION_TAG]: mark }) };
  const { disk: id, snapshot, snapshotUniqueId, replaces: like } = disk;
  return [defined({ id, snapshot, snapshotUniqueId, like, tags: { ...tags, ...memory } })];
}

/** Deletes a generalized VM and creates it again; one that is gone is created. */
function recreated(target: Restoring, vm: Vm | undefined): Step[] {
  const { model, running, vm: id, disks } = target;
  if (!model) return [];
  return inOrder(
    vm && partsThatGo(vm).length > 0 && step('detach', { vm: id }),
    vm && deletion('generalized-vm', [id]),
    step('create', { vm: id, model, of: disks }),
    !running && step('deallocate', { vm: id }),
  );
}

/** Resource IDs of the disks and network interfaces that Azure deletes with the VM. */
export const partsThatGo = (vm: Vm): string[] => [
  ...disksOf(vm).flatMap(({ id, goesWithVm }) => (id && goesWithVm ? [id] : [])),
  ...(vm.nicsGoWithVm ?? []),
];

function exchanged(target: Restoring, vm: Vm, disks: readonly Disk[]): Step[] {
  const { vm: id, running } = target;
  const off = vm.power === 'deallocated';
  const hasAll = hasDisks(vm, target.disks);
  const marked = tagValue(vm.tags, DEPROVISION_TAG) !== undefined;
  const comesAgain = vmInTags(osDiskOf(target, disks)?.tags) !== undefined;
  if (hasAll && !marked) {
    // Azure starts a VM that it creates.
    const starts = running && !isOn(vm);
    const stops = !running && comesAgain && isOn(vm);
    return inOrder(starts && started(target), stops && step('deallocate', { vm: id }));
  }
  return inOrder(
    !off && !hasAll && step('deallocate', { vm: id }),
    step('exchange', { vm: id, of: target.disks }),
    running && !(hasAll && isOn(vm)) && started(target),
  );
}

/**
 * A Windows guest is asked by run commands, which Azure deletes only while the VM runs. The new OS disk
 * says which, once the VM does not any more.
 */
function dismissed(target: Restoring, vm: Vm | undefined, disks: readonly Disk[]): Step[] {
  if (!vm || vm.generalized || vm.osType !== 'Windows' || !target.running) return [];
  const mark = deprovisionMark(vm.tags) ?? deprovisionMark(osDiskOf(target, disks)?.tags);
  const nonce = target.nonce ?? mark?.nonce;
  return nonce ? [step('dismiss', { vm: target.vm, nonce })] : [];
}

const started = ({ vm }: Restoring): Step => step('start', { vm, withoutAgent: true });

const osDiskOf = (target: Restoring, disks: readonly Disk[]): Disk | undefined =>
  disks.find(({ id }) => sameId(id, target.disks.find(({ lun }) => lun === undefined)?.disk));

/** Whether the VM has each of these disks at its place. */
export const hasDisks = (vm: Vm, disks: readonly RestoredDisk[]): boolean =>
  disks.every(({ lun, disk }) =>
    disksOf(vm).some((each) => each.lun === lun && sameId(each.id, disk)),
  );

/**
 * The last write. From then on nothing starts, stops or exchanges any more when the same run is run again:
 * what was done to the VM since then stays.
 */
function settled({ vm, disks: wanted }: Restoring, disks: readonly Disk[]): Step[] {
  const first = wanted[0]?.disk;
  const made = disks.find(({ id }) => sameId(id, first));
  const isOpen = made ? isUnsettled(made.tags) : true;
  return first !== undefined && isOpen ? [step('settle', { vm, disk: first })] : [];
}

/**
 * Disks that others have replaced go last, once the VM is as it was. One that is attached all the
 * same stays, and one of which nothing proves any more what it was.
 */
export function oldDisks(
  target: Pick<Restoring, 'vm' | 'disks'>,
  { vm, disks = [], snapshots }: Pick<State, 'vm' | 'disks' | 'snapshots'>,
): Step[] {
  const hasNew = vm !== undefined && hasDisks(vm, target.disks);
  const old = target.disks.flatMap((wanted) => {
    const found = disks.find(({ id }) => sameId(id, wanted.replaces));
    const proof = snapshots.find(({ id }) => sameId(id, wanted.snapshot));
    // The snapshot of a restored disk is of one that this disk comes from.
    const isOther = proof && found && sameId(proof.sourceId, found.id) && !isMadeOf(proof, found);
    const isProvable = !isMade(wanted, disks) || (proof && !isOther);
    const isFree = found?.attachedTo.every((user) => !hasNew && sameId(user, target.vm));
    return found && isFree && isProvable ? [found.id] : [];
  });
  return deletion('old-disks', old);
}

/** What a deallocation and new disks may change of a VM. */
export const MAY_CHANGE: readonly string[] = [
  'names and IDs of its disks',
  'dynamic IP addresses',
  'boot diagnostics, which a capture of a Linux VM enables',
  'what is on the temporary disk',
  'whether it starts: Azure can lack capacity for its size',
];

/** What a VM that is created again has no more. */
export const LOST: readonly string[] = [
  '`vmId`',
  'system-assigned identity',
  'role assignments on the VM',
  'locks on the VM',
  'data-collection and maintenance associations',
  '`osProfile` and user data',
  'extensions',
  'backup link',
];

/** What it keeps. */
export const KEPT: readonly string[] = [
  'network interfaces and IP addresses',
  'tags',
  'size',
  'zone',
  'user-assigned identities',
  'data disks by LUN',
  'plan',
  'availability set',
  'disk controller',
];
