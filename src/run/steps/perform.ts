import type { Step, StepKind, StepOf } from '../../plan/plan.ts';
import type { Interruption } from '../interruption.ts';
import type { StepContext } from '../ports.ts';
import { deallocate } from './deallocate.ts';
import { deleteAll } from './delete.ts';
import { deprovision } from './deprovision.ts';
import { generalize } from './generalize.ts';
import { image } from './image.ts';
import { publish } from './publish.ts';
import { replicate } from './replicate.ts';
import { create, detach, disks, dismiss, exchange, settle } from './restore.ts';
import { snapshot } from './snapshot.ts';
import { start } from './start.ts';
import { update } from './update.ts';
import { verify } from './verify.ts';

type Work<S> = (step: S, context: StepContext) => Promise<void> | Promise<Interruption | undefined>;

const WORK: { readonly [K in StepKind]: Work<StepOf<K>> } = {
  snapshot,
  start,
  deprovision,
  deallocate,
  generalize,
  disks,
  exchange,
  detach,
  create,
  dismiss,
  settle,
  image,
  publish,
  update,
  verify,
  replicate,
  delete: deleteAll,
};

/** Does one step; throws a `Failure` when it cannot be done. */
export async function perform(step: Step, context: StepContext): Promise<Interruption | undefined> {
  const work = WORK[step.do] as Work<Step>;
  return (await work(step, context)) ?? undefined;
}
