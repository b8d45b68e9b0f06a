import { quoted } from '../../domain/quoted.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { ListedSnapshot } from '../../domain/retention.ts';
import { number, type RuleContext } from './context.ts';

type Seen = Pick<RuleContext<'restore'>, 'inventory' | 'request'>;

/** What there is left of a VM that is gone, in words. */
export function leftOf(seen: Seen): string {
  const count = snapshotsOfName(seen).length;
  if (count === 0) return 'No snapshot beside it carries its name.';
  const names = quoted(newestSet(seen).map(({ id }) => nameOf(id)));
  return `${number(count, 'There is a snapshot', `There are ${count} snapshots`)} of it; newest set: ${names}.`;
}

/** The rest of such a name, after the VM's: which disk, and which run. */
const REST = /^(?:os|lun\d+)(?:-[bc])?-([0-9a-f]{24})$/;

/** What stands for the run in the name of a snapshot of this VM; `undefined` for any other. */
function runIn({ id }: ListedSnapshot, vm: string): string | undefined {
  const begin = `${nameOf(vm).slice(0, 36)}-`.toLowerCase();
  const name = nameOf(id).toLowerCase();
  return name.startsWith(begin) ? REST.exec(name.slice(begin.length))?.[1] : undefined;
}

const snapshotsOfName = ({ inventory, request }: Seen): ListedSnapshot[] =>
  inventory.snapshotsBeside.filter((each) => runIn(each, request.vm) !== undefined);

/** The snapshots of the run that took the newest one. */
function newestSet(seen: Seen): ListedSnapshot[] {
  const all = snapshotsOfName(seen);
  const newest = all.toSorted((a, b) => b.created.getTime() - a.created.getTime())[0];
  const { vm } = seen.request;
  return newest ? all.filter((each) => runIn(each, vm) === runIn(newest, vm)) : [];
}

/** How to make a VM of these snapshots by hand. */
export function commandsFor(seen: Seen): string {
  const of = newestSet(seen);
  if (of.length === 0)
    return 'Check `vm`, `resource-group` and `subscription-id`. Without snapshots, build the VM anew.';
  const disks = of.map(
    ({ id }) =>
      `\`az disk create --ids ${id.replace(/\/snapshots\/[^/]+$/i, `/disks/${nameOf(id)}-disk`)} --source ${id}\``,
  );
  return `Make disks of the newest set: ${disks.join(', ')}. Then \`az vm create --attach-os-disk … --attach-data-disks …\` with its network interface: docs/restore.md has the whole command.`;
}
