import { accessRules } from './access-rules.ts';
import { confidentialRules } from './confidential-rules.ts';
import { encryptionSetRules } from './encryption-set-rules.ts';
import { galleryState } from './gallery-rules.ts';
import { lifetimeRules } from './lifetime-rules.ts';
import { promoteChangeRules } from './promote-change-rules.ts';
import { promoteCopyRules } from './promote-copy-rules.ts';
import type { PromoteFacts, PromoteRule } from './promote-facts.ts';
import { promoteLatestRules } from './promote-latest-rules.ts';
import { regionRules } from './region-rules.ts';
import { sourceRules } from './source-rules.ts';

/** The rule book of a promotion by chapter. */
export const promoteChapters: Readonly<Record<string, readonly PromoteRule[]>> = {
  'Version to promote': sourceRules,
  'Copy into another definition': [...promoteCopyRules, galleryState],
  'What changes about the version': promoteChangeRules,
  'What `latest` means, and what comes last': promoteLatestRules,
  'End of life': lifetimeRules,
  'Regions and replicas': regionRules,
  Encryption: [
    ...encryptionSetRules,
    ...confidentialRules<PromoteFacts>(
      ['source', 'definition'],
      ['definition feature `SecurityType`'],
      ({ survey: { definition }, target, added }) =>
        definition?.securityType === 'ConfidentialVM' && target && added.length > 0
          ? {
              what: 'The image definition is for confidential VMs',
              home: target.location,
            }
          : undefined,
    ),
  ],
  'Locks and rights': accessRules,
};

export const promoteRules: readonly PromoteRule[] = Object.values(promoteChapters).flat();
