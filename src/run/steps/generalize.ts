import { refused } from '../../domain/failure.ts';
import { deprovisionMark } from '../../domain/owner.ts';
import type { Vm } from '../../domain/vm.ts';
import type { StepOf } from '../../plan/plan.ts';
import { partsThatGo } from '../../plan/restore.ts';
import type { StepContext } from '../ports.ts';
import { ifAllowed } from '../reading.ts';
import { isSameVm } from '../same-vm.ts';

/**
 * Marks the VM generalized, which nothing can undo. So it is looked at once more: a VM that is
 * merely stopped, without this run having seen its deprovision complete, is never generalized.
 */
export async function generalize(step: StepOf<'generalize'>, context: StepContext) {
  const { compute, target } = context;
  const vm = await compute.vm(step.vm);
  const doubt = !vm
    ? 'it is gone'
    : isSameVm(context, vm)
      ? doubtAbout(vm, target.owner, step.vouched)
      : 'another VM has its name now';
  if (doubt)
    throw refused({
      what: `The VM was not generalized: ${doubt}.`,
      why: 'Somebody, or something, changed the VM during this run.',
      remedy:
        'Nothing irreversible was done to the VM resource. Look at its activity log, then run again.',
    });
  if (vm) await keepParts(vm, context);
  await compute.generalizeVm(step.vm);
}

/**
 * A generalized VM can only come back when it is deleted and created again: what has snapshots must
 * outlive it, and no later change is allowed.
 */
async function keepParts(vm: Vm, { compute, target, report }: StepContext): Promise<void> {
  const hasSnapshots = target.operation === 'capture' && target.snapshots.length > 0;
  if (!hasSnapshots || partsThatGo(vm).length === 0) return;
  await ifAllowed(compute.deleteWithVm(vm.id, []), ({ what }) =>
    report.warn(
      `Azure did not let disks and network interfaces of \`${vm.name}\` outlive it: ${what} A restore with \`recreate: true\` is refused then.`,
    ),
  );
}

function doubtAbout(vm: Vm, owner: string, vouched: boolean): string | undefined {
  if (vm.power !== 'deallocated' && vm.power !== 'stopped') return `it is ${vm.power}`;
  if (vouched) return undefined;
  const mark = deprovisionMark(vm.tags);
  return mark?.stage === 'complete' && mark.owner === owner
    ? undefined
    : 'it does not carry the mark that this run saw its deprovision complete';
}
