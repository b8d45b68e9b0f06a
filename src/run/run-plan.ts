import type { Step } from '../plan/plan.ts';
import type { Bench } from './ports.ts';
import { perform } from './steps/perform.ts';

/**
 * Carries out a plan: every step as soon as all it needs is done, several at once where they may
 * overlap. After a failure nothing new is started, what runs is let finish, and the first failure
 * is thrown.
 */
export async function runPlan(steps: readonly Step[], bench: Bench): Promise<void> {
  const done = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  for (;;) {
    const ready = failures.length > 0 ? [] : steps.filter((step) => isReady(step, done, running));
    for (const step of ready) {
      running.set(
        step.id,
        runStep(step, bench, () => perform(step, bench))
          .then(() => void done.add(step.id))
          .catch((failure: unknown) => void failures.push(failure)),
      );
    }
    const open = [...running].filter(([id]) => !done.has(id)).map(([, promise]) => promise);
    if (failures.length > 0) {
      await Promise.all(open);
      throw failures[0];
    }
    if (open.length === 0) break;
    await Promise.race(open);
  }
  if (done.size < steps.length)
    throw new Error(`Steps that can never start: ${unreached(steps, done).join(', ')}`);
}

const isReady = (step: Step, done: Set<string>, running: Map<string, unknown>): boolean =>
  !running.has(step.id) && step.needs.every((id) => done.has(id));

const unreached = (steps: readonly Step[], done: Set<string>): string[] =>
  steps.map(({ id }) => id).filter((id) => !done.has(id));

/** Does one step and tells the listener; throws what it throws. */
export async function runStep(
  step: Step,
  { signal, report }: Pick<Bench, 'signal' | 'report'>,
  work: () => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const began = Date.now();
  const seconds = () => (Date.now() - began) / 1000;
  report.stepStarted(step);
  try {
    await work();
    report.stepEnded(step, seconds());
  } catch (failure) {
    report.stepEnded(step, seconds(), failure);
    throw failure;
  }
}
