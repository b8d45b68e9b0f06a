import { type AttachedDisk, type Disk, disksOf, type Vm } from '../../domain/observed.ts';
import { sameId } from '../../domain/resource-id.ts';
import { names, type RuleContext } from './context.ts';
import type { Answer } from './rule.ts';

/** Whose VM has disks that are captured or come back. */
export type WithDisks = 'capture' | 'restore';

/** A disk of the VM, with what Azure shows of it where it was found. */
type SeenDisk = AttachedDisk & Partial<Disk>;

/** The VM's disks that are so, OS disk first: of a restore those that come back, or all while nobody knows which. */
export const disksThat = (
  vm: Vm,
  { target, inventory: { disks } }: RuleContext<WithDisks>,
  is: (disk: SeenDisk) => boolean | undefined,
): SeenDisk[] =>
  disksOf(vm)
    .filter(
      ({ lun }) => target?.operation !== 'restore' || target.disks.some((disk) => disk.lun === lun),
    )
    .map((disk) => ({ ...disks.find(({ id }) => sameId(id, disk.id)), ...disk }))
    .filter(is);

/** A check of single disks. */
export const onDisks =
  <O extends WithDisks>(
    is: (disk: SeenDisk, context: RuleContext<O>) => boolean | undefined,
    message: (disks: string, vm: string, count: number) => string,
  ) =>
  (vm: Vm, context: RuleContext<O>): Answer => {
    const found = disksThat(vm, context, (disk) => is(disk, context));
    return found.length > 0 && message(names(found), `\`${vm.name}\``, found.length);
  };
