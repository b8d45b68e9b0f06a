import type { Step } from './plan.ts';

/** Steps that follow one another: each needs the one before it. */
export function linked(steps: readonly Step[]): Step[] {
  return steps.map((each, index) => ({
    ...each,
    needs: steps.slice(Math.max(0, index - 1), index).map(({ id }) => id),
  }));
}
