/** How much of the exhaustive tests runs: a slice that is the same each time, or all with `EXHAUSTIVE=1`. */

/** Whether every case is tried. */
export const isExhaustive = process.env.EXHAUSTIVE === '1';

/**
 * Every `nth` case, beginning with number `first`; all of them when the tests are exhaustive. Of a table
 * that was written row by row, each row and each column is among them as long as `nth` is at most the
 * number of rows and of columns, and has no factor in common with the number of columns.
 */
export const slice = <T>(cases: readonly T[], nth: number, first = 0): readonly T[] =>
  isExhaustive ? cases : cases.filter((_, index) => (index - first) % nth === 0);

/** How often a property is tried: so often, or as often as the exhaustive tests do. */
export const times = (usual: number, exhaustive: number): number =>
  isExhaustive ? exhaustive : usual;
