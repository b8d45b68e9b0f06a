import { closest } from '../domain/closest.ts';
import { nameOf, parentId, parseResourceId } from '../domain/resource-id.ts';
import { ifAllowed } from './if-allowed.ts';
import type { Reads } from './ports.ts';

/**
 * The name that was probably meant where a resource was not found: the closest of those that stand
 * beside it, or where its parent is missing too, beside that. `undefined` when none is near, and when
 * the name itself is listed.
 */
export async function nearestName(compute: Reads, id: string): Promise<string | undefined> {
  for (let at = id; parseResourceId(at); at = parentId(at)) {
    const names = (await ifAllowed(compute.namesBeside(at))) ?? [];
    if (names.length === 0) continue;
    const wanted = nameOf(at).toLowerCase();
    return names.some((name) => name.toLowerCase() === wanted) ? undefined : closest(wanted, names);
  }
  return undefined;
}
