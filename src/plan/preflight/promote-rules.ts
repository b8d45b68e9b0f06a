import { promoteChangeRules } from './promote-change-rules.ts';
import { promoteCopyRules } from './promote-copy-rules.ts';
import type { PromoteRule } from './promote-facts.ts';
import { promoteLatestRules } from './promote-latest-rules.ts';

/** The rule book of a promotion by chapter. */
export const promoteChapters: Readonly<Record<string, readonly PromoteRule[]>> = {
  'Copy into another definition': promoteCopyRules,
  'What changes about the version': promoteChangeRules,
  'What `latest` means, and what comes last': promoteLatestRules,
};

export const promoteRules: readonly PromoteRule[] = Object.values(promoteChapters).flat();
