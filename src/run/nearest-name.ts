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

/** The names that were probably meant, of those of these resources that are missing. */
export async function nearestNames<K extends string>(
  compute: Reads,
  missing: Readonly<Record<K, string | undefined>>,
): Promise<{ readonly [_ in K]?: string }> {
  const all = Object.entries<string | undefined>(missing).map(async ([key, id]) => {
    const name = id && (await nearestName(compute, id));
    return name ? [[key, name]] : [];
  });
  return Object.fromEntries((await Promise.all(all)).flat());
}
