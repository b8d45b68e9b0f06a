import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';

/** Deallocates the VM: Azure advises it before generalize, and stops billing it. */
export const deallocate = (step: StepOf<'deallocate'>, { compute }: Bench): Promise<void> =>
  compute.deallocateVm(step.vm);
