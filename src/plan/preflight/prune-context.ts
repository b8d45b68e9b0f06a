import { pruneNeeds } from '../needed-rights.ts';
import { contextOf, type Known, type RuleContext } from './context.ts';

/** Draws together what the rules of a prune look at; nothing is made by one. */
export const pruneContext = (
  known: Known<'prune'>,
  pruning: NonNullable<RuleContext['pruning']>,
): RuleContext<'prune'> => ({
  ...contextOf(known, known.steps.length > 0 ? pruneNeeds(known.request) : []),
  pruning,
  definition: known.request.definition,
  made: true,
});
