import { definitionRules } from './definition-rules.ts';
import { encryptionRules } from './encryption-rules.ts';
import type { Rule } from './rule.ts';
import { versionRules } from './version-rules.ts';
import { vmRules } from './vm-rules.ts';

/** The rule book of a capture. A new rule goes into the file of what it looks at. */
export const captureRules: readonly Rule[] = [
  ...vmRules,
  ...definitionRules,
  ...encryptionRules,
  ...versionRules,
];
