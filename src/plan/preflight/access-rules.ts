import type { Lock } from '../../domain/circumstances.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { allows } from '../needed-rights.ts';
import { number } from './context.ts';
import type { Rule } from './rule.ts';

const LOCKED = 'because following scope(s) are locked: ';

/** Rules on what forbids the run although everything fits: locks, and missing rights. */
export const accessRules: readonly Rule[] = [
  {
    id: 'locked',
    severity: 'error',
    needs: ['locks'],
    when: 'a lock is on something that the plan deletes',
    azure: {
      says: `The scope '…' cannot perform delete operation ${LOCKED}'…'. Please remove the lock and try again.`,
    },
    looksAt: ['locks on, above and below what the plan deletes', 'the plan'],
    remedy:
      'Remove the lock, or leave out what asks for the deletion: `after-capture: delete`, `snapshot-retention`, a definition that needs a temporary source, a failed version that is to be made anew.',
    check: ({ deletions, locks = [] }) => {
      const stuck = heldBy(
        locks,
        deletions,
        (id, { scope }) => within(id, scope) || within(scope, id),
      );
      return stuck ? { message: `The plan deletes what is locked: ${stuck}.` } : undefined;
    },
  },
  {
    id: 'locked-read-only',
    severity: 'error',
    needs: ['locks'],
    when: 'a read-only lock is on something that the plan changes, or on what is to hold it',
    azure: {
      says: `The scope '…' cannot perform write operation ${LOCKED}'…'. Please remove the lock and try again.`,
    },
    looksAt: ['locks on and above what the plan changes', 'the plan'],
    remedy:
      'Remove the lock for as long as the run takes, or replace it by one of level CanNotDelete, which lets everything be changed.',
    check: ({ changes, locks = [] }) => {
      const stuck = heldBy(
        locks,
        changes,
        (id, { level, scope }) => level === 'ReadOnly' && within(id, scope),
      );
      return stuck
        ? { message: `The plan changes what is locked read-only: ${stuck}.` }
        : undefined;
    },
  },
  {
    id: 'rights-missing',
    severity: 'warning',
    dryRunSeverity: 'notice',
    needs: ['rights'],
    when: 'the identity lacks an action that the run will need, as far as Azure tells',
    azure: {
      says: "The client '…' with object id '…' does not have authorization to perform action '…' over scope '…'",
    },
    looksAt: [
      'permissions of the identity on the VM, its resource group, the definitions and the disk encryption sets',
    ],
    remedy:
      'Give the identity a role with these actions (docs/permissions.md has them ready). Best effort: Azure does not tell of conditions, deny assignments and Privileged Identity Management here. A pull request’s identity needs only what reads.',
    check: ({ needs, inventory }) => {
      const missing = needs.filter(({ action, scope }) => {
        const told = inventory.rights.find((each) => sameId(each.scope, scope));
        return told && !allows(told.permissions, action);
      });
      if (missing.length === 0) return undefined;
      const kind = missing.some(({ action }) => action.endsWith('/read'))
        ? 'that it needs'
        : 'to change something';
      const listed = Object.entries(Object.groupBy(missing, ({ scope }) => scope))
        .map(
          ([scope, rights = []]) => `${rights.map(({ action }) => action).join(', ')} on ${scope}`,
        )
        .join('; ');
      return {
        message: `This identity lacks ${number(missing.length, 'a right', 'rights')} ${kind}: ${listed}.`,
      };
    },
  },
];

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
        ? [`${held.join(', ')} by the lock ${lock.name} on ${lock.scope}`]
        : [];
    })
    .join('; ');

/** Whether a resource is at or below a scope. */
const within = (id: string, scope: string): boolean =>
  `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());
