/** What each of these comes to, in their order; no more than `atOnce` are under way. */
export async function inTurn<T, R>(
  all: readonly T[],
  atOnce: number,
  act: (each: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += atOnce)
    results.push(...(await Promise.all(all.slice(from, from + atOnce).map(act))));
  return results;
}
