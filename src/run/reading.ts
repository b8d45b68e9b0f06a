import { Failure, isRefusal } from '../domain/failure.ts';
import { defined, distinctBy } from '../domain/plain-objects.ts';
import { joined } from '../domain/words.ts';

/**
 * What all of these come to. When Azure refuses several, every refusal is told in one failure, and only
 * once: who mends one would only meet the next. Anything else that fails goes first, as it is.
 */
export async function allReads<T extends readonly unknown[]>(
  reads: {
    readonly [K in keyof T]: T[K] | Promise<T[K]>;
  },
): Promise<T> {
  const settled = await Promise.allSettled(reads);
  const thrown = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (thrown.length > 0) throw all(thrown);
  return settled.map((each) => each.status === 'fulfilled' && each.value) as unknown as T;
}

function all(thrown: readonly unknown[]): unknown {
  const refusals = distinctBy(thrown.filter(isRefusal), wordsOf);
  const [first, second] = refusals;
  const other = thrown.find((each) => !isRefusal(each));
  if (other !== undefined || !first || !second) return other ?? first;
  const { kind, remedy, code, correlationId, status } = first;
  const what = `Azure refused ${refusals.length} reads${rightsLacked(refusals) ?? listed(refusals)}`;
  return new Failure(defined({ kind, what, remedy, code, correlationId, status, cause: first }));
}

const wordsOf = ({ what, why }: Failure): string => joined(' ', [what, why]);

const listed = (refusals: readonly Failure[]): string =>
  `:\n${refusals.map((each) => `- ${wordsOf(each)}`).join('\n')}`;

/** As `fromAzure` says it: the identity once, then each right that it lacks. */
const LACKS = /^(The identity \(object ID `[^`]+`\)) lacks (.+)\.$/;

/** One line for each right, where rights are all that is missing; `undefined` otherwise. */
function rightsLacked(refusals: readonly Failure[]): string | undefined {
  const found = refusals.map(({ why = '' }) => LACKS.exec(why));
  const [identity, ...others] = new Set(found.map((match) => match?.[1]));
  if (identity === undefined || others.length > 0) return undefined;
  return `. ${identity} lacks these rights:\n${found.map((match) => `- ${match?.[2]}`).join('\n')}`;
}

/** Those of these resources that exist, in their order. */
export const thatExist = async <T>(
  ids: readonly string[],
  read: (id: string) => Promise<T | undefined>,
): Promise<T[]> => (await Promise.all(ids.map(read))).filter((found) => found !== undefined);

/**
 * Does what the run can do without, such as reading what only a check needs: `undefined` when the
 * identity lacks permission for it, or the cloud does not know it.
 *
 * @param tell is given Azure's refusal
 */
export const ifAllowed = <T>(
  request: Promise<T>,
  tell?: (refusal: Failure) => void,
): Promise<T | undefined> =>
  request.catch((thrown: unknown) => {
    if (!isRefusal(thrown)) throw thrown;
    tell?.(thrown);
    return undefined;
  });

/** Of what there can be any number of: how many are asked for at once. */
export const AT_ONCE = 8;

/** What each of these comes to, in their order; no more than `AT_ONCE` are under way. */
export async function inTurn<T, R>(all: readonly T[], act: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    results.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(act))));
  return results;
}
