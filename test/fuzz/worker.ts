/** A process that runs trials for `main.ts`, one after the other: `{trial, shrinks}` in, findings out. */
import type { FuzzCase } from './case.ts';
import type { Violation } from './invariants.ts';
import { judge } from './judge.ts';
import { shrink } from './shrink.ts';

export interface Task {
  readonly trial: FuzzCase;
  /** How many smaller cases may be tried when it fails. */
  readonly shrinks: number;
}

export interface Result {
  readonly trial: FuzzCase;
  readonly violations: readonly Violation[];
  readonly seconds: number;
}

process.on('message', async ({ trial, shrinks }: Task) => {
  const began = Date.now();
  const result = await resultOf(trial, shrinks).catch((error: unknown) => ({
    trial,
    violations: [{ kind: 'defect of the trial', detail: String((error as Error).stack) }],
  }));
  process.send?.({ ...result, seconds: (Date.now() - began) / 1000 });
});

async function resultOf(trial: FuzzCase, shrinks: number) {
  const violations = await judge(trial);
  const [first] = violations;
  if (first === undefined || shrinks === 0) return { trial, violations };
  const fails = async (smaller: FuzzCase) =>
    (await judge(smaller)).some(({ kind }) => kind === first.kind);
  return { trial: await shrink(trial, fails, shrinks), violations };
}
