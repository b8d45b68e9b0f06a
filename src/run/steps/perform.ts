import type { Step, StepKind, StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';
import { deallocate } from './deallocate.ts';
import { deleteAll } from './delete.ts';
import { deprovision } from './deprovision.ts';
import { generalize } from './generalize.ts';
import { image } from './image.ts';
import { publish } from './publish.ts';
import { replicate } from './replicate.ts';
import { snapshot } from './snapshot.ts';
import { start } from './start.ts';
import { update } from './update.ts';

const PERFORM: { readonly [K in StepKind]: (step: StepOf<K>, bench: Bench) => Promise<void> } = {
  snapshot,
  start,
  deprovision,
  deallocate,
  generalize,
  image,
  publish,
  update,
  replicate,
  delete: deleteAll,
};

/** Does one step; returns when it is done, throws a `Failure` or `StaleFacts` when it cannot be. */
export const perform = (step: Step, bench: Bench): Promise<void> =>
  (PERFORM[step.do] as (step: Step, bench: Bench) => Promise<void>)(step, bench);
