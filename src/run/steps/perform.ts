import type { Step } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';
import { deallocate } from './deallocate.ts';
import { deprovision } from './deprovision.ts';
import { discard } from './discard.ts';
import { generalize } from './generalize.ts';
import { image } from './image.ts';
import { prune } from './prune.ts';
import { publish } from './publish.ts';
import { remove } from './remove.ts';
import { replicate } from './replicate.ts';
import { retire } from './retire.ts';
import { snapshot } from './snapshot.ts';
import { start } from './start.ts';
import { update } from './update.ts';

/** Does one step; returns when it is done, throws a `Failure` or `StaleFacts` when it cannot be. */
export function perform(step: Step, bench: Bench): Promise<void> {
  switch (step.do) {
    case 'snapshot':
      return snapshot(step, bench);
    case 'start':
      return start(step, bench);
    case 'deprovision':
      return deprovision(step, bench);
    case 'deallocate':
      return deallocate(step, bench);
    case 'generalize':
      return generalize(step, bench);
    case 'image':
      return image(step, bench);
    case 'remove':
      return remove(step, bench);
    case 'prune':
      return prune(step, bench);
    case 'retire':
      return retire(step, bench);
    case 'discard':
      return discard(step, bench);
    case 'update':
      return update(step, bench);
    case 'publish':
      return publish(step, bench);
    case 'replicate':
      return replicate(step, bench);
  }
}
