import type { StepOf } from '../../plan/plan.ts';
import type { StepContext } from '../ports.ts';

/** Makes the managed image that a definition takes in place of the VM. */
export async function image(step: StepOf<'image'>, { compute, tags }: StepContext) {
  const generation = (await compute.vm(step.vm))?.generation;
  await compute.createImage({
    id: step.image,
    location: step.location,
    vm: step.vm,
    tags,
    ...(generation && { generation }),
  });
}
