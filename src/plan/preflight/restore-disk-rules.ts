import { disksOf } from '../../domain/observed.ts';
import { quoted } from '../../domain/quoted.ts';
import { sameId } from '../../domain/resource-id.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { number } from './context.ts';
import { comingBack, onVm, type Returning } from './restore-context.ts';
import type { Rule } from './rule.ts';

/** Rules on the disks of a VM that comes back, those of a capture with `after-capture: restore` among them. */
export const returningDiskRules: readonly Rule<Returning>[] = [
  {
    id: 'restore-write-accelerator',
    severity: 'error',
    needs: ['vm'],
    when: 'a disk that comes back has Write Accelerator',
    azure: {
      accepts:
        'An OS disk with Write Accelerator has no snapshots (how-to-enable-write-accelerator.md). A data disk would come back without it.',
    },
    looksAt: ['VM storage profile'],
    remedy: 'Switch Write Accelerator off, then run again.',
    check: onVm<Returning>((vm, context) => {
      const found = comingBack(vm, context, ({ writeAccelerator }) => writeAccelerator === true);
      return (
        found.length > 0 &&
        `${quoted(found)} of \`${vm.name}\` ${number(found.length, 'has', 'have')} Write Accelerator.`
      );
    }),
  },
  {
    id: 'restore-confidential',
    severity: 'error',
    needs: ['vm'],
    when: 'a confidential VM is to come back',
    azure: {
      accepts: 'Its guest state is bound to its disks, and no source tells that an exchange works.',
    },
    looksAt: ['VM security type'],
    remedy: 'Build the VM anew. Capture it without `after-capture: restore`.',
    check: onVm<Returning>(
      (vm) => isConfidential(vm.securityType) && `\`${vm.name}\` is a confidential VM.`,
    ),
  },
  {
    id: 'restore-shared-disk',
    severity: 'error',
    needs: ['vm'],
    when: 'a disk that comes back is attached to other VMs too',
    azure: { accepts: 'The other VMs would keep the old disk.' },
    looksAt: ['disk `managedByExtended`'],
    remedy:
      'Detach it from the other VMs. A restore can also leave it as it is: name the snapshots of the other disks in `snapshot-ids`.',
    check: onVm<Returning>((vm, context) => {
      const found = comingBack(vm, context, (_, disk) =>
        (disk?.attachedTo ?? []).some((user) => !sameId(user, vm.id)),
      );
      return (
        found.length > 0 &&
        `${quoted(found)} ${number(found.length, 'is', 'are')} attached to \`${vm.name}\` and to other VMs.`
      );
    }),
  },
];

/** Rules on the disks of a VM that is restored; a capture has rules of its own on the same. */
export const restoreDiskRules: readonly Rule<'restore'>[] = [
  {
    id: 'restore-ephemeral',
    severity: 'error',
    needs: ['vm'],
    when: 'the OS disk is ephemeral, or a disk is unmanaged',
    azure: {
      accepts:
        'No source tells that Azure exchanges such a disk. An ephemeral OS disk has no snapshots (ephemeral-os-disks.md).',
    },
    looksAt: ['VM storage profile'],
    remedy: 'Build the VM anew. Only managed disks can come back from snapshots.',
    check: onVm((vm) => {
      const found = disksOf(vm).filter(({ ephemeral, id }) => ephemeral || id === undefined);
      return (
        found.length > 0 &&
        `${quoted(found.map(({ name }) => name))} of \`${vm.name}\` ${number(found.length, 'is no managed disk', 'are no managed disks')} that could be exchanged.`
      );
    }),
  },
  {
    id: 'restore-disk-kind',
    severity: 'error',
    needs: ['vm'],
    when: 'a disk that comes back is a Premium SSD v2 or Ultra Disk',
    azure: {
      accepts:
        'Azure copies the data into a disk of such a snapshot in the background, which can take hours (disks-incremental-snapshots.md).',
    },
    looksAt: ['disk SKU'],
    remedy:
      'Name the snapshots of the other disks in `snapshot-ids`, and restore this one by hand.',
    check: onVm((vm, context) => {
      const found = comingBack(vm, context, (_, disk) =>
        /^(PremiumV2|UltraSSD)/i.test(disk?.sku ?? ''),
      );
      return (
        found.length > 0 &&
        `${quoted(found)} of \`${vm.name}\` ${number(found.length, 'is a Premium SSD v2 or Ultra Disk', 'are Premium SSD v2 or Ultra Disks')}.`
      );
    }),
  },
  {
    id: 'restore-guest-encrypted',
    severity: 'error',
    needs: ['vm'],
    when: 'a disk that comes back is encrypted by Azure Disk Encryption',
    azure: {
      accepts:
        'No source tells that an exchange works: Azure Backup does not replace the disks of such a VM (backup-azure-encrypted-vm-troubleshoot.md).',
    },
    looksAt: ['disk encryption settings'],
    remedy: 'Restore the VM by Azure Backup as a new VM, or build it anew.',
    check: onVm((vm, context) => {
      const found = comingBack(vm, context, (_, disk) => disk?.guestEncrypted === true);
      return (
        found.length > 0 &&
        `${quoted(found)} of \`${vm.name}\` ${number(found.length, 'is', 'are')} encrypted by Azure Disk Encryption.`
      );
    }),
  },
  ...returningDiskRules,
];
