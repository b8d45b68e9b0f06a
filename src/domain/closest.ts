/**
 * The candidate that a mistyped name most likely means: the one with the fewest letters added, left
 * out, replaced or swapped; `undefined` when none is near.
 */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let best: { readonly candidate: string; readonly edits: number } | undefined;
  for (const candidate of candidates) {
    const other = plain(candidate);
    const most = mostEdits(Math.max(wanted.length, other.length));
    const edits = editsBetween(wanted, other);
    if (edits <= most && edits < (best?.edits ?? Number.POSITIVE_INFINITY))
      best = { candidate, edits };
  }
  return best?.candidate;
}

/** A sentence that asks whether the closest name was meant; empty when there is none. */
export const suggestion = (name: string, candidates: Iterable<string>): string =>
  asked(closest(name, candidates));

/** The same where the closest name is known. */
export const asked = (near: string | undefined): string =>
  near === undefined ? '' : ` Did you mean \`${near}\`?`;

/** Case and separators are what people differ in most; they cost nothing. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s_.-]+/g, '')
    .slice(0, 100);

/** A quarter of the letters, rounded up; of two letters none: `eu` is near to nothing. */
const mostEdits = (length: number): number => (length < 3 ? 0 : Math.ceil(length / 4));

/** Optimal string alignment distance: a swap of neighbours counts as one edit. */
function editsBetween(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
