import { disksOf, type Vm } from '../../domain/observed.ts';
import { restoreNeeds } from '../needed-rights.ts';
import type { Origin } from '../resolve.ts';
import { contextOf, type Known, type RuleContext } from './context.ts';
import type { Answer } from './rule.ts';

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

/** A check that is about a VM that comes back, while its disks are still to be exchanged. */
export const onVm =
  <O extends Returning = 'restore'>(check: (vm: Vm, context: RuleContext<O>) => Answer) =>
  (context: RuleContext<O>): Answer => {
    const { inventory, request, made } = context;
    const comesBack = request.operation === 'restore' || request.afterCapture === 'restore';
    return inventory.vm && comesBack && !made ? check(inventory.vm, context) : undefined;
  };

/** The names of the VM's disks that are so, of those that come back; all while nobody knows which. */
export function comingBack(
  vm: Vm,
  { target, inventory }: RuleContext<Returning>,
  is: (
    disk: ReturnType<typeof disksOf>[number],
    found: RuleContext['inventory']['disks'][number] | undefined,
  ) => boolean,
): string[] {
  const wanted = disksOf(vm).filter(
    ({ lun }) => target?.operation !== 'restore' || target.disks.some((disk) => disk.lun === lun),
  );
  return wanted.flatMap((disk) => {
    const found = inventory.disks.find(({ id }) => id.toLowerCase() === disk.id?.toLowerCase());
    return is(disk, found) ? [disk.name] : [];
  });
}
