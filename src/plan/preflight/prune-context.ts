import type { Inventory } from '../../domain/observed.ts';
import type { PruneRequest } from '../../domain/request.ts';
import type { PruneTarget } from '../../domain/target.ts';
import { pruneNeeds } from '../needed-rights.ts';
import { type Step, writesOf } from '../plan.ts';
import { plannedOf } from '../planned-rights.ts';
import { NO_NEW_VERSION, needsAmong, type RuleContext } from './context.ts';

/** What was seen, and what came of it. */
interface PruneKnown {
  readonly request: PruneRequest;
  readonly target: PruneTarget | undefined;
  readonly dryRun: boolean;
  readonly inventory: Inventory;
  readonly pruning: NonNullable<RuleContext['pruning']>;
  readonly steps: readonly Step[];
  readonly locks: RuleContext['locks'] | undefined;
}

/** Draws together what the rules of a prune look at; nothing is made by one. */
export function pruneContext({ steps, locks, ...known }: PruneKnown): RuleContext<'prune'> {
  const { request, inventory } = known;
  const needs = steps.length > 0 ? pruneNeeds(request) : [];
  return {
    ...known,
    definition: request.definition,
    ...NO_NEW_VERSION,
    made: true,
    needs,
    planned: plannedOf(needs, steps),
    ...writesOf(steps),
    lacks: needsAmong({ locks: locks === undefined, rights: inventory.rights.length === 0 }),
    ...(locks && { locks }),
  };
}
