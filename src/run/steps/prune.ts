import { nameOf } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';

/** Deletes the snapshots of earlier runs that `snapshot-retention` lets go. */
export async function prune(step: StepOf<'prune'>, { compute, report }: Bench) {
  await Promise.all(
    step.of.map(async (id) => {
      await compute.deleteSnapshot(id);
      report.say(step, `Deleted ${nameOf(id)}.`);
    }),
  );
}
