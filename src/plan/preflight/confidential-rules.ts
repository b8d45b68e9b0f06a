import { confidentialIn } from '../../domain/encryption.ts';
import { sameRegion } from '../../domain/regions.ts';
import { type CommonFacts, names, number } from './common-facts.ts';
import type { Need, Rule } from './rule.ts';

/** An image of a confidential VM. */
interface ConfidentialImage {
  /** Begins a sentence: `build is a confidential VM`. */
  readonly what: string;
  /** The region that its guest state cannot leave. */
  readonly home: string;
}

/**
 * Rules on images of confidential VMs (azure.md §1, "ConfidentialVM").
 *
 * @param image what the facts say of it; nothing when the image is of another VM
 */
export const confidentialRules = <F extends CommonFacts>(
  needs: readonly Need[],
  looksAt: readonly string[],
  image: (facts: F) => ConfidentialImage | undefined,
): readonly Rule<F>[] => [
  {
    id: 'encryption-confidential',
    severity: 'error',
    needs,
    when: 'the image is of a confidential VM and a region has no confidential encryption',
    azure: {
      says: 'The regional encryption.osDiskImage.securityProfile.type must be specified when the SecurityType of the image definition is ConfidentialVM.',
    },
    looksAt: [...looksAt, '`target-regions`'],
    remedy:
      'Give every region, the home region too, `encryption: {osDiskImage: {securityProfile: {confidentialVMEncryptionType: …}}}` in `target-regions` as a YAML list.',
    check: (facts) => {
      const of = image(facts);
      const lacking = facts.regions.filter(({ encryption = {} }) => !confidentialIn(encryption));
      return of && lacking.length > 0
        ? {
            message: `${of.what}, but ${names(lacking)} ${number(lacking.length, 'has', 'have')} no confidential encryption.`,
          }
        : undefined;
    },
  },
  {
    id: 'encryption-confidential-region',
    severity: 'error',
    needs,
    when: 'the image of a confidential VM is to be replicated beyond its region with its guest state',
    azure: {
      says: "Only the home region '…' can be specified as a target region for Images with the ConfidentialVM feature unless the Confidential VM encryption type is set to 'NonPersistedTPM'.",
    },
    looksAt: [...looksAt, 'home region', '`target-regions`'],
    remedy:
      'Leave the home region alone in `target-regions`, or use `confidentialVMEncryptionType: NonPersistedTPM`, which keeps no guest state.',
    check: (facts) => {
      const of = image(facts);
      const away = facts.regions.filter(
        ({ name, encryption = {} }) =>
          !sameRegion(name, of?.home ?? name) &&
          (confidentialIn(encryption) ?? 'NonPersistedTPM') !== 'NonPersistedTPM',
      );
      return of && away.length > 0
        ? {
            message: `${of.what}, whose guest state cannot leave ${of.home}, but ${names(away)} ${number(away.length, 'is', 'are')} to have it too.`,
          }
        : undefined;
    },
  },
];
