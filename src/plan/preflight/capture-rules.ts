import { accessRules } from './access-rules.ts';
import { definitionRules } from './definition-rules.ts';
import { deprovisionRules } from './deprovision-rules.ts';
import { diskRules } from './disk-rules.ts';
import { encryptionRules } from './encryption-rules.ts';
import { encryptionSetRules } from './encryption-set-rules.ts';
import { extensionRules } from './extension-rules.ts';
import { featureRules } from './feature-rules.ts';
import { galleryRules } from './gallery-rules.ts';
import { lifetimeRules } from './lifetime-rules.ts';
import { policyRules } from './policy-rules.ts';
import { regionRules } from './region-rules.ts';
import { returningDiskRules } from './restore-disk-rules.ts';
import type { Rule } from './rule.ts';
import { shallowRules } from './shallow-rules.ts';
import { snapshotRules } from './snapshot-rules.ts';
import { throwAwayRules } from './throw-away-rules.ts';
import { ephemeralRules } from './verified-rules.ts';
import { versionRules } from './version-rules.ts';
import { vmRules } from './vm-rules.ts';

/** The rules of a capture by chapter: a new rule goes into the one of what it looks at. */
export const captureChapters: Readonly<Record<string, readonly Rule<'capture'>[]>> = {
  'Build VM': vmRules,
  'Guest and deprovision': [...deprovisionRules, ...extensionRules],
  Disks: [...diskRules, ...returningDiskRules],
  Snapshots: snapshotRules,
  'Gallery and image definition': galleryRules,
  'VM against image definition': [...definitionRules, ...featureRules],
  Version: versionRules,
  'End of life': lifetimeRules,
  'Regions and replicas': [...regionRules, ...shallowRules],
  Encryption: [...encryptionRules, ...encryptionSetRules],
  Verification: [...ephemeralRules, ...throwAwayRules],
  'Locks and rights': accessRules,
  'Azure Policy': policyRules,
};

export const captureRules: readonly Rule<'capture'>[] = Object.values(captureChapters).flat();
