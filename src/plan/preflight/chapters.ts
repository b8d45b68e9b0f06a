import { accessRules, policyRules } from './access-rules.ts';
import { type Checked, contextOf, type Known } from './context.ts';
import { definitionRules } from './definition-rules.ts';
import { deprovisionRules } from './deprovision-rules.ts';
import { diskRules, returningDiskRules } from './disk-rules.ts';
import { confidentialRules, encryptionRules, encryptionSetRules } from './encryption-rules.ts';
import { galleryRules, galleryState } from './gallery-rules.ts';
import { promoteChangeRules } from './promote-change-rules.ts';
import { promoteLatestRules } from './promote-latest-rules.ts';
import { promoteCopyRules, sourceRules } from './promote-source-rules.ts';
import { pruneRules, usageRules } from './prune-rules.ts';
import { regionRules, shallowRules } from './region-rules.ts';
import { restoreDiskRules, restoreSnapshotRules } from './restore-disk-rules.ts';
import { restoreVmRules } from './restore-vm-rules.ts';
import { type Judgement, judge, type Rules } from './rule.ts';
import { snapshotRules } from './snapshot-rules.ts';
import { ephemeralRules, throwAwayRules } from './throw-away-rules.ts';
import { lifetimeRules, versionRules } from './version-rules.ts';
import { vmRules } from './vm-rules.ts';

/** The rules of each operation by chapter: a new rule goes into the one of what it looks at. */
export const CHAPTERS: {
  readonly [O in Checked]: Readonly<Record<string, Rules<O>>>;
} = {
  capture: {
    'Build VM': vmRules,
    'Guest and deprovision': deprovisionRules,
    Disks: { ...diskRules, ...returningDiskRules },
    Snapshots: snapshotRules,
    'Gallery and image definition': galleryRules,
    'VM against image definition': definitionRules,
    Version: versionRules,
    'End of life': lifetimeRules,
    'Regions and replicas': { ...regionRules, ...shallowRules },
    Encryption: { ...encryptionRules, ...encryptionSetRules },
    Verification: { ...ephemeralRules, ...throwAwayRules },
    'Locks and rights': accessRules,
    'Azure Policy': policyRules,
  },
  promote: {
    'Version to promote': sourceRules,
    'Copy into another definition': { ...promoteCopyRules, 'gallery-state': galleryState },
    'What changes about the version': promoteChangeRules,
    'What `latest` means, and what comes last': promoteLatestRules,
    'End of life': lifetimeRules,
    'Regions and replicas': regionRules,
    Encryption: { ...encryptionSetRules, ...confidentialRules },
    Verification: throwAwayRules,
    'Locks and rights': accessRules,
    'Azure Policy': policyRules,
  },
  verify: {
    'Throw-away VM': throwAwayRules,
    'Locks and rights': accessRules,
    'Azure Policy': policyRules,
  },
  prune: {
    'Versions to delete': pruneRules,
    'Users of the image': usageRules,
    'Locks and rights': accessRules,
  },
  restore: {
    VM: restoreVmRules,
    Disks: restoreDiskRules,
    Snapshots: restoreSnapshotRules,
    'Locks and rights': accessRules,
  },
};

/** The rules of an operation, in the order in which their findings are told. */
export const rulesOf = <O extends Checked>(operation: O) =>
  Object.values<Rules<O>>(CHAPTERS[operation]).flatMap((rules) =>
    Object.entries(rules).map(([id, rule]) => ({ ...rule, id })),
  );

/** Checks an operation before the first change, by all its rules. */
export const preflight = <O extends Checked>(operation: O, known: Known<O>): Judgement =>
  judge(rulesOf(operation), contextOf(operation, known));
