/** Names between backticks, as a message lists them. */
export const quoted = (names: readonly string[]): string =>
  names.map((name) => `\`${name}\``).join(', ');

/** What has a name, such as regions, by name. */
export const names = (named: readonly { readonly name: string }[]): string =>
  quoted(named.map(({ name }) => name));

/** `is` or `has` for one, `are` or `have` for more. */
export const number = (count: number, one: string, more: string): string =>
  count === 1 ? one : more;

/** The parts that there are, with this between them. */
export const joined = (between: string, parts: readonly (string | false | undefined)[]): string =>
  parts.filter(Boolean).join(between);

/** A number with its noun: `1 region`, `2 regions`. */
export const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;

/** The first of these, and how many more there are. */
export const firstOf = (all: readonly string[], most: number): string =>
  `${all.slice(0, most).join(', ')}${all.length > most ? ` and ${all.length - most} more` : ''}`;

/** The day of a moment, UTC: `2027-06-30`. */
export const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);
