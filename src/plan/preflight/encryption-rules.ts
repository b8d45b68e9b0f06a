import { type Disk, disksOf, type Vm } from '../../domain/observed.ts';
import type { TargetRegion } from '../../domain/regions.ts';
import { sameId } from '../../domain/resource-id.ts';
import type { CaptureFacts, Rule } from './rule.ts';

/**
 * Rules on the encryption of the regions (azure.md §1, "CMK", "ConfidentialVM"; §7). A version of
 * a source with a customer-managed key, or of a confidential VM, is never silently encrypted with
 * a platform key instead.
 */
export const encryptionRules: readonly Rule[] = [
  {
    id: 'encryption-customer-key',
    severity: 'error',
    check: onRegions(({ regions, vm, disks }) => {
      const encrypted = disksOf(vm).filter((disk) => keyed(disk.id, disks));
      const lacking = regions.filter((region) =>
        encrypted.some((disk) => !setFor(region, disk.lun)),
      );
      if (encrypted.length === 0 || lacking.length === 0) return undefined;
      return {
        message: `${encrypted.map((disk) => disk.name).join(', ')} of ${vm.name} ${encrypted.length === 1 ? 'is' : 'are'} encrypted with a customer-managed key, but ${names(lacking)} ${lacking.length === 1 ? 'has' : 'have'} no disk encryption set for ${encrypted.length === 1 ? 'it' : 'each of them'}.`,
        remedy:
          'Give every region, the home region too, its sets in `target-regions` as a YAML list: `encryption: {osDiskImage: {diskEncryptionSetId: …}, dataDiskImages: [{lun: …, diskEncryptionSetId: …}]}`.',
      };
    }),
  },
  {
    id: 'encryption-confidential',
    severity: 'error',
    check: onRegions(({ regions, vm }) => {
      const lacking = regions.filter((region) => !confidentialIn(region));
      return vm.securityType !== 'ConfidentialVM' || lacking.length === 0
        ? undefined
        : {
            message: `${vm.name} is a confidential VM, but ${names(lacking)} ${lacking.length === 1 ? 'has' : 'have'} no confidential encryption.`,
            remedy:
              'Give every region, the home region too, `encryption: {osDiskImage: {securityProfile: {confidentialVMEncryptionType: …}}}` in `target-regions` as a YAML list.',
          };
    }),
  },
  {
    id: 'encryption-partial',
    severity: 'error',
    check: onRegions(({ regions, vm }) => {
      const places = [undefined, ...vm.dataDisks.map(({ lun }) => lun)];
      const uneven = places.filter((lun) => unevenAt(regions, lun));
      return uneven.length > 0
        ? {
            message: `Some regions have a disk encryption set that others lack: ${uneven.map((lun) => `${names(regions.filter((region) => !setFor(region, lun)))} for ${lun === undefined ? 'the OS disk' : `the data disk at LUN ${lun}`}`).join(', ')}.`,
            remedy: 'Azure takes sets for all regions or for none: add the missing ones.',
          }
        : undefined;
    }),
  },
  {
    id: 'encryption-lun',
    severity: 'error',
    check: onRegions(({ regions, vm }) => {
      const luns = regions.flatMap(({ encryption }) =>
        (encryption?.dataDiskImages ?? []).map(({ lun }) => lun),
      );
      const unknown = [...new Set(luns)].filter(
        (lun) => !vm.dataDisks.some((disk) => disk.lun === lun),
      );
      return unknown.length > 0
        ? {
            message: `\`target-regions\` has encryption for LUN ${unknown.join(', ')}, but ${vm.name} has no such data disk.`,
            remedy: `Its data disks are at LUN ${vm.dataDisks.map(({ lun }) => lun).join(', ') || '– it has none'}.`,
          }
        : undefined;
    }),
  },
];

interface OnRegions {
  readonly regions: readonly TargetRegion[];
  readonly vm: Vm;
  readonly disks: readonly Disk[];
}

function onRegions(check: (on: OnRegions) => ReturnType<Rule['check']>): Rule['check'] {
  return ({ survey, target, mine }: CaptureFacts) =>
    survey.vm && target && !mine
      ? check({ regions: target.regions, vm: survey.vm, disks: survey.disks })
      : undefined;
}

const keyed = (id: string | undefined, disks: readonly Disk[]): boolean =>
  disks.some((disk) => sameId(disk.id, id) && disk.encryptionSet !== undefined);

/** The disk encryption set of a region for the OS disk (no LUN) or a data disk. */
function setFor({ encryption }: TargetRegion, lun: number | undefined): string | undefined {
  const { osDiskImage, dataDiskImages = [] } = encryption ?? {};
  return lun === undefined
    ? (osDiskImage?.diskEncryptionSetId ??
        osDiskImage?.securityProfile?.secureVMDiskEncryptionSetId)
    : dataDiskImages.find((disk) => disk.lun === lun)?.diskEncryptionSetId;
}

const unevenAt = (regions: readonly TargetRegion[], lun: number | undefined): boolean =>
  new Set(regions.map((region) => setFor(region, lun) !== undefined)).size > 1;

const confidentialIn = ({ encryption }: TargetRegion) =>
  encryption?.osDiskImage?.securityProfile?.confidentialVMEncryptionType;

const names = (regions: readonly TargetRegion[]): string =>
  regions.map(({ name }) => name).join(', ');
