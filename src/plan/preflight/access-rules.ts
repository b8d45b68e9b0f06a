import { nameOf, sameId } from '../../domain/resource-id.ts';
import { allows, captureNeeds } from '../needed-rights.ts';
import type { CaptureFacts, CaptureRule } from './capture-facts.ts';

/** Rules on what forbids the run although everything fits: locks, and missing rights. */
export const accessRules: readonly CaptureRule[] = [
  {
    id: 'locked',
    severity: 'error',
    needs: ['locks'],
    when: 'a lock is on something that the plan deletes (looked at only when it deletes anything)',
    azure: {
      says: "The scope '…' cannot perform delete operation because following scope(s) are locked: '…'. Please remove the lock and try again.",
    },
    looksAt: ['locks on, above and below what the plan deletes', 'the plan'],
    remedy:
      'Remove the lock, or leave out what asks for the deletion: `after-capture: delete`, `snapshot-retention`, a definition that needs a temporary source.',
    check: ({ deletions, locks = [] }) => {
      const stuck = deletions.flatMap((id) => {
        const lock = locks.find(({ scope }) => within(id, scope) || within(scope, id));
        return lock ? [`${nameOf(id)} by the lock ${lock.name} on ${lock.scope}`] : [];
      });
      return stuck.length > 0
        ? { message: `The plan deletes what is locked: ${stuck.join(', ')}.` }
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
    looksAt: ['permissions of the identity on the VM, its resource group and the definition'],
    remedy:
      'Give the identity a role with these actions (docs/permissions.md has them ready). Best effort: Azure does not tell of conditions, deny assignments and Privileged Identity Management here. A pull request’s identity needs only what reads.',
    check: ({ request, survey, target, mine }: CaptureFacts) => {
      if (mine) return undefined;
      const osState = survey.definition?.osState;
      const source = target?.source?.from;
      const osType = survey.vm?.osType;
      const needs = {
        request,
        ...(osState && { osState }),
        ...(source && { source }),
        ...(osType && { osType }),
      };
      const missing = captureNeeds(needs).filter(({ action, scope }) => {
        const told = survey.rights.find((each) => sameId(each.scope, scope));
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
      return { message: `This identity lacks rights ${kind}: ${listed}.` };
    },
  },
];

/** Whether a resource is at or below a scope. */
const within = (id: string, scope: string): boolean =>
  `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());
