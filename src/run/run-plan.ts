import type { Step } from '../plan/plan.ts';
import type { Interruption } from './interruption.ts';
import type { StepContext } from './ports.ts';
import { perform } from './steps/perform.ts';

/** Carries out a plan, step by step, until it is done or interrupted; throws the first failure. */
export async function runPlan(
  steps: readonly Step[],
  context: StepContext,
): Promise<Interruption | undefined> {
  for (const step of steps) {
    const interruption = await runStep(step, context);
    if (interruption) return interruption;
  }
  return undefined;
}

/** Does one step and tells the listener; throws what it throws. */
async function runStep(step: Step, context: StepContext): Promise<Interruption | undefined> {
  const { signal, report } = context;
  signal.throwIfAborted();
  const began = Date.now();
  const seconds = () => (Date.now() - began) / 1000;
  report.stepStarted(step);
  try {
    const interruption = await perform(step, context);
    report.stepEnded(step, seconds(), endOf(interruption));
    return interruption;
  } catch (failure) {
    report.stepEnded(step, seconds(), failure);
    throw failure;
  }
}

/** How a step ended: one that brings a verdict has done its work, and failed only if the image did. */
const endOf = (interruption: Interruption | undefined): unknown =>
  interruption?.is === 'verified' ? interruption.failure : interruption;
