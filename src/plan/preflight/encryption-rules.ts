import { confidentialIn, encryptionSetsOf, lunsOf, setFor } from '../../domain/encryption.ts';
import { sameRegion } from '../../domain/regions.ts';
import { definitionOf } from '../../domain/request.ts';
import { nameOf, sameId, sameSubscription } from '../../domain/resource-id.ts';
import { isTrustedLaunch } from '../../domain/security-type.ts';
import { names, number } from '../../domain/words.ts';
import type { RuleContext } from './context.ts';
import { type Answer, about, type Rules } from './rule.ts';

const LOOKS_AT = ['VM `securityType`', 'definition feature `SecurityType`'];

/** Rules on images of confidential VMs. */
export const confidentialRules: Rules = {
  'encryption-confidential': about('confidential', {
    severity: 'error',
    when: 'the image is of a confidential VM and a region has no confidential encryption',
    azure: {
      says: 'The regional encryption.osDiskImage.securityProfile.type must be specified when the SecurityType of the image definition is ConfidentialVM.',
    },
    looksAt: [...LOOKS_AT, '`target-regions`'],
    remedy:
      'Give every region, the home region too, `encryption: {osDiskImage: {securityProfile: {confidentialVMEncryptionType: …}}}` in `target-regions` as a YAML list.',
    check: ({ what }, { regions }) => {
      const lacking = regions.filter(({ encryption }) => !confidentialIn(encryption));
      return (
        lacking.length > 0 &&
        `${what}, but ${names(lacking)} ${number(lacking.length, 'has', 'have')} no confidential encryption.`
      );
    },
  }),
  'encryption-confidential-region': about('confidential', {
    severity: 'error',
    when: 'the image of a confidential VM is to be replicated beyond its region with its guest state',
    azure: {
      says: "Only the home region '…' can be specified as a target region for Images with the ConfidentialVM feature unless the Confidential VM encryption type is set to 'NonPersistedTPM'.",
    },
    looksAt: [...LOOKS_AT, 'home region', '`target-regions`'],
    remedy:
      'Leave the home region alone in `target-regions`, or use `confidentialVMEncryptionType: NonPersistedTPM`, which keeps no guest state.',
    check: ({ what, home }, { regions }) => {
      const away = regions.filter(
        ({ name, encryption }) =>
          !sameRegion(name, home) &&
          (confidentialIn(encryption) ?? 'NonPersistedTPM') !== 'NonPersistedTPM',
      );
      return (
        away.length > 0 &&
        `${what}, whose guest state cannot leave ${home}, but ${names(away)} ${number(away.length, 'is', 'are')} to have it too.`
      );
    },
  }),
};

/** What the customer-key rules ask for, as it is written. */
const SETS =
  'Give every region, the home region too, its sets in `target-regions` as a YAML list: `encryption: {osDiskImage: {diskEncryptionSetId: …}, dataDiskImages: [{lun: …, diskEncryptionSetId: …}]}`.';

/**
 * Rules on the encryption of a capture. A version of a source with a customer-managed key, or of a
 * confidential VM, is never silently encrypted with a platform key instead.
 */
export const encryptionRules: Rules<'capture'> = {
  'encryption-customer-key': about('vm', {
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
      return `${names(encrypted)} of \`${vm.name}\` ${number(encrypted.length, 'is', 'are')} encrypted with a customer-managed key, but ${names(lacking)} ${number(lacking.length, 'has', 'have')} no disk encryption set for ${number(encrypted.length, 'it', 'each of them')}.`;
    },
  }),
  ...confidentialRules,
  'encryption-lun': about('vm', {
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
  'encryption-source-subscription': about('vm', {
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
      return encrypted.length === 0 || sameSubscription(vm.id, context.request.definition)
        ? undefined
        : `${names(encrypted)} of \`${vm.name}\` ${number(encrypted.length, 'is', 'are')} encrypted with a customer-managed key, and such a source cannot go into a gallery of another subscription.`;
    },
  }),
  'encryption-trusted-launch': about('vm', {
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
      `\`${vm.name}\` is a Trusted Launch VM with a customer-managed key, and galleries are reported to refuse such a VM.`,
  }),
};

const keyedDisks = ({ disks }: RuleContext) =>
  disks.filter(({ encryptionSet }) => encryptionSet !== undefined);

/** Rules on the disk encryption sets that regions name, of whatever the version is made. */
export const encryptionSetRules: Rules<'capture' | 'promote'> = {
  'encryption-partial': {
    severity: 'error',
    when: 'some regions have a disk encryption set for a disk and others have none',
    azure: {
      says: "A disk encryption set is required for disk '…' in target region '…' since disk encryption set '…' is used for the corresponding disk in region '…'",
    },
    looksAt: ['`target-regions`'],
    remedy: 'Azure takes sets for all regions or for none: add the missing ones.',
    check: ({ regions, added }) => {
      // The OS disk has no LUN.
      const luns = new Set([undefined, ...regions.flatMap(({ encryption }) => lunsOf(encryption))]);
      const uneven = [...luns]
        .map((lun) => ({ lun, by: regions.filter((one) => !setFor(one.encryption, lun)) }))
        .filter(({ by }) => by.length > 0 && by.length < regions.length);
      if (uneven.length === 0) return undefined;
      const lacks = uneven.map(
        ({ lun, by }) =>
          `${names(by)} for ${lun === undefined ? 'the OS disk' : `the data disk at LUN ${lun}`}`,
      );
      const message = `Some regions have a disk encryption set that others lack: ${lacks.join(', ')}.`;
      return uneven.some(({ by }) => by.some((region) => !added.includes(region)))
        ? {
            message,
            remedy:
              'The encryption of a region that is there can never be changed: leave `encryption` out, or make a new version with sets in every region.',
          }
        : message;
    },
  },
  'encryption-lun-twice': {
    severity: 'error',
    when: 'a region has encryption for a LUN twice',
    azure: {
      says: "Duplicate luns '…' were specified in target region '…' encryption.dataDiskImages",
    },
    looksAt: ['`target-regions`'],
    remedy: 'Name each LUN once in a region.',
    check: ({ added }) => {
      const odd = added.filter(({ encryption }) => {
        const luns = lunsOf(encryption);
        return new Set(luns).size < luns.length;
      });
      return odd.length > 0 && `${names(odd)}: encryption is given twice for the same LUN.`;
    },
  },
  'encryption-set-subscription': {
    severity: 'error',
    when: 'a disk encryption set is in another subscription than the gallery',
    azure: {
      says: "The disk encryption set '…' must be in the same subscription '…' as the gallery resource",
    },
    looksAt: ['`target-regions`', '`gallery-subscription-id`'],
    remedy: 'Create a set with a key of the same vault in the subscription of the gallery.',
    check: onSets((id, { request }) =>
      sameSubscription(id, definitionOf(request))
        ? undefined
        : 'is in another subscription than the gallery',
    ),
  },
  'encryption-set-missing': {
    severity: 'error',
    when: 'a disk encryption set does not exist',
    azure: { says: 'The disk encryption set … was not found' },
    looksAt: ['disk encryption sets named in `target-regions`'],
    remedy: 'Check the ID.',
    check: onSets((id, { inventory }) =>
      inventory.encryptionSets.some((set) => sameId(set.id, id)) ? undefined : 'does not exist',
    ),
  },
  'encryption-set-region': {
    severity: 'error',
    when: 'a disk encryption set is in another region than the one it is for',
    azure: {
      refuses:
        'Sets "can be used only in the same subscription and region in which they were created" (troubleshooting-shared-images.md).',
    },
    looksAt: ['disk encryption sets named in `target-regions`'],
    remedy: 'Give each region a set of its own, with a key of a vault in that region.',
    check: onSets((id, { inventory }, region) => {
      const set = inventory.encryptionSets.find((one) => sameId(one.id, id));
      return set && !sameRegion(set.location, region)
        ? `is in \`${set.location}\`, but is to encrypt in \`${region}\``
        : undefined;
    }),
  },
};

/** Judges each disk encryption set that a region names. */
function onSets(
  judgeOne: (
    id: string,
    context: RuleContext<'capture' | 'promote'>,
    region: string,
  ) => string | undefined,
) {
  return (context: RuleContext<'capture' | 'promote'>): Answer => {
    const wrong = context.added.flatMap(({ name: region, encryption }) =>
      encryptionSetsOf(encryption).flatMap((id) => {
        const what = judgeOne(id, context, region);
        return what ? [`\`${nameOf(id)}\` ${what}`] : [];
      }),
    );
    return wrong.length > 0 && `Disk encryption set ${[...new Set(wrong)].join('; ')}.`;
  };
}
