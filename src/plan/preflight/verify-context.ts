import { definitionAt } from '../../domain/features.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { Lock } from '../../domain/subscription.ts';
import { verifyRunNeeds } from '../needed-rights.ts';
import { type Step, writesOf } from '../plan.ts';
import { plannedOf } from '../planned-rights.ts';
import { commonLacks, NO_NEW_VERSION, needsAmong, type RuleContext } from './context.ts';

/** What was seen, and what came of it. */
interface VerifyKnown
  extends Pick<RuleContext<'verify'>, 'request' | 'inventory' | 'target' | 'dryRun'> {
  readonly steps: readonly Step[];
  readonly locks?: readonly Lock[] | undefined;
}

/** Draws together what the rules of a verification look at. */
export function verifyContext({ steps, locks, ...known }: VerifyKnown): RuleContext<'verify'> {
  const { request, target, inventory } = known;
  const isDone = target !== undefined && steps.length === 0;
  const needs = isDone ? [] : verifyRunNeeds(request);
  const { definition } = inventory;
  return {
    ...known,
    inventory: {
      ...inventory,
      definition: definition && definitionAt(definition, target && nameOf(target.version)),
    },
    definition: request.definition,
    ...NO_NEW_VERSION,
    made: true,
    needs,
    planned: plannedOf(needs, steps),
    ...writesOf(steps),
    lacks: needsAmong({ ...commonLacks(inventory, locks), regions: false }),
    ...(locks && { locks }),
  };
}
