import { accessRules } from './access-rules.ts';
import { restoreDiskRules } from './restore-disk-rules.ts';
import { restoreSnapshotRules } from './restore-snapshot-rules.ts';
import { restoreVmRules } from './restore-vm-rules.ts';
import type { Rule } from './rule.ts';

/** The rules of a restore by chapter. */
export const restoreChapters: Readonly<Record<string, readonly Rule<'restore'>[]>> = {
  VM: restoreVmRules,
  Disks: restoreDiskRules,
  Snapshots: restoreSnapshotRules,
  'Locks and rights': accessRules,
};

export const restoreRules: readonly Rule<'restore'>[] = Object.values(restoreChapters).flat();
