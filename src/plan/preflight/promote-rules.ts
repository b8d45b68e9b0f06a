import { accessRules } from './access-rules.ts';
import { confidentialRules } from './confidential-rules.ts';
import { encryptionSetRules } from './encryption-set-rules.ts';
import { galleryState } from './gallery-rules.ts';
import { lifetimeRules } from './lifetime-rules.ts';
import { policyRules } from './policy-rules.ts';
import { promoteChangeRules } from './promote-change-rules.ts';
import { promoteCopyRules } from './promote-copy-rules.ts';
import { promoteLatestRules } from './promote-latest-rules.ts';
import { regionRules } from './region-rules.ts';
import type { Rule } from './rule.ts';
import { sourceRules } from './source-rules.ts';
import { throwAwayRules } from './throw-away-rules.ts';
import { verifiedRules } from './verified-rules.ts';

/** The rules of a promotion by chapter. */
export const promoteChapters: Readonly<Record<string, readonly Rule<'promote'>[]>> = {
  'Version to promote': [...sourceRules, ...verifiedRules],
  'Copy into another definition': [...promoteCopyRules, galleryState],
  'What changes about the version': promoteChangeRules,
  'What `latest` means, and what comes last': promoteLatestRules,
  'End of life': lifetimeRules,
  'Regions and replicas': regionRules,
  Encryption: [...encryptionSetRules, ...confidentialRules],
  Verification: throwAwayRules,
  'Locks and rights': accessRules,
  'Azure Policy': policyRules,
};

export const promoteRules: readonly Rule<'promote'>[] = Object.values(promoteChapters).flat();
