import { definitionAt } from '../../domain/features.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { verifyRunNeeds } from '../needed-rights.ts';
import { contextOf, type Known, type RuleContext } from './context.ts';

/** Draws together what the rules of a verification look at. */
export function verifyContext(known: Known<'verify'>): RuleContext<'verify'> {
  const { request, target, inventory, steps } = known;
  const isDone = target !== undefined && steps.length === 0;
  const needs = isDone ? [] : verifyRunNeeds(request);
  const { definition } = inventory;
  return {
    ...contextOf(known, needs),
    inventory: {
      ...inventory,
      definition: definition && definitionAt(definition, target && nameOf(target.version)),
    },
    definition: request.definition,
    made: true,
  };
}
