/** Tables in Markdown, and texts between markers. */

/**
 * A table in Markdown, without padding: a change of one cell changes one line.
 *
 * @param rows cells as Markdown, the head first
 */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(head.map(() => '---')), ...rest.map(line)].join('\n');
}

/** In one line, with every bar escaped. */
const cell = (text: string): string =>
  text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/(?<!\\)\|/g, '\\|');

/**
 * The text with other content between `<!-- name -->` and `<!-- /name -->`.
 *
 * Throws when a marker is missing.
 */
export function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`The text lacks ${open} … ${close}`);
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}
