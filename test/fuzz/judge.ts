import type { FuzzCase } from './case.ts';
import { type Violation, violations } from './invariants.ts';
import { courseOf } from './trial.ts';

/** Runs a trial and says what is wrong; empty when nothing is. */
export async function judge(trial: FuzzCase): Promise<Violation[]> {
  const found = violations(trial, await courseOf(trial));
  if (!found.some(({ kind }) => kind === 'does not converge')) return found;
  // A run that is refused in fair weather as well was asked for something that cannot be.
  const fair = await courseOf({ ...trial, weather: {}, attempts: [] });
  const isPossible = fair.attempts.at(-1)?.run.exitCode === 0;
  return isPossible ? found : found.filter(({ kind }) => kind !== 'does not converge');
}
