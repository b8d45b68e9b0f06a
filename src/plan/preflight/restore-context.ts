import { disksOf, type Vm } from '../../domain/observed.ts';
import type { Lock } from '../../domain/subscription.ts';
import { restoreNeeds } from '../needed-rights.ts';
import { type Step, writesOf } from '../plan.ts';
import { plannedOf } from '../planned-rights.ts';
import type { Origin } from '../resolve.ts';
import { commonLacks, type Need, NO_NEW_VERSION, needsAmong, type RuleContext } from './context.ts';
import type { Found } from './rule.ts';

/** What was seen, and what came of it. */
interface RestoreKnown
  extends Pick<RuleContext<'restore'>, 'request' | 'inventory' | 'target' | 'dryRun'> {
  readonly origin: Origin;
  readonly steps: readonly Step[];
  readonly locks?: readonly Lock[] | undefined;
}

/** Draws together what the rules of a restore look at. */
export function restoreContext({
  origin,
  steps,
  locks,
  ...known
}: RestoreKnown): RuleContext<'restore'> {
  const { request, target, inventory } = known;
  const isDone = target !== undefined && steps.length === 0;
  const needs = isDone ? [] : restoreNeeds(request, inventory.vm);
  return {
    ...known,
    repository: origin.repository,
    definition: '',
    ...NO_NEW_VERSION,
    made: isDone,
    needs,
    planned: plannedOf(needs, steps),
    ...writesOf(steps),
    lacks: lacksOf(known, locks),
    ...(locks && { locks }),
  };
}

const lacksOf = (
  { inventory }: Pick<RestoreKnown, 'inventory'>,
  locks: RestoreKnown['locks'],
): Need[] =>
  needsAmong({
    vm: !inventory.vm,
    ...commonLacks(inventory, locks),
    regions: false,
    versions: inventory.restore?.versionsSeen === false,
  });

/** Names between backticks. */
export const quoted = (names: readonly string[]): string =>
  names.map((name) => `\`${name}\``).join(', ');

/** Whose VM comes back: a capture's with `after-capture: restore`. */
export type Returning = 'capture' | 'restore';

/** A check that is about a VM that comes back, while its disks are still to be exchanged. */
export const onVm =
  <O extends Returning = 'restore'>(
    check: (vm: Vm, context: RuleContext<O>) => Found | undefined,
  ) =>
  (context: RuleContext<O>): Found | undefined => {
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
