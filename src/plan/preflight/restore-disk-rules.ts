import { quoted } from '../../domain/failure.ts';
import { disksOf } from '../../domain/observed.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { names, number } from './context.ts';
import { onDisks } from './disk-rules.ts';
import { about, type Rule } from './rule.ts';

/** Rules on the disks of a VM that comes back, those of a capture with `after-capture: restore` among them. */
export const returningDiskRules: readonly Rule[] = [
  about('vm', {
    id: 'disks-detached',
    severity: 'error',
    needs: ['disks'],
    when: 'another run has given the VM its new OS disk, but not attached the new data disks yet',
    azure: {
      accepts: 'Azure takes the VM as it is: the data disks would be missing without a word.',
    },
    looksAt: ['VM storage profile', 'disks beside the VM', 'tags of the new OS disk'],
    remedy:
      'Wait if that run is still at work, else re-run its failed job. If that is not possible, attach each disk at the LUN in its name (`az vm disk attach --lun`), or delete it if nobody needs it. Then run again.',
    check: (vm, { inventory: { detached = [] } }) =>
      detached.length > 0 &&
      `\`${vm.name}\` has the new OS disk of another run, which has not attached ${quoted(detached.map(({ id }) => nameOf(id)))} yet.`,
  }),
  about('returningVm', {
    id: 'restore-write-accelerator',
    severity: 'error',
    when: 'a disk that comes back has Write Accelerator',
    azure: {
      accepts:
        'An OS disk with Write Accelerator has no snapshots (how-to-enable-write-accelerator.md). A data disk would come back without it.',
    },
    looksAt: ['VM storage profile'],
    remedy: 'Switch Write Accelerator off, then run again.',
    check: onDisks(
      ({ writeAccelerator }) => writeAccelerator,
      (disks, vm, count) => `${disks} of ${vm} ${number(count, 'has', 'have')} Write Accelerator.`,
    ),
  }),
  about('returningVm', {
    id: 'restore-confidential',
    severity: 'error',
    when: 'a confidential VM is to come back',
    azure: {
      accepts: 'Its guest state is bound to its disks, and no source tells that an exchange works.',
    },
    looksAt: ['VM security type'],
    remedy: 'Build the VM anew. Capture it without `after-capture: restore`.',
    check: (vm) => isConfidential(vm.securityType) && `\`${vm.name}\` is a confidential VM.`,
  }),
  about('returningVm', {
    id: 'restore-shared-disk',
    severity: 'error',
    when: 'a disk that comes back is attached to other VMs too',
    azure: { accepts: 'The other VMs would keep the old disk.' },
    looksAt: ['disk `managedByExtended`'],
    remedy:
      'Detach it from the other VMs. A restore can also leave it as it is: name the snapshots of the other disks in `snapshot-ids`.',
    check: onDisks(
      ({ attachedTo = [] }, { inventory: { vm } }) =>
        attachedTo.some((user) => !sameId(user, vm?.id)),
      (disks, vm, count) =>
        `${disks} ${number(count, 'is', 'are')} attached to ${vm} and to other VMs.`,
    ),
  }),
];

/** Rules on the disks of a VM that is restored; a capture has rules of its own on the same. */
export const restoreDiskRules: readonly Rule<'restore'>[] = [
  about('vm', {
    id: 'restore-ephemeral',
    severity: 'error',
    when: 'the OS disk is ephemeral, or a disk is unmanaged',
    azure: {
      accepts:
        'No source tells that Azure exchanges such a disk. An ephemeral OS disk has no snapshots (ephemeral-os-disks.md).',
    },
    looksAt: ['VM storage profile'],
    remedy: 'Build the VM anew. Only managed disks can come back from snapshots.',
    check: (vm) => {
      const found = disksOf(vm).filter(({ ephemeral, id }) => ephemeral || id === undefined);
      return (
        found.length > 0 &&
        `${names(found)} of \`${vm.name}\` ${number(found.length, 'is no managed disk', 'are no managed disks')} that could be exchanged.`
      );
    },
  }),
  about('vm', {
    id: 'restore-disk-kind',
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
  about('vm', {
    id: 'restore-guest-encrypted',
    severity: 'error',
    when: 'a disk that comes back is encrypted by Azure Disk Encryption',
    azure: {
      accepts:
        'No source tells that an exchange works: Azure Backup does not replace the disks of such a VM (backup-azure-encrypted-vm-troubleshoot.md).',
    },
    looksAt: ['disk encryption settings'],
    remedy: 'Restore the VM by Azure Backup as a new VM, or build it anew.',
    check: onDisks(
      ({ guestEncrypted }) => guestEncrypted,
      (disks, vm, count) =>
        `${disks} of ${vm} ${number(count, 'is', 'are')} encrypted by Azure Disk Encryption.`,
    ),
  }),
  ...returningDiskRules,
];
