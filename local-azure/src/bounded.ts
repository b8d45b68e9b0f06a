/** Collections that do not fill the memory of a process of many days. */

/** Forgets what came first, until no more than so many are left. */
export function forgetOldest(collection: Map<unknown, unknown> | Set<unknown>, most: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= most) return;
    collection.delete(key);
  }
}
