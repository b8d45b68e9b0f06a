import { confidentialIn } from '../../domain/encryption.ts';
import { sameRegion } from '../../domain/regions.ts';
import type { Need } from './context.ts';
import { names, number } from './context.ts';
import type { Rule } from './rule.ts';

const NEEDS: readonly Need[] = ['vm', 'source', 'definition'];
const LOOKS_AT = ['VM `securityType`', 'definition feature `SecurityType`'];

/** Rules on images of confidential VMs. */
export const confidentialRules: readonly Rule[] = [
  {
    id: 'encryption-confidential',
    severity: 'error',
    needs: NEEDS,
    when: 'the image is of a confidential VM and a region has no confidential encryption',
    azure: {
      says: 'The regional encryption.osDiskImage.securityProfile.type must be specified when the SecurityType of the image definition is ConfidentialVM.',
    },
    looksAt: [...LOOKS_AT, '`target-regions`'],
    remedy:
      'Give every region, the home region too, `encryption: {osDiskImage: {securityProfile: {confidentialVMEncryptionType: …}}}` in `target-regions` as a YAML list.',
    check: ({ confidential: of, regions }) => {
      const lacking = regions.filter(({ encryption = {} }) => !confidentialIn(encryption));
      return (
        of &&
        lacking.length > 0 &&
        `${of.what}, but ${names(lacking)} ${number(lacking.length, 'has', 'have')} no confidential encryption.`
      );
    },
  },
  {
    id: 'encryption-confidential-region',
    severity: 'error',
    needs: NEEDS,
    when: 'the image of a confidential VM is to be replicated beyond its region with its guest state',
    azure: {
      says: "Only the home region '…' can be specified as a target region for Images with the ConfidentialVM feature unless the Confidential VM encryption type is set to 'NonPersistedTPM'.",
    },
    looksAt: [...LOOKS_AT, 'home region', '`target-regions`'],
    remedy:
      'Leave the home region alone in `target-regions`, or use `confidentialVMEncryptionType: NonPersistedTPM`, which keeps no guest state.',
    check: ({ confidential: of, regions }) => {
      const away = regions.filter(
        ({ name, encryption = {} }) =>
          !sameRegion(name, of?.home ?? name) &&
          (confidentialIn(encryption) ?? 'NonPersistedTPM') !== 'NonPersistedTPM',
      );
      return (
        of &&
        away.length > 0 &&
        `${of.what}, whose guest state cannot leave ${of.home}, but ${names(away)} ${number(away.length, 'is', 'are')} to have it too.`
      );
    },
  },
];
