import { isWithin, nameOf, sameId } from '../../domain/resource-id.ts';
import {
  type Denial,
  forbidsDeletion,
  type Lock,
  type ScopeRights,
} from '../../domain/subscription.ts';
import { number, quoted } from '../../domain/words.ts';
import { allows, type NeededRight, neededRights, plannedOf } from '../needed-rights.ts';
import { policyRemedy } from '../policy-remedy.ts';
import type { Checked, RuleContext } from './context.ts';
import type { Answer, Rules } from './rule.ts';

const LOCKED = 'because following scope(s) are locked: ';

/** What the rules on missing rights have in common. */
const rights = {
  dryRunSeverity: 'notice',
  needs: ['rights'],
  azure: {
    says: "The client '…' with object id '…' does not have authorization to perform action '…' over scope '…'",
  },
  looksAt: [
    'permissions of the identity on the VM, its resource group, the definitions and the disk encryption sets',
    'the plan',
  ],
} as const;

/** What asks for a deletion, in the words that end the remedy. */
const ASKING: Readonly<Record<Checked, string>> = {
  capture:
    ': `after-capture: delete`, `snapshot-retention`, a definition that needs a temporary source, a failed version that is to be created again',
  promote: ': a failed version that is to be created again',
  verify: '',
  prune: '',
  restore: ': `old-disks: delete` or `recreate: true`',
};

/** Rules on what forbids the run although everything fits: locks, and missing rights. */
export const accessRules: Rules = {
  locked: {
    severity: 'error',
    needs: ['locks'],
    when: 'a lock is on something that the plan deletes',
    azure: {
      says: `The scope '…' cannot perform delete operation ${LOCKED}'…'. Please remove the lock and try again.`,
    },
    looksAt: ['locks on, above and below what the plan deletes', 'the plan'],
    remedy:
      'Remove the lock, or leave out what asks for the deletion, such as `after-capture: delete` or `snapshot-retention` of a capture, `old-disks: delete` or `recreate: true` of a restore.',
    check: ({ request: { operation }, deletions, locks = [] }) => {
      const stuck = heldBy(locks, deletions, forbidsDeletion);
      return (
        stuck && {
          message: `The plan deletes what is locked: ${stuck}.`,
          remedy: `Remove the lock, or leave out what asks for the deletion${ASKING[operation]}.`,
        }
      );
    },
  },
  'locked-read-only': {
    severity: 'error',
    needs: ['locks'],
    when: 'a read-only lock is on something that the plan changes, or on what is to hold it',
    azure: {
      says: `The scope '…' cannot perform write operation ${LOCKED}'…'. Please remove the lock and try again.`,
    },
    looksAt: ['locks on and above what the plan changes', 'the plan'],
    remedy:
      'Remove the lock for as long as the run takes, or replace it by one of level CanNotDelete, which allows changes.',
    check: ({ changes, locks = [] }) => {
      const stuck = heldBy(
        locks,
        changes,
        (id, { level, scope }) => level === 'ReadOnly' && isWithin(id, scope),
      );
      return stuck && `The plan changes what is locked read-only: ${stuck}.`;
    },
  },
  'rights-missing': {
    ...rights,
    severity: 'error',
    when: 'the identity lacks an action that the plan uses, by what Azure lists as granted',
    remedy:
      'Give the identity a role with these actions: docs/permissions.md has them ready. A new role assignment needs a few minutes to be listed. The identity of a pull request needs only rights to read.',
    check: (facts) => (isCertain(facts) ? lack(facts) : undefined),
  },
  'rights-doubtful': {
    ...rights,
    severity: 'warning',
    when: 'the identity lacks an action for what may come up later, or Azure lists less as granted than was allowed just now',
    remedy:
      'Give the identity a role with these actions: docs/permissions.md has them ready. They are for what shows later, such as a version that fails and is deleted, or Azure’s list of what is granted is incomplete.',
    check: (facts) => (isCertain(facts) ? undefined : lack(facts)),
  },
};

/** Whether Azure tells what is granted at a right's scope, and the action is not among it. */
const isUnlisted = ({ action, scope }: NeededRight, rights: readonly ScopeRights[]): boolean => {
  const told = rights.find((each) => sameId(each.scope, scope));
  return told !== undefined && !allows(told.permissions, action);
};

/** The same where the list can be relied on: it has what this run has just been allowed to read there. */
function isDenied(need: NeededRight, rights: readonly ScopeRights[]): boolean {
  if (!isUnlisted(need, rights)) return false;
  const read = READ_AT.find(([type]) => need.scope.toLowerCase().includes(type))?.[1];
  return read === undefined || !isUnlisted({ action: read, scope: need.scope }, rights);
}

/** What a run reads of each resource before it judges its rights there. */
const READ_AT: readonly (readonly [type: string, action: string])[] = [
  ['/virtualmachines/', 'Microsoft.Compute/virtualMachines/read'],
  ['/galleries/', 'Microsoft.Compute/galleries/images/versions/read'],
];

/** The rights that the run needs; none when it has nothing to do. */
function needsOf({ request, target, made, steps, regions, inventory }: RuleContext): NeededRight[] {
  const isDone =
    request.operation === 'capture'
      ? made
      : steps.length === 0 && (target !== undefined || request.operation === 'prune');
  if (isDone) return [];
  const { vm, definition } = inventory;
  const from = target?.operation === 'capture' ? target.source?.from : undefined;
  return neededRights(request, { vm, definition, from, regions });
}

/** Whether the plan fails for want of a right: of all of them, while there is no plan. */
function isCertain(context: RuleContext): boolean {
  const { steps, inventory } = context;
  const needs = needsOf(context);
  const planned = steps.length > 0 ? plannedOf(needs, steps) : needs;
  return planned.some((need) => isDenied(need, inventory.rights));
}

/** All that is not listed, so that a role can be mended at once. */
function lack(context: RuleContext): Answer {
  const { rights } = context.inventory;
  const missing = needsOf(context).filter((need) => isUnlisted(need, rights));
  if (missing.length === 0) return undefined;
  const kind = missing.some(({ action }) => action.endsWith('/read'))
    ? 'that it needs'
    : 'to change something';
  const listed = Object.entries(Object.groupBy(missing, ({ scope }) => scope))
    .map(
      ([scope, rights = []]) => `- ${quoted(rights.map(({ action }) => action))} on \`${scope}\``,
    )
    .join(';\n');
  return `This identity lacks ${number(missing.length, 'a right', 'rights')} ${kind}:\n${listed}.`;
}

/** The resources that each lock holds, with the lock; empty when none holds any. */
const heldBy = (
  locks: readonly Lock[],
  ids: readonly string[],
  holds: (id: string, lock: Lock) => boolean,
): string =>
  locks
    .flatMap((lock) => {
      const held = ids.filter((id) => holds(id, lock)).map(nameOf);
      return held.length > 0
        ? [`${held.join(', ')} by the lock \`${lock.name}\` on \`${lock.scope}\``]
        : [];
    })
    .join('; ');

/** Rules on what Azure Policy says beforehand. */
export const policyRules: Rules = {
  'policy-denies': {
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
};

function described({ doing, policy, assignment, fields }: Denial): string {
  const by = policy ? `the policy \`${nameOf(policy)}\`` : 'a policy that it does not name';
  const where = assignment ? ` (assigned as \`${assignment}\`)` : '';
  const looks = fields.length > 0 ? `, which looks at ${fields.join(', ')}` : '';
  return `${doing}, by ${by}${where}${looks}`;
}
