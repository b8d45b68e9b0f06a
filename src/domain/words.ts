/** Names between backticks, as a message lists them. */
export const quoted = (names: readonly string[]): string =>
  names.map((name) => `\`${name}\``).join(', ');

/** What has a name, such as regions, by name. */
export const names = (named: readonly { readonly name: string }[]): string =>
  quoted(named.map(({ name }) => name));

/** `is` or `has` for one, `are` or `have` for more. */
export const number = (count: number, one: string, more: string): string =>
  count === 1 ? one : more;

/** Those sentences that there are, as one text. */
export const sentences = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter(Boolean).join(' ');
