import { nameOf } from '../../domain/resource-id.ts';
import type { Denial } from '../../domain/subscription.ts';
import { policyRemedy } from '../policy-remedy.ts';
import type { Rule } from './rule.ts';

/** Rules on what Azure Policy says beforehand. */
export const policyRules: readonly Rule[] = [
  {
    id: 'policy-denies',
    severity: 'error',
    when: 'Azure Policy says that it denies a snapshot, managed image, version or throw-away VM as the plan makes it',
    azure: { says: "Resource '…' was disallowed by policy. Policy identifiers: '…'." },
    looksAt: [
      'the answer of Azure Policy on what the plan makes, where a role names Microsoft.PolicyInsights/checkPolicyRestrictions/read',
    ],
    remedy:
      'Send what the policy asks for, such as `tags`, or ask whoever owns the assignment for an exemption.',
    isAsked: ({ inventory }) => inventory.denials !== undefined,
    check: ({ inventory: { denials = [] } }) =>
      denials.length > 0
        ? {
            message: `Azure Policy is going to refuse to ${denials.map(described).join('; to ')}.`,
            remedy: [...new Set(denials.map(({ doing }) => policyRemedy(doing)))].join(' '),
          }
        : undefined,
  },
];

function described({ doing, policy, assignment, fields }: Denial): string {
  const by = policy ? `the policy \`${nameOf(policy)}\`` : 'a policy that it does not name';
  const where = assignment ? ` (assigned as \`${assignment}\`)` : '';
  const looks = fields.length > 0 ? `, which looks at ${fields.join(', ')}` : '';
  return `${doing}, by ${by}${where}${looks}`;
}
