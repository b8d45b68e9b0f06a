import { nameOf, sameId } from '../../domain/resource-id.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { highestFirst } from '../../domain/version-number.ts';
import { disksOf, type Vm } from '../../domain/vm.ts';
import { names, number, quoted } from '../../domain/words.ts';
import type { Checked, RuleContext } from './context.ts';
import { type Answer, about, type Rules } from './rule.ts';

/** GiB: the largest disk that Azure copies into a version (troubleshooting-shared-images.md). */
const LARGEST_GIB = 2048;
/** GiB: what image-version.md allows a data disk; the error names twice as much. */
const DOUBTFUL_GIB = 1024;

/** Rules on the VM's disks: can they become an image, and are they the right ones. */
export const diskRules: Rules<'capture'> = {
  'vm-unmanaged-disk': about('vm', {
    severity: 'error',
    when: 'a disk of the VM is unmanaged',
    azure: { says: 'Source virtual machine … must be created from Managed Disks' },
    looksAt: ['VM `storageProfile`'],
    remedy: 'Convert the VM with `az vm convert`, or build it on managed disks.',
    check: (vm) => {
      const disk = disksOf(vm).find((entry) => !entry.id && !entry.ephemeral);
      return (
        disk &&
        `Disk \`${disk.name}\` of \`${vm.name}\` is unmanaged; Azure makes gallery images of managed disks only.`
      );
    },
  }),
  'vm-ephemeral-disk': about('vm', {
    severity: 'error',
    when: 'the VM has an ephemeral OS disk',
    azure: { says: 'Source virtual machine … cannot contain an ephemeral OS disk' },
    looksAt: ['VM `diffDiskSettings`'],
    remedy: 'Build the VM with a managed OS disk (without `diffDiskSettings`).',
    check: (vm) =>
      vm.osDisk.ephemeral &&
      `\`${vm.name}\` has an ephemeral OS disk, which is lost on deallocation and cannot become an image.`,
  }),
  'disk-ultra': about('vm', {
    severity: 'error',
    when: 'a disk of the VM is an Ultra disk',
    azure: {
      says: "Source virtual machine … cannot contain disk ['…'] stored in an UltraSSD account type",
    },
    looksAt: ['disk `sku`'],
    remedy: 'Detach it before the capture, or build on Premium SSD, Standard SSD or Standard HDD.',
    check: onDisks(
      ({ sku }) => sku?.startsWith('UltraSSD'),
      (names, vm) => `${names} of ${vm} is an Ultra disk, which no gallery takes.`,
    ),
  }),
  'disk-premium-v2': about('vm', {
    severity: 'error',
    when: 'a disk of the VM is a Premium SSD v2',
    azure: { says: 'Snapshots of PremiumV2_LRS disks are not supported.' },
    looksAt: ['disk `sku`'],
    remedy:
      'Detach it before the capture, or convert it to Premium SSD; VMs of the image can have Premium SSD v2 data disks of their own.',
    check: onDisks(
      ({ sku }) => sku?.startsWith('PremiumV2'),
      (names, vm) =>
        `${names} of ${vm} is a Premium SSD v2, of which the gallery can take no snapshot; it notices only after it has accepted the version.`,
    ),
  }),
  'disk-guest-encrypted': about('vm', {
    severity: 'error',
    when: 'a disk of the VM is encrypted by Azure Disk Encryption',
    azure: {
      refuses:
        'The keys of Azure Disk Encryption belong to one VM: neither an image nor a disk swap works with it (os-disk-swap.md; `OSDiskSwapNotSupportedForVMsUsingDiskEncryption`).',
    },
    looksAt: ['disk `encryptionSettingsCollection`'],
    remedy:
      'Disable it and wait until the disk is decrypted (`az vm encryption disable`), or build without it and encrypt with a disk encryption set or encryption at host.',
    check: onDisks(
      ({ guestEncrypted }) => guestEncrypted,
      (names, vm) =>
        `${names} of ${vm} is encrypted inside the guest (Azure Disk Encryption), with keys that no VM of the image would have.`,
    ),
  }),
  'disk-too-large': about('vm', {
    severity: 'error',
    when: `a disk is larger than ${LARGEST_GIB} GiB and is to be copied (\`replication-mode: Full\`)`,
    azure: {
      says: 'The GalleryImageVersion source resource size … exceeds the max size 2048 supported',
    },
    looksAt: ['disk `diskSizeGB`', '`replication-mode`'],
    remedy:
      'Make the disk smaller: build on a smaller one, since Azure shrinks none. `replication-mode: Shallow` takes up to 32 TiB, for tests.',
    check: onDisks(
      ({ sizeGiB = 0 }, { request }) =>
        request.replicationMode !== 'Shallow' && sizeGiB > LARGEST_GIB,
      (names, vm, count) =>
        `${names} of ${vm} ${number(count, 'is', 'are')} larger than ${LARGEST_GIB} GiB, the most that Azure copies into a version; it notices only after it has accepted the version.`,
    ),
  }),
  'disk-large': about('vm', {
    severity: 'warning',
    when: `a data disk is larger than ${DOUBTFUL_GIB} GiB, but not larger than ${LARGEST_GIB}`,
    azure: {
      accepts:
        'Sources disagree: image-version.md allows data disks of 1 TB, the refusal of larger ones names 2048 GB.',
    },
    looksAt: ['disk `diskSizeGB`', '`replication-mode`'],
    remedy: 'Nothing, if it worked before. A smaller disk is safe, and replicates sooner.',
    check: onDisks(
      ({ sizeGiB = 0, lun }, { request }) =>
        request.replicationMode !== 'Shallow' &&
        lun !== undefined &&
        sizeGiB > DOUBTFUL_GIB &&
        sizeGiB <= LARGEST_GIB,
      (names, vm, count) =>
        `${names} of ${vm} ${number(count, 'is', 'are')} larger than 1 TiB: Azure's documentation allows data disks of 1 TB, its error message 2 TB.`,
    ),
  }),
  'disk-shared': about('vm', {
    severity: 'warning',
    when: 'a disk of the VM can be attached to several VMs',
    azure: { accepts: 'Whether Azure takes it is not documented.' },
    looksAt: ['disk `maxShares`'],
    remedy: 'Detach the shared disk before the capture; it rarely belongs in an image.',
    check: onDisks(
      ({ maxShares = 1 }) => maxShares > 1,
      (names, vm) =>
        `${names} of ${vm} can be attached to several VMs at once, so others may write to it during the capture.`,
    ),
  }),
  'disk-luns': about('vm', {
    severity: 'error',
    when: 'two data disks of the VM have the same LUN',
    azure: {
      says: 'Duplicated lun numbers have been detected in the input data disks. Lun number must be unique for each data disk',
    },
    looksAt: ['VM `dataDisks`'],
    remedy: 'Detach one of them and attach it at a LUN of its own.',
    check: (vm) => {
      const luns = vm.dataDisks.map(({ lun }) => lun);
      const twice = [...new Set(luns.filter((lun, index) => luns.indexOf(lun) !== index))];
      return (
        twice.length > 0 && `\`${vm.name}\` has several data disks at LUN ${twice.join(', ')}.`
      );
    },
  }),
  'disks-changed': about('vm', {
    severity: 'warning',
    when: 'the VM has data disks at other LUNs than the newest version of the definition',
    azure: {
      accepts:
        'Azure takes it, but scale sets and templates that name the LUNs of the last version break on this one.',
    },
    looksAt: ['VM `dataDisks`', 'versions `dataDiskImages`'],
    remedy:
      'If that is intended, tell those who deploy the image; else detach the disk that does not belong, or attach the missing one.',
    check: (vm, { inventory }) => {
      const before = highestFirst(inventory.versions).find(
        ({ provisioningState, dataDisks }) => provisioningState === 'Succeeded' && dataDisks,
      );
      const had = before?.dataDisks ?? [];
      const has = vm.dataDisks.flatMap(({ lun }) => lun ?? []);
      const more = has.filter((lun) => !had.includes(lun));
      const less = had.filter((lun) => !has.includes(lun));
      if (!before || more.length + less.length === 0) return undefined;
      const changes = [
        ...(more.length > 0 ? [`one more at LUN ${more.join(', ')}`] : []),
        ...(less.length > 0 ? [`none at LUN ${less.join(', ')}`] : []),
      ];
      return `\`${vm.name}\` has other data disks than version \`${before.name}\` of the same definition: ${changes.join(', ')}.`;
    },
  }),
};

/** A check of single disks. */
export function onDisks<O extends Checked>(
  is: (disk: RuleContext['disks'][number], context: RuleContext<O>) => boolean | undefined,
  message: (disks: string, vm: string, count: number) => string,
) {
  return ({ name }: Vm, context: RuleContext<O>): Answer => {
    const found = context.disks.filter((disk) => is(disk, context));
    return found.length > 0 && message(names(found), `\`${name}\``, found.length);
  };
}

/** Rules on the disks of a VM that comes back, those of a capture with `after-capture: restore` among them. */
export const returningDiskRules: Rules = {
  'disks-detached': about('vm', {
    severity: 'error',
    needs: ['disks'],
    when: 'another run has given the VM its new OS disk, but not attached the new data disks yet',
    azure: {
      accepts: 'Azure takes the VM as it is: the data disks would be missing without a message.',
    },
    looksAt: ['VM storage profile', 'disks beside the VM', 'tags of the new OS disk'],
    remedy:
      'Wait if that run is still at work, else re-run its failed job. If that is not possible, attach each disk at the LUN in its name (`az vm disk attach --lun`), or delete it if nobody needs it. Then run again.',
    check: (vm, { inventory: { detached = [] } }) =>
      detached.length > 0 &&
      `\`${vm.name}\` has the new OS disk of another run, which has not attached ${quoted(detached.map(({ id }) => nameOf(id)))} yet.`,
  }),
  'restore-write-accelerator': about('returningVm', {
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
  'restore-confidential': about('returningVm', {
    severity: 'error',
    when: 'a confidential VM is to come back',
    azure: {
      accepts: 'Its guest state is bound to its disks, and no source tells that an exchange works.',
    },
    looksAt: ['VM security type'],
    remedy: 'Build the VM again. Capture it without `after-capture: restore`.',
    check: (vm) => isConfidential(vm.securityType) && `\`${vm.name}\` is a confidential VM.`,
  }),
  'restore-shared-disk': about('returningVm', {
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
};
