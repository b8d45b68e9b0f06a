import { promoteChangeRules } from './promote-change-rules.ts';
import { promoteCopyRules } from './promote-copy-rules.ts';
import type { PromoteRule } from './promote-facts.ts';

/** The rule book of a promotion by chapter. */
export const promoteChapters: Readonly<Record<string, readonly PromoteRule[]>> = {
  'Copy into another definition': promoteCopyRules,
  'Regions and latest': promoteChangeRules,
};

export const promoteRules: readonly PromoteRule[] = Object.values(promoteChapters).flat();
