/**
 * The same object without members that are `undefined`, or `null` as some answers of Azure have it:
 * an optional member is given, or absent.
 */
export const defined = <const T extends object>(members: T): Defined<T> =>
  Object.fromEntries(Object.entries(members).filter(([, member]) => member != null)) as Defined<T>;

type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];
type Defined<T> = Omit<T, Optional<T>> & { [K in Optional<T>]?: Exclude<T[K], undefined> };
