/** Names between backticks, as a message lists them. */
export const quoted = (names: readonly string[]): string =>
  names.map((name) => `\`${name}\``).join(', ');
