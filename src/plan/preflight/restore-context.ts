import { restoreNeeds } from '../needed-rights.ts';
import type { Origin } from '../resolve.ts';
import { contextOf, type Known, type RuleContext } from './context.ts';

/** Draws together what the rules of a restore look at. */
export function restoreContext(
  known: Known<'restore'>,
  { repository }: Origin,
): RuleContext<'restore'> {
  const { request, target, inventory, steps } = known;
  const isDone = target !== undefined && steps.length === 0;
  const needs = isDone ? [] : restoreNeeds(request, inventory.vm);
  return {
    ...contextOf(known, needs, {
      vm: !inventory.vm,
      versions: inventory.restore?.versionsSeen === false,
    }),
    repository,
    definition: '',
    made: isDone,
  };
}
