/** Long lists come in pages: `value`, and a `nextLink` to the page after it (ARM, "Paging"). */
import type { ArmRequest } from './arm.ts';

/** Resources on a page; the size of Compute's pages is not documented, this one is invented. */
const PAGE = 100;

/** The part of a list that a request asks for, and where the next one is, if there is one. */
export function paged<T>(
  all: readonly T[],
  { origin, id, query }: Pick<ArmRequest, 'origin' | 'id' | 'query'>,
  collection = 'versions',
): { readonly shown: readonly T[]; readonly nextLink: { nextLink?: string } } {
  const from = Math.max(0, Number(query.get('$skiptoken') ?? 0) || 0);
  const shown = all.slice(from, from + PAGE);
  if (from + PAGE >= all.length) return { shown, nextLink: {} };
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(from + PAGE));
  return { shown, nextLink: { nextLink: `${origin}${encodeURI(id)}/${collection}?${next}` } };
}
