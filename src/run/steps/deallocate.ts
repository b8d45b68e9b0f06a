import type { StepOf } from '../../plan/plan.ts';
import type { StepContext } from '../ports.ts';
import { requireSameVm } from '../same-vm.ts';

/** Deallocates the VM: Azure advises it before generalize, and stops billing it. */
export async function deallocate(step: StepOf<'deallocate'>, context: StepContext): Promise<void> {
  await requireSameVm(context, step.vm);
  await context.compute.deallocateVm(step.vm);
}
