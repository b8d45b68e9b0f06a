import { isRefusal } from '../domain/failure.ts';
import type { Step } from '../plan/plan.ts';
import type { Interruption } from './interruption.ts';
import type { StepContext } from './step-context.ts';
import { PERFORM, type Perform } from './steps/perform.ts';

/**
 * Carries out a plan, step by step, until it is done or interrupted; throws the first failure. What Azure
 * refuses to a prune keeps nothing else from going, but a throw-away VM its version, which comes last.
 */
export async function runPlan(
  steps: readonly Step[],
  context: StepContext,
): Promise<Interruption | undefined> {
  const refusals: unknown[] = [];
  for (const step of steps) {
    const interruption = await runStep(step, context).catch((thrown: unknown) => {
      const isOfPrune = context.target.operation === 'prune' && isRefusal(thrown);
      const isOfVm = step.do === 'delete' && step.label === 'earlier-verify-vm';
      if (!isOfPrune || isOfVm) throw thrown;
      refusals.push(thrown);
      return undefined;
    });
    if (interruption) return interruption;
  }
  if (refusals.length > 0) throw refusals[0];
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
    const perform = PERFORM[step.do] as Perform<Step>;
    const interruption = (await perform(step, context)) ?? undefined;
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
