import { parseResourceId } from '../domain/resource-id.ts';
import type { NeededRight } from './needed-rights.ts';
import type { Step, StepKind } from './plan.ts';

/**
 * Which kinds of step fail without an action, by its end; other deletions go by what is deleted. A run
 * command that is not deleted does no harm.
 */
const USED_BY: readonly (readonly [end: string, kinds: readonly StepKind[]])[] = [
  ['virtualMachines/runCommand/action', ['deprovision', 'verify']],
  ['virtualMachines/retrieveBootDiagnosticsData/action', ['deprovision']],
  ['virtualMachines/runCommands/read', ['deprovision']],
  ['virtualMachines/runCommands/write', ['deprovision']],
  ['virtualMachines/runCommands/delete', []],
  ['virtualMachines/write', ['deprovision', 'publish', 'verify', 'exchange', 'detach', 'create']],
  ['subnets/join/action', ['verify']],
  ['virtualMachines/start/action', ['start']],
  ['virtualMachines/deallocate/action', ['deallocate']],
  ['virtualMachines/generalize/action', ['generalize']],
  ['disks/write', ['disks', 'exchange', 'create', 'settle']],
  ['networkInterfaces/join/action', ['create']],
  ['disks/beginGetAccess/action', ['snapshot']],
  ['snapshots/write', ['snapshot']],
  ['snapshots/beginGetAccess/action', ['publish', 'disks']],
  ['images/write', ['image']],
  ['versions/write', ['publish', 'update']],
];

/** Run commands are no step's resources. */
const isDelete = (action: string): boolean =>
  action.endsWith('/delete') && !action.includes('/runCommands/');

/**
 * Those of the rights that this plan will use, whatever happens: without one it fails. The others are
 * for what shows later only, such as deleting a version that fails.
 */
export function plannedOf(needs: readonly NeededRight[], steps: readonly Step[]): NeededRight[] {
  const kinds = new Set(steps.map((each) => each.do));
  const deleted = steps.flatMap((each) => (each.do === 'delete' ? each.resources : []));
  const types = new Set(deleted.map((id) => parseResourceId(id)?.type.toLowerCase()));
  return needs.filter(({ action }) => {
    if (isDelete(action)) return types.has(action.toLowerCase().replace(/\/delete$/, ''));
    const uses = USED_BY.find(([end]) => action.endsWith(end))?.[1];
    return !uses || uses.some((kind) => kinds.has(kind));
  });
}
