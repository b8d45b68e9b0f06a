import type { Step } from '../plan/plan.ts';
import type { Bench } from './ports.ts';
import { perform } from './steps/perform.ts';

/** Carries out a plan, step by step; the first failure ends it. */
export async function runPlan(steps: readonly Step[], bench: Bench): Promise<void> {
  for (const step of steps) await runStep(step, bench);
}

/** Does one step and tells the listener; throws what it throws. */
async function runStep(step: Step, bench: Bench): Promise<void> {
  const { signal, report } = bench;
  signal.throwIfAborted();
  const began = Date.now();
  const seconds = () => (Date.now() - began) / 1000;
  report.stepStarted(step);
  try {
    await perform(step, bench);
    report.stepEnded(step, seconds());
  } catch (failure) {
    report.stepEnded(step, seconds(), failure);
    throw failure;
  }
}
