import { lunsOf, setFor } from '../../domain/encryption.ts';
import { sameSubscription } from '../../domain/resource-id.ts';
import { isTrustedLaunch } from '../../domain/security-type.ts';
import { names, number, type RuleContext } from './context.ts';
import { confidentialRules } from './encryption-set-rules.ts';
import { about, type Rule } from './rule.ts';

/** What the customer-key rules ask for, as it is written. */
const SETS =
  'Give every region, the home region too, its sets in `target-regions` as a YAML list: `encryption: {osDiskImage: {diskEncryptionSetId: …}, dataDiskImages: [{lun: …, diskEncryptionSetId: …}]}`.';

/**
 * Rules on the encryption of the regions. A version of
 * a source with a customer-managed key, or of a confidential VM, is never silently encrypted with
 * a platform key instead.
 */
export const encryptionRules: readonly Rule<'capture'>[] = [
  about('vm', {
    id: 'encryption-customer-key',
    severity: 'error',
    when: 'a disk has a customer-managed key and a region has no disk encryption set for it',
    azure: {
      refuses:
        'A source with a customer-managed key needs a set for each disk in every region (image-version-encryption.md).',
    },
    looksAt: ['disk `encryption`', '`target-regions`'],
    remedy: SETS,
    check: (vm, context) => {
      const encrypted = keyedDisks(context);
      const lacking = context.regions.filter((region) =>
        encrypted.some((disk) => !setFor(region.encryption, disk.lun)),
      );
      if (encrypted.length === 0 || lacking.length === 0) return undefined;
      return `${names(encrypted)} of \`${vm.name}\` ${number(encrypted.length, 'is', 'are')} encrypted with a customer-managed key, but ${names(lacking)} ${number(lacking.length, 'has', 'have')} no disk encryption set for ${encrypted.length === 1 ? 'it' : 'each of them'}.`;
    },
  }),
  ...confidentialRules,
  about('vm', {
    id: 'encryption-lun',
    severity: 'error',
    when: '`target-regions` has encryption for a LUN at which the VM has no disk',
    azure: {
      says: 'An invalid lun […] was specified in encryption.dataDiskImages. The lun must be one of the following values',
    },
    looksAt: ['VM `dataDisks`', '`target-regions`'],
    remedy: 'Give encryption for the LUNs that the VM has.',
    check: (vm, { regions }) => {
      const known = vm.dataDisks.map(({ lun }) => lun);
      const unknown = [...new Set(regions.flatMap(({ encryption }) => lunsOf(encryption)))].filter(
        (lun) => !known.includes(lun),
      );
      return unknown.length > 0
        ? {
            message: `\`target-regions\` has encryption for LUN ${unknown.join(', ')}, but \`${vm.name}\` has no such data disk.`,
            remedy: `Its data disks are at LUN ${known.join(', ') || '– it has none'}.`,
          }
        : undefined;
    },
  }),
  about('vm', {
    id: 'encryption-source-subscription',
    severity: 'error',
    when: 'a disk has a customer-managed key and the gallery is in another subscription',
    azure: {
      says: "Encrypted source: '…' is in a different subscription ID than the current gallery image version subscription '…'.",
    },
    looksAt: ['disk `encryption`', '`subscription-id`', '`gallery-subscription-id`'],
    remedy:
      'Capture into a gallery in the subscription of the VM, or build without a customer-managed key and encrypt where the image is used.',
    check: (vm, context) => {
      const encrypted = keyedDisks(context);
      return encrypted.length === 0 || sameSubscription(vm.id, context.definition)
        ? undefined
        : `${names(encrypted)} of \`${vm.name}\` ${number(encrypted.length, 'is', 'are')} encrypted with a customer-managed key, and such a source cannot go into a gallery of another subscription.`;
    },
  }),
  about('vm', {
    id: 'encryption-trusted-launch',
    severity: 'warning',
    when: 'a Trusted Launch VM has a disk with a customer-managed key',
    azure: {
      accepts:
        'Reports of 2024 say that galleries took no such VM (hashicorp/packer-plugin-azure#418, Azure/azure-rest-api-specs#29280); whether that still holds is not known.',
    },
    looksAt: ['VM `securityType`', 'disk `encryption`'],
    remedy: 'Try with a small VM first: Azure notices only after it has accepted the version.',
    check: (vm, context) =>
      isTrustedLaunch(vm.securityType) &&
      keyedDisks(context).length > 0 &&
      `\`${vm.name}\` is a Trusted Launch VM with a customer-managed key, and galleries are reported to refuse the two together.`,
  }),
];

const keyedDisks = ({ disks }: RuleContext) =>
  disks.filter(({ encryptionSet }) => encryptionSet !== undefined);
