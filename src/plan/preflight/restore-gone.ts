import { nameOf } from '../../domain/resource-id.ts';
import { number, type RuleContext } from './context.ts';
import { quoted } from './restore-context.ts';

/** What there is left of a VM that is gone, in words. */
export function leftOf({ inventory, request }: RuleContext<'restore'>): string {
  const of = snapshotsOfName(inventory.snapshotsBeside, request.vm);
  if (of.length === 0) return 'No snapshot beside it carries its name.';
  return `${number(of.length, 'There is a snapshot', `There are ${of.length} snapshots`)} of it: ${quoted(of.map(({ id }) => nameOf(id)))}.`;
}

const snapshotsOfName = (all: RuleContext['inventory']['snapshotsBeside'], vm: string) => {
  const begin = `${nameOf(vm).slice(0, 36)}-`.toLowerCase();
  return all.filter(({ id }) =>
    new RegExp(/^(os|lun\d+)(-[bc])?-[0-9a-f]{24}$/).test(
      nameOf(id).toLowerCase().startsWith(begin)
        ? nameOf(id).toLowerCase().slice(begin.length)
        : '',
    ),
  );
};

/** How to make a VM of these snapshots by hand. */
export function commandsFor({ inventory, request }: RuleContext<'restore'>): string {
  const of = snapshotsOfName(inventory.snapshotsBeside, request.vm);
  if (of.length === 0)
    return 'Check `vm`, `resource-group` and `subscription-id`. Without snapshots, build the VM anew.';
  const disks = of.map(
    ({ id }) =>
      `\`az disk create --ids ${id.replace(/\/snapshots\/[^/]+$/i, `/disks/${nameOf(id)}-disk`)} --source ${id}\``,
  );
  return `Make disks of the newest set: ${disks.join(', ')}. Then \`az vm create --attach-os-disk … --attach-data-disks …\` with its network interface: docs/restore.md has the whole command.`;
}
