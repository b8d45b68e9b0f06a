/** Whether this is an object with members, such as a JSON object: neither a list nor `null`. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a text says as JSON; `undefined` when it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** This object with members; an empty one in place of anything else. */
export const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  isRecord(value) ? value : {};

/** Those members of a list that are objects; none of anything else. */
export const recordsIn = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

/** The first of these with each key. */
export const distinctBy = <T>(all: readonly T[], keyOf: (each: T) => unknown): T[] =>
  [...Map.groupBy(all, keyOf).values()].flatMap((same) => same.slice(0, 1));

/**
 * The same object without members that are `undefined`, or `null` as some answers of Azure have it:
 * an optional member is given, or absent.
 */
export const defined = <const T extends object>(members: T): Defined<T> =>
  Object.fromEntries(Object.entries(members).filter(([, member]) => member != null)) as Defined<T>;

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
