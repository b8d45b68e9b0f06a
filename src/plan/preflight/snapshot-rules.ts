import { deprovisionedBy } from '../../domain/deprovision-mark.ts';
import type { Inventory } from '../../domain/observed.ts';
import { ownerOf } from '../../domain/owner.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import { type Disk, isOn, powerText, type Snapshot, takenAt, type Vm } from '../../domain/vm.ts';
import { quoted } from '../../domain/words.ts';
import { isTakenOver, ranBefore } from '../after-capture.ts';
import { hasDisks } from '../restore.ts';
import type { RuleContext } from './context.ts';
import { type Answer, about, type Rules } from './rule.ts';

/** Limits of incremental snapshots of one disk (disks-incremental-snapshots.md). */
const MOST_SNAPSHOTS = 500;
const MOST_IN_WINDOW = 7;
const WINDOW_MS = 5 * 60_000;

const SOURCE = 'disks-incremental-snapshots.md';

/** Rules on what the run takes and makes of the VM's disks, and on what a VM comes back from. */
export const snapshotRules: Rules<'capture'> = {
  'names-taken': {
    severity: 'error',
    needs: ['vm'],
    when: 'something else has all names that the run chooses for snapshots, a temporary image or disks',
    azure: { accepts: 'Azure would use what is there, whatever it was made of.' },
    looksAt: ["snapshots, images and disks in the VM's resource group"],
    remedy:
      'Delete those that nobody needs, or start a new run, which chooses other names. Somebody made them, or earlier attempts of this run did and a policy removes their tags.',
    check: ({ inventory: { namesTaken } }) =>
      namesTaken && `The names that this run chooses are taken: ${quoted(namesTaken)}.`,
  },
  'snapshot-quota': about('vm', {
    severity: 'error',
    when: `a disk to be snapshot has ${MOST_SNAPSHOTS} incremental snapshots (looked at only with \`snapshot-retention\`)`,
    azure: { refuses: `The limit is ${MOST_SNAPSHOTS} incremental snapshots a disk (${SOURCE}).` },
    looksAt: ["snapshots of the VM's resource group", '`snapshot`'],
    remedy: 'Delete old snapshots of that disk; `snapshot-retention` limits those of this action.',
    check: onDisk((snapshots) =>
      snapshots.length >= MOST_SNAPSHOTS
        ? `has ${snapshots.length} incremental snapshots, and Azure allows ${MOST_SNAPSHOTS}.`
        : undefined,
    ),
  }),
  'snapshot-rate': about('vm', {
    severity: 'error',
    when: `a disk to be snapshot had ${MOST_IN_WINDOW} incremental snapshots within five minutes (looked at only with \`snapshot-retention\`)`,
    azure: {
      refuses: `The limit is ${MOST_IN_WINDOW} incremental snapshots a disk in five minutes (${SOURCE}).`,
    },
    looksAt: ["snapshots of the VM's resource group", '`snapshot`', 'the time'],
    remedy: 'Run again in five minutes, and find out what else takes snapshots of it so often.',
    check: onDisk((snapshots, now) => {
      const recent = snapshots.filter((each) => +now - takenAt(each) < WINDOW_MS);
      return recent.length >= MOST_IN_WINDOW
        ? `had ${recent.length} incremental snapshots within the last five minutes, and Azure allows ${MOST_IN_WINDOW}.`
        : undefined;
    }),
  }),
  'snapshot-write-accelerator': about('vm', {
    severity: 'error',
    when: 'the OS disk is to be snapshot and has Write Accelerator',
    azure: {
      refuses:
        'Snapshots are supported for data disks with Write Accelerator, but not for an OS disk (how-to-enable-write-accelerator.md).',
    },
    looksAt: ['VM `osDisk.writeAcceleratorEnabled`', '`snapshot`', '`capture-from`'],
    remedy:
      'Switch it off for the OS disk (`az vm update --write-accelerator os=false`), or capture the VM itself: without `snapshot` and `capture-from: disks`.',
    check: (vm, context) => {
      const isSource = context.target?.source?.from === 'disks';
      return (
        vm.osDisk.writeAccelerator &&
        (isSource || takesBefore(context, vm)) &&
        `The OS disk \`${vm.osDisk.name}\` of \`${vm.name}\` has Write Accelerator, and Azure takes no snapshot of such an OS disk.`
      );
    },
  }),
  'snapshot-too-late': about('unchangedVm', {
    severity: 'error',
    when: 'the VM is to come back from its snapshots (`after-capture: restore`), and another run has begun to deprovision it or it is generalized',
    azure: { accepts: 'Azure takes snapshots of any disk: these would be of the changed ones.' },
    looksAt: ['VM tags', 'VM `OSState/generalized`', '`after-capture`'],
    remedy:
      'Bring the VM back first (`operation: restore`), or capture it without `after-capture: restore`.',
    check: (vm, context) =>
      context.request.afterCapture === 'restore' &&
      (vm.generalized || deprovisionedBy(vm.tags) !== undefined) &&
      `\`${vm.name}\` ${vm.generalized ? 'is generalized' : 'has begun to deprovision itself in another run'}, so no snapshot of it can bring it back.`,
  }),
  'snapshot-lacking': about('vm', {
    severity: 'warning',
    when: 'a re-run finds a disk without a snapshot of before the change (`snapshot`)',
    azure: { accepts: 'Azure captures every disk of the VM.' },
    looksAt: ['VM disks', 'snapshots', 'VM tags', '`snapshot`'],
    remedy:
      'If a disk does not belong in the image, detach it and re-run the failed job. Otherwise there is nothing to do, but no restore brings this disk back.',
    check: (vm, { inventory: { unsaved = [] } }) =>
      unsaved.length > 0 &&
      `There is no snapshot of ${quoted(unsaved.map(nameOf))} of before the change of \`${vm.name}\`: somebody attached a disk since, or deleted a snapshot.`,
  }),
  'snapshot-vm-changed': {
    severity: 'error',
    needs: ['vm'],
    when: 'the version of a re-run has failed or is being deleted, and its VM is not what the run captured any more (`after-capture: restore`)',
    azure: { accepts: 'Azure would make the version of what the VM is now, and leave it off.' },
    looksAt: ['version `provisioningState`', 'VM disks', 'VM tags', '`after-capture`'],
    remedy:
      'Start a new run of the workflow instead of a re-run: it captures the VM as it is now, and brings it back.',
    check: (context) => {
      const { inventory, target } = context;
      const { vm, versions } = inventory;
      if (!vm || !target || !wouldChangeAgain(context, vm)) return undefined;
      const mine = versions.find(({ id }) => sameId(id, target.version));
      const state = mine?.provisioningState === 'Deleting' ? 'is being deleted' : 'has failed';
      return `Image version \`${nameOf(target.version)}\` ${state}, and \`${vm.name}\` is not what this run has captured any more: to make the version again would deprovision or deallocate it, with no way to bring it back.`;
    },
  },
  'snapshot-vm-taken': {
    severity: 'warning',
    needs: ['vm'],
    when: 'a re-run leaves the VM as it is, or off (`after-capture: restore`): others changed it, or its earlier state is not known any more',
    azure: {
      accepts: 'Azure would give the VM its earlier disks, and stop what runs there now.',
    },
    looksAt: ['VM disks', 'VM tags', 'VM power state', 'snapshots', '`after-capture`'],
    remedy:
      'Nothing, if that is intended. To bring the VM back, use `operation: restore` once the version is complete, with `snapshot-ids` where snapshots have lost their tags.',
    check: (context) => {
      const { inventory, request, target, made, changedByUs } = context;
      const { vm } = inventory;
      if (!vm || !target || request.afterCapture !== 'restore') return undefined;
      if (!isTakenOver(target, vm)) return powerUnknown(target, inventory, vm);
      if ((!made && !changedByUs) || wouldChangeAgain(context, vm)) return undefined;
      return target.newDisks.length > 0
        ? `\`${vm.name}\` is not what this run has captured any more, so its disks are left as they are.`
        : `This run cannot prove that it has a snapshot of every disk that \`${vm.name}\` has now, so its disks are left as they are. It is ${powerText(vm)}.`;
    },
  },
};

/** Whether a version that has failed would be made again of a VM that has other disks since, and stays off then. */
function wouldChangeAgain(context: RuleContext<'capture'>, vm: Vm): boolean {
  const { request, target, made, changedByUs, changes } = context;
  if (!made || !target || request.afterCapture !== 'restore') return false;
  const isToChange = changes.some((id) => sameId(id, vm.id));
  return isToChange && !changedByUs && isTakenOver(target, vm);
}

/** Azure keeps no record of the power state that a VM had, and the tags that do can be removed. */
function powerUnknown(target: CaptureTarget, { made = [], restore }: Inventory, vm: Vm) {
  const taken = restore?.named ?? [];
  const ran = ranBefore(target, vm, made, taken);
  const unknown =
    ran === undefined
      ? 'ran before the capture'
      : ran && !isOn(vm) && hasUntagged(target, made, vm) && 'was started with its new disks';
  if (taken.length === 0 || !unknown) return undefined;
  return {
    message: `No tag shows any more whether \`${vm.name}\` ${unknown}. It is ${powerText(vm)} and stays off.`,
    remedy: `If it is to run, start it when this run has ended: \`az vm start --ids ${vm.id}\`.`,
  };
}

/** Whether the VM has its new disks, and these do not tell whether that was the end of it. */
const hasUntagged = ({ newDisks }: CaptureTarget, made: readonly Disk[], vm: Vm): boolean =>
  newDisks.length > 0 &&
  hasDisks(vm, newDisks) &&
  made.some(({ id, tags = {} }) => sameId(id, vm.osDisk.id) && ownerOf(tags) === undefined);

/** Whether snapshots before the change are still to be taken. */
const takesBefore = ({ request, changedByUs }: RuleContext<'capture'>, vm: Vm): boolean =>
  request.snapshot && !vm.generalized && !changedByUs;

/**
 * Judges the incremental snapshots of each disk that is to get another one. They are known only where
 * `snapshot-retention` has the snapshots of the VM's resource group listed; those elsewhere do not count.
 */
function onDisk(judgeOne: (snapshots: readonly Snapshot[], now: Date) => string | undefined) {
  return (vm: Vm, context: RuleContext<'capture'>): Answer => {
    if (!takesBefore(context, vm)) return undefined;
    const { snapshotsBeside, now } = context.inventory;
    for (const { id, name } of context.disks) {
      const own = snapshotsBeside.filter((one) => one.incremental && sameId(one.sourceId, id));
      const wrong = judgeOne(own, now);
      if (wrong) return `Disk \`${name}\` of \`${vm.name}\` ${wrong}`;
    }
    return undefined;
  };
}
