import type { Disk } from '../domain/observed.ts';
import { resourceKind, sameId } from '../domain/resource-id.ts';
import type { Ancestor } from '../domain/restore.ts';
import type { Reads } from './ports.ts';

/** Restores of restores that are looked at. */
const MOST = 5;

/**
 * The disks that this one comes from, itself first: a disk that a restore made was made of a snapshot,
 * which is of a disk. Ends where a snapshot or a disk is gone.
 */
export async function ancestorsOf(compute: Reads, disk: Disk): Promise<Ancestor[]> {
  const found: Ancestor[] = [ancestor(disk.id, disk.uniqueId)];
  let source = disk.sourceId;
  while (source !== undefined && resourceKind(source) === 'snapshot' && found.length <= MOST) {
    const snapshot = await compute.snapshot(source);
    const id = snapshot?.sourceId;
    if (id === undefined || resourceKind(id) !== 'disk') break;
    if (found.some((known) => sameId(known.id, id))) break;
    found.push(ancestor(id, snapshot?.sourceUniqueId));
    source = (await compute.disk(id))?.sourceId;
  }
  return found;
}

const ancestor = (id: string, uniqueId: string | undefined): Ancestor => ({
  id,
  ...(uniqueId && { uniqueId }),
});
