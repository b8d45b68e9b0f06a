/** The tables that the README takes from action.yml. */
import { parse } from 'yaml';

/** What the tables need of action.yml. */
export interface Manifest {
  readonly inputs: Readonly<Record<string, Entry>>;
  readonly outputs: Readonly<Record<string, Entry>>;
}

interface Entry {
  readonly description: string;
  readonly default?: string;
}

/**
 * The README with its tables of inputs and outputs as action.yml has them; the rest as it was.
 *
 * Throws when a pair of markers is missing.
 *
 * @param readme text with `<!-- inputs -->` … `<!-- /inputs -->`, and the same for outputs
 * @param actionYml text of action.yml
 */
export function withTables(readme: string, actionYml: string): string {
  const { inputs, outputs } = parse(actionYml) as Manifest;
  const tables = { inputs: table('Input', inputs), outputs: table('Output', outputs) };
  return Object.entries(tables).reduce((text, [name, rows]) => between(text, name, rows), readme);
}

function table(head: string, entries: Manifest['inputs']): string {
  const rows = Object.entries(entries).map(([name, entry]) => [`\`${name}\``, meaning(entry)]);
  return markdownTable([[head, 'Meaning'], ...rows]);
}

/** A table in Markdown; columns are padded as Biome formats it, so that `npm run check` agrees. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.map((_, column) => column) ?? [];
  const widths = columns.map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [top, ...rest] = rows.map((row) => line(row));
  return [top, line([], '-'), ...rest].join('\n');
}

/** Most defaults depend on the situation and stand in the description; a fixed one is added. */
const meaning = ({ description, default: value }: Entry): string =>
  cell(value === undefined ? description : `${description.trim()} Default: \`${value}\`.`);

const cell = (text: string): string => text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');

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
