import { nameOf } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { StepContext } from '../ports.ts';

/** Takes the snapshots of all disks at once, so that they are as close in time as can be. */
export async function snapshot(step: StepOf<'snapshot'>, { compute, tags, report }: StepContext) {
  await Promise.all(
    step.of.map(async ({ disk, snapshot: id, location }) => {
      await compute.createSnapshot({
        id,
        disk,
        location,
        purpose: step.purpose,
        tags: { ...tags, ...step.tags },
      });
      report.say(step, `${nameOf(disk)} → ${nameOf(id)}`);
    }),
  );
  if (step.purpose === 'rollback') report.snapshotsTaken(step.all.map((entry) => entry.snapshot));
}
