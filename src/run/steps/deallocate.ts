import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';
import { requireSameVm } from '../same-vm.ts';

/** Deallocates the VM: Azure advises it before generalize, and stops billing it. */
export async function deallocate(step: StepOf<'deallocate'>, bench: Bench): Promise<void> {
  await requireSameVm(bench, step.vm);
  await bench.compute.deallocateVm(step.vm);
}
