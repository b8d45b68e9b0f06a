import { roleOf } from '../../domain/owner.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { isUnsettled } from '../../domain/restore.ts';
import { isComplete, isOfRoot, snapshotSets } from '../../domain/snapshot-sets.ts';
import { type Disk, disksOf, isMadeOf } from '../../domain/vm.ts';
import { names, number, quoted } from '../../domain/words.ts';
import { MAY_CHANGE } from '../restore.ts';
import type { RuleContext } from './context.ts';
import { onDisks, returningDiskRules } from './disk-rules.ts';
import { about, type Rules } from './rule.ts';

/** Rules on the disks of a VM that is restored; a capture has rules of its own on the same. */
export const restoreDiskRules: Rules<'restore'> = {
  'restore-ephemeral': about('vm', {
    severity: 'error',
    when: 'the OS disk is ephemeral, or a disk is unmanaged',
    azure: {
      accepts:
        'No source tells that Azure exchanges such a disk. An ephemeral OS disk has no snapshots (ephemeral-os-disks.md).',
    },
    looksAt: ['VM storage profile'],
    remedy: 'Build the VM again. Only managed disks can come back from snapshots.',
    check: (vm) => {
      const found = disksOf(vm).filter(({ ephemeral, id }) => ephemeral || id === undefined);
      return (
        found.length > 0 &&
        `${names(found)} of \`${vm.name}\` ${number(found.length, 'is no managed disk', 'are no managed disks')} that could be exchanged.`
      );
    },
  }),
  'restore-disk-kind': about('vm', {
    severity: 'error',
    when: 'a disk that comes back is a Premium SSD v2 or Ultra Disk',
    azure: {
      accepts:
        'Azure copies the data into a disk of such a snapshot in the background, which can take hours (disks-incremental-snapshots.md).',
    },
    looksAt: ['disk SKU'],
    remedy:
      'Name the snapshots of the other disks in `snapshot-ids`, and restore this one by hand.',
    check: onDisks(
      ({ sku = '' }) => /^(PremiumV2|UltraSSD)/i.test(sku),
      (disks, vm, count) =>
        `${disks} of ${vm} ${number(count, 'is a Premium SSD v2 or Ultra Disk', 'are Premium SSD v2 or Ultra Disks')}.`,
    ),
  }),
  'restore-guest-encrypted': about('vm', {
    severity: 'error',
    when: 'a disk that comes back is encrypted by Azure Disk Encryption',
    azure: {
      accepts:
        'No source tells that an exchange works: Azure Backup does not replace the disks of such a VM (backup-azure-encrypted-vm-troubleshoot.md).',
    },
    looksAt: ['disk encryption settings'],
    remedy: 'Restore the VM by Azure Backup as a new VM, or build it again.',
    check: onDisks(
      ({ guestEncrypted }) => guestEncrypted,
      (disks, vm, count) =>
        `${disks} of ${vm} ${number(count, 'is', 'are')} encrypted by Azure Disk Encryption.`,
    ),
  }),
  ...returningDiskRules,
};

/** Disks under names of ours that no attempt of this run made of the snapshot that is there, or that another VM uses. */
function othersDisks({ request, target, inventory }: RuleContext<'restore'>): Disk[] {
  const { vm, made = [], snapshotsBeside, restore: { roots = [], named = [] } = {} } = inventory;
  return made.filter((disk) => {
    if (!target?.disks.some((wanted) => sameId(wanted.disk, disk.id))) return false;
    if (disk.attachedTo.some((user) => !sameId(user, request.vm))) return true;
    const source = [...snapshotsBeside, ...named].find(({ id }) => sameId(id, disk.sourceId));
    const isOfOther = source !== undefined && !isMadeOf(disk, source);
    // One that an earlier attempt has attached is ours, also when its snapshot is gone.
    if (disk.attachedTo.length > 0) return isOfOther && isUnsettled(disk.tags);
    if (isOfOther) return true;
    // Of a VM that is gone, nothing tells its disks any more.
    return vm !== undefined && !(source && roots.some((root) => isOfRoot(source, root)));
  });
}

export const restoreSnapshotRules: Rules<'restore'> = {
  'restore-no-snapshots': about('vm', {
    severity: 'error',
    when: 'there is no complete set of snapshots of the VM, or `snapshot-ids` names none of the OS disk of a generalized VM',
    azure: { accepts: 'Azure keeps no snapshots by itself.' },
    looksAt: ['snapshots beside the VM', 'the disks they are of', 'VM tags', '`snapshot-ids`'],
    remedy:
      'Name the snapshots in `snapshot-ids`, or build the VM again. A capture with `snapshot: true` takes a set beforehand.',
    check: (vm, context) => {
      const { request, target, disks, inventory, origin } = context;
      if (target && disks.length === disksOf(vm).length) return undefined;
      // A VM that is created again of the OS disk that was generalized would be no VM as it was.
      const lacksOs = vm.generalized && target?.disks.every(({ lun }) => lun !== undefined);
      if (request.snapshotIds.length > 0)
        return (
          lacksOs && {
            message: `\`${vm.name}\` is generalized, and \`snapshot-ids\` names no snapshot of its OS disk.`,
            remedy: 'Name a snapshot of the OS disk in `snapshot-ids` too.',
          }
        );
      if (othersDisks(context).length > 0) return undefined;
      const { roots = [] } = inventory.restore ?? {};
      const { repository } = origin;
      const sets = snapshotSets(inventory.snapshotsBeside, roots, { repository, vm: vm.id });
      const best = sets.find((set) => !isComplete(set));
      const lacking = best?.of.flatMap((one, index) => (one ? [] : [roleOf(roots[index]?.lun)]));
      const more = lacking ? ` The newest set lacks ${quoted(lacking)}.` : '';
      return `There is no complete set of snapshots that this repository took of \`${vm.name}\` before a change.${more}`;
    },
  }),
  'restore-snapshot-missing': about('vm', {
    severity: 'error',
    when: 'a snapshot in `snapshot-ids` does not exist, or is not ready',
    azure: { says: 'Resource … is not found.' },
    looksAt: ['the snapshots that are named'],
    remedy: 'Check `snapshot-ids`: the output of the same name of a capture has them.',
    check: (_, { request, inventory }) => {
      const { named = [] } = inventory.restore ?? {};
      const missing = request.snapshotIds.filter(
        (id) =>
          !named.some(
            (one) => sameId(one.id, id) && (one.provisioningState ?? 'Succeeded') === 'Succeeded',
          ),
      );
      return (
        missing.length > 0 &&
        `${quoted(missing)} ${number(missing.length, 'does', 'do')} not exist, or ${number(missing.length, 'is', 'are')} not ready.`
      );
    },
  }),
  'restore-snapshot-foreign': about('vm', {
    severity: 'error',
    when: 'a snapshot in `snapshot-ids` is of no disk of this VM, or two are of one disk',
    azure: { accepts: 'Azure attaches whatever disk it is told to.' },
    looksAt: ['snapshot `creationData`', 'disk `uniqueId`'],
    remedy: 'Name one snapshot for each disk of the VM that is to come back.',
    check: (vm, { request, inventory }) => {
      const { named = [], roots = [] } = inventory.restore ?? {};
      if (request.snapshotIds.length === 0) return undefined;
      const foreign = named.filter((one) => !roots.some((root) => isOfRoot(one, root)));
      const twice = roots.flatMap((root) => {
        const all = named.filter((one) => isOfRoot(one, root));
        return all.length > 1 ? all : [];
      });
      const wrong = [...foreign, ...twice].map(({ id }) => nameOf(id));
      if (wrong.length === 0) return undefined;
      return foreign.length > 0
        ? `${quoted(foreign.map(({ id }) => nameOf(id)))} ${number(foreign.length, 'is', 'are')} of no disk that \`${vm.name}\` has.`
        : `${quoted(wrong)} are of the same disk of \`${vm.name}\`.`;
    },
  }),
  'restore-disk-taken': {
    severity: 'error',
    when: 'another disk has the name of one that is to be made',
    azure: { says: "Changing property 'sourceResourceId' is not allowed for existing disk '…'." },
    looksAt: ['disks beside the VM'],
    remedy:
      'Find out who made it. Delete it where no VM has it, and run again. Otherwise start a new run of the workflow, which makes other disks.',
    check: (context) => {
      const wrong = othersDisks(context);
      const message = `${quoted(wrong.map(({ id }) => nameOf(id)))} ${number(wrong.length, 'was', 'were')} not made of a snapshot of \`${nameOf(context.request.vm)}\` as it is now, or ${number(wrong.length, 'is', 'are')} in use.`;
      if (wrong.length === 0 || context.inventory.vm) return wrong.length > 0 && message;
      // The tags of the OS disk hold what the VM was.
      const remedy =
        'Find out who made it, and delete no disk yet. The VM is gone: create it by hand of disks made of its snapshots. docs/restore.md has the commands.';
      return { message, remedy };
    },
  },
  'restore-part': about('vm', {
    severity: 'warning',
    when: '`snapshot-ids` names no snapshot of some disk of the VM',
    azure: { accepts: 'Azure exchanges the disks it is told to.' },
    looksAt: ['VM storage profile', 'the snapshots that are named'],
    remedy: 'Name a snapshot of each disk, unless these disks are to stay.',
    check: (vm, { disks }) => {
      const stay = disksOf(vm).filter(({ lun }) => !disks.some((disk) => disk.lun === lun));
      return (
        stay.length > 0 &&
        `${names(stay)} of \`${vm.name}\` ${number(stay.length, 'stays', 'stay')} as ${number(stay.length, 'it is', 'they are')}.`
      );
    },
  }),
  'restore-changes': about('vm', {
    severity: 'notice',
    when: 'the disks of the VM are exchanged',
    azure: { accepts: 'Azure deallocates the VM and starts it again.' },
    looksAt: ['the plan'],
    remedy:
      'Nothing to do. If disks depend on each other, deallocate the VM before the next capture: see docs/restore.md.',
    check: (vm, { target }) => {
      if (!target) return undefined;
      const several =
        target.disks.length > 1
          ? ' Its snapshots were taken one after the other: its disks are not of the same moment, unless the VM was deallocated then.'
          : '';
      return `What can change of \`${vm.name}\`: ${MAY_CHANGE.join('; ')}.${several}`;
    },
  }),
};
