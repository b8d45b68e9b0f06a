import { type Disk, disksOf, type Vm } from '../../domain/observed.ts';
import { sameRegion, type TargetRegion } from '../../domain/regions.ts';
import { sameId, sameSubscription } from '../../domain/resource-id.ts';
import { type CaptureFacts, type CaptureRule, number, onVm, unlessMade } from './capture-facts.ts';
import type { Found } from './rule.ts';

/** What the customer-key rules ask for, as it is written. */
const SETS =
  'Give every region, the home region too, its sets in `target-regions` as a YAML list: `encryption: {osDiskImage: {diskEncryptionSetId: …}, dataDiskImages: [{lun: …, diskEncryptionSetId: …}]}`.';

/**
 * Rules on the encryption of the regions (azure.md §1, "CMK", "ConfidentialVM"; §7). A version of
 * a source with a customer-managed key, or of a confidential VM, is never silently encrypted with
 * a platform key instead.
 */
export const encryptionRules: readonly CaptureRule[] = [
  {
    id: 'encryption-customer-key',
    severity: 'error',
    needs: ['vm'],
    when: 'a disk has a customer-managed key and a region has no disk encryption set for it',
    azure: {
      refuses:
        'A source with a customer-managed key needs a set for each disk in every region (image-version-encryption.md).',
    },
    looksAt: ['disk `encryption`', '`target-regions`'],
    remedy: SETS,
    check: onRegions(({ regions, vm, disks }) => {
      const encrypted = keyedDisks(vm, disks);
      const lacking = regions.filter((region) =>
        encrypted.some((disk) => !setFor(region, disk.lun)),
      );
      if (encrypted.length === 0 || lacking.length === 0) return undefined;
      return {
        message: `${encrypted.map((disk) => disk.name).join(', ')} of ${vm.name} ${number(encrypted.length, 'is', 'are')} encrypted with a customer-managed key, but ${names(lacking)} ${number(lacking.length, 'has', 'have')} no disk encryption set for ${encrypted.length === 1 ? 'it' : 'each of them'}.`,
      };
    }),
  },
  {
    id: 'encryption-confidential',
    severity: 'error',
    needs: ['vm'],
    when: 'the VM is confidential and a region has no confidential encryption',
    azure: {
      says: 'The regional encryption.osDiskImage.securityProfile.type must be specified when the SecurityType of the image definition is ConfidentialVM.',
    },
    looksAt: ['VM `securityType`', '`target-regions`'],
    remedy:
      'Give every region, the home region too, `encryption: {osDiskImage: {securityProfile: {confidentialVMEncryptionType: …}}}` in `target-regions` as a YAML list.',
    check: onRegions(({ regions, vm }) => {
      const lacking = regions.filter((region) => !confidentialIn(region));
      return vm.securityType !== 'ConfidentialVM' || lacking.length === 0
        ? undefined
        : {
            message: `${vm.name} is a confidential VM, but ${names(lacking)} ${number(lacking.length, 'has', 'have')} no confidential encryption.`,
          };
    }),
  },
  {
    id: 'encryption-confidential-region',
    severity: 'error',
    needs: ['vm'],
    when: 'a confidential VM is to be replicated beyond its region with its guest state',
    azure: {
      says: "Only the home region '…' can be specified as a target region for Images with the ConfidentialVM feature unless the Confidential VM encryption type is set to 'NonPersistedTPM'.",
    },
    looksAt: ['VM `securityType`', 'VM `location`', '`target-regions`'],
    remedy:
      'Leave the home region alone in `target-regions`, or use `confidentialVMEncryptionType: NonPersistedTPM`, which keeps no guest state.',
    check: onRegions(({ regions, vm }) => {
      const away = regions.filter(
        (region) =>
          !sameRegion(region.name, vm.location) &&
          (confidentialIn(region) ?? 'NonPersistedTPM') !== 'NonPersistedTPM',
      );
      return vm.securityType === 'ConfidentialVM' && away.length > 0
        ? {
            message: `${vm.name} is a confidential VM, whose guest state cannot leave ${vm.location}, but ${names(away)} ${number(away.length, 'is', 'are')} to have it too.`,
          }
        : undefined;
    }),
  },
  {
    id: 'encryption-partial',
    severity: 'error',
    when: 'some regions have a disk encryption set for a disk and others have none',
    azure: {
      says: "A disk encryption set is required for disk '…' in target region '…' since disk encryption set '…' is used for the corresponding disk in region '…'",
    },
    looksAt: ['`target-regions`'],
    remedy: 'Azure takes sets for all regions or for none: add the missing ones.',
    check: unlessMade(({ regions }) => {
      const uneven = placesIn(regions).filter((lun) => unevenAt(regions, lun));
      return uneven.length > 0
        ? {
            message: `Some regions have a disk encryption set that others lack: ${uneven.map((lun) => `${names(regions.filter((region) => !setFor(region, lun)))} for ${placeText(lun)}`).join(', ')}.`,
          }
        : undefined;
    }),
  },
  {
    id: 'encryption-lun',
    severity: 'error',
    needs: ['vm'],
    when: '`target-regions` has encryption for a LUN at which the VM has no disk',
    azure: {
      says: 'An invalid lun […] was specified in encryption.dataDiskImages. The lun must be one of the following values',
    },
    looksAt: ['VM `dataDisks`', '`target-regions`'],
    remedy: 'Give encryption for the LUNs that the VM has.',
    check: onRegions(({ regions, vm }) => {
      const known = vm.dataDisks.map(({ lun }) => lun);
      const unknown = [...new Set(regions.flatMap(lunsOf))].filter((lun) => !known.includes(lun));
      return unknown.length > 0
        ? {
            message: `\`target-regions\` has encryption for LUN ${unknown.join(', ')}, but ${vm.name} has no such data disk.`,
            remedy: `Its data disks are at LUN ${known.join(', ') || '– it has none'}.`,
          }
        : undefined;
    }),
  },
  {
    id: 'encryption-lun-twice',
    severity: 'error',
    when: 'a region has encryption for a LUN twice',
    azure: {
      says: "Duplicate luns '…' were specified in target region '…' encryption.dataDiskImages",
    },
    looksAt: ['`target-regions`'],
    remedy: 'Name each LUN once in a region.',
    check: unlessMade(({ regions }) => {
      const odd = regions.filter((region) => new Set(lunsOf(region)).size < lunsOf(region).length);
      return odd.length > 0
        ? { message: `${names(odd)}: encryption is given twice for the same LUN.` }
        : undefined;
    }),
  },
  {
    id: 'encryption-source-subscription',
    severity: 'error',
    needs: ['vm'],
    when: 'a disk has a customer-managed key and the gallery is in another subscription',
    azure: {
      says: "Encrypted source: '…' is in a different subscription ID than the current gallery image version subscription '…'.",
    },
    looksAt: ['disk `encryption`', '`subscription-id`', '`gallery-subscription-id`'],
    remedy:
      'Capture into a gallery in the subscription of the VM, or build without a customer-managed key and encrypt where the image is used.',
    check: onRegions(({ vm, disks, facts }) => {
      const encrypted = keyedDisks(vm, disks);
      return encrypted.length === 0 || sameSubscription(vm.id, facts.request.definition)
        ? undefined
        : {
            message: `${encrypted.map(({ name }) => name).join(', ')} of ${vm.name} ${number(encrypted.length, 'is', 'are')} encrypted with a customer-managed key, and such a source cannot go into a gallery of another subscription.`,
          };
    }),
  },
  {
    id: 'encryption-trusted-launch',
    severity: 'warning',
    needs: ['vm'],
    when: 'a Trusted Launch VM has a disk with a customer-managed key',
    azure: {
      accepts:
        'Reports of 2024 say that galleries took no such VM (hashicorp/packer-plugin-azure#418, Azure/azure-rest-api-specs#29280); whether that still holds is not known.',
    },
    looksAt: ['VM `securityType`', 'disk `encryption`'],
    remedy: 'Try with a small VM first: Azure notices only after it has accepted the version.',
    check: onRegions(({ vm, disks }) =>
      vm.securityType === 'TrustedLaunch' && keyedDisks(vm, disks).length > 0
        ? {
            message: `${vm.name} is a Trusted Launch VM with a customer-managed key, and galleries are reported to refuse the two together.`,
          }
        : undefined,
    ),
  },
];

interface OnRegions {
  readonly regions: readonly TargetRegion[];
  readonly vm: Vm;
  readonly disks: readonly Disk[];
  readonly facts: CaptureFacts;
}

function onRegions(check: (on: OnRegions) => Found | undefined): CaptureRule['check'] {
  return onVm(({ vm, facts }) =>
    check({ regions: facts.regions, vm, disks: facts.survey.disks, facts }),
  );
}

const keyedDisks = (vm: Vm, disks: readonly Disk[]) =>
  disksOf(vm).filter(({ id }) =>
    disks.some((disk) => sameId(disk.id, id) && disk.encryptionSet !== undefined),
  );

/** The disk encryption set of a region for the OS disk (no LUN) or a data disk. */
function setFor({ encryption }: TargetRegion, lun: number | undefined): string | undefined {
  const { osDiskImage, dataDiskImages = [] } = encryption ?? {};
  return lun === undefined
    ? (osDiskImage?.diskEncryptionSetId ??
        osDiskImage?.securityProfile?.secureVMDiskEncryptionSetId)
    : dataDiskImages.find((disk) => disk.lun === lun)?.diskEncryptionSetId;
}

const lunsOf = ({ encryption }: TargetRegion): number[] =>
  (encryption?.dataDiskImages ?? []).map(({ lun }) => lun);

/** The OS disk (no LUN), and every LUN that any region names. */
const placesIn = (regions: readonly TargetRegion[]): (number | undefined)[] => [
  undefined,
  ...new Set(regions.flatMap(lunsOf)),
];

const placeText = (lun: number | undefined): string =>
  lun === undefined ? 'the OS disk' : `the data disk at LUN ${lun}`;

const unevenAt = (regions: readonly TargetRegion[], lun: number | undefined): boolean =>
  new Set(regions.map((region) => setFor(region, lun) !== undefined)).size > 1;

const confidentialIn = ({ encryption }: TargetRegion) =>
  encryption?.osDiskImage?.securityProfile?.confidentialVMEncryptionType;

const names = (regions: readonly TargetRegion[]): string =>
  regions.map(({ name }) => name).join(', ');
