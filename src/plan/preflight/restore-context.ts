import type { Vm } from '../../domain/observed.ts';
import { restoreNeeds } from '../needed-rights.ts';
import type { Origin } from '../resolve.ts';
import { contextOf, type Known, type RuleContext } from './context.ts';
import { about } from './rule.ts';

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

/** Whose VM comes back: a capture's with `after-capture: restore`. */
export type Returning = 'capture' | 'restore';

/** A rule about a VM that comes back, while its disks are still to be exchanged. */
export const onReturningVm = about<Vm, Returning>(
  ['vm'],
  ({ inventory, request, made }) =>
    !made &&
    (request.operation === 'restore' || request.afterCapture === 'restore') &&
    inventory.vm,
);

/** The same of a restore. */
export const onVm = about<Vm, 'restore'>(['vm'], ({ inventory, made }) => !made && inventory.vm);
