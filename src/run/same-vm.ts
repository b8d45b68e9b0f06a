import { type Failure, refused } from '../domain/failure.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import { disksOf, type Vm } from '../domain/vm.ts';
import { names } from '../domain/words.ts';
import type { StepContext } from './step-context.ts';

/**
 * Whether the VM under the name is still the machine that the run began with. Azure gives each VM a
 * `vmId` that it never gives again; a VM that was deleted and created anew has another one.
 */
export const isSameVm = ({ target }: StepContext, vm: Vm): boolean =>
  !('vmId' in target) || vm.vmId === target.vmId || isCreatedAnew(target, vm);

/** Whether a restore has created the VM anew, of the OS disk that it made for it. */
const isCreatedAnew = (target: StepContext['target'], vm: Vm): boolean =>
  target.operation === 'restore' &&
  target.model !== undefined &&
  sameId(vm.osDisk.id, target.disks[0]?.disk);

/** Throws when the VM has a disk now that this run has not seen, and so not taken a snapshot of. */
export function requireSnapshots(
  { target }: Pick<StepContext, 'target'>,
  vm: Vm,
  what: string,
): void {
  if (target.operation !== 'capture' || target.snapshots.length === 0) return;
  const late = disksOf(vm).filter(
    ({ id }) => !target.snapshots.some(({ disk }) => sameId(disk, id)),
  );
  if (late.length === 0) return;
  throw refused({
    what: `${what}: there is no snapshot of ${names(late)}.`,
    why: 'Somebody attached it after this run had taken its snapshots.',
    remedy: 'Detach it if it does not belong in the image, then re-run the failed job.',
  });
}

/** Looks once more right before what cannot be undone; throws when another VM has the name now. */
export async function requireSameVm(context: StepContext, id: string): Promise<Vm> {
  const vm = await context.compute.vm(id);
  if (vm && isSameVm(context, vm)) return vm;
  throw vmReplaced(nameOf(id), vm !== undefined);
}

/** Why nothing more is done to the VM of this name. */
export const vmReplaced = (name: string, isThere = true): Failure =>
  refused({
    what: `\`${name}\` ${isThere ? 'is another VM now than at the start of this run. This run does nothing more to it' : 'is gone'}.`,
    why: 'Somebody deleted the VM during this run, and possibly created another with its name.',
    remedy: 'Look at the activity log of the resource group, then run the workflow again.',
  });
