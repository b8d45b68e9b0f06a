import { accessRules } from './access-rules.ts';
import { policyRules } from './policy-rules.ts';
import type { Rule } from './rule.ts';
import { throwAwayRules } from './throw-away-rules.ts';

/** The rules of a verification by chapter. */
export const verifyChapters: Readonly<Record<string, readonly Rule<'verify'>[]>> = {
  'Throw-away VM': throwAwayRules,
  'Locks and rights': accessRules,
  'Azure Policy': policyRules,
};

export const verifyRules: readonly Rule<'verify'>[] = Object.values(verifyChapters).flat();
