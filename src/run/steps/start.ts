import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';

/** Starts the stopped VM, so that its guest can be deprovisioned. */
export const start = (step: StepOf<'start'>, { compute }: Bench): Promise<void> =>
  compute.startVm(step.vm);
