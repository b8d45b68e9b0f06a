import { nameOf } from '../domain/resource-id.ts';
import { code, table } from './plain.ts';
import type { RunRecord } from './record.ts';

/** What a VM comes back from, as a table. */
export function restoredOf({ target }: RunRecord): string {
  const disks = target?.restored?.disks ?? target?.newDisks;
  if (!disks) return '';
  const rows = disks.map(({ lun, snapshot, disk, replaces }) => [
    lun === undefined ? 'OS disk' : `LUN ${lun}`,
    code(nameOf(snapshot)),
    code(nameOf(disk)),
    replaces ? code(nameOf(replaces)) : '–',
  ]);
  return table(['Disk', 'Snapshot', 'New disk', 'Replaces'], rows);
}
