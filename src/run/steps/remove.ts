import { owns } from '../../domain/owner.ts';
import { IMAGE, nameOf, parseResourceId } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';

/** Deletes what this owner made only to capture from; anybody else's under that name stays. */
export async function remove(step: StepOf<'remove'>, { compute, owner, report }: Bench) {
  await Promise.all(
    step.of.map(async (id) => {
      const isImage = parseResourceId(id)?.type === IMAGE;
      const found = await (isImage ? compute.image(id) : compute.snapshot(id));
      if (!found || !owns(owner, found.tags)) return;
      await (isImage ? compute.deleteImage(id) : compute.deleteSnapshot(id));
      report.say(step, `Deleted ${nameOf(id)}.`);
    }),
  );
}
