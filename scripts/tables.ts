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

/** Columns are padded as Biome formats Markdown, so that `npm run check` agrees. */
function table(head: string, entries: Manifest['inputs']): string {
  const rows = [
    [head, 'Meaning'] as const,
    ...Object.entries(entries).map(([name, entry]) => [`\`${name}\``, meaning(entry)] as const),
  ];
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const line = (first: string, second: string, fill = ' ') =>
    `| ${first.padEnd(width(0), fill)} | ${second.padEnd(width(1), fill)} |`;
  const [top, ...rest] = rows.map(([first, second]) => line(first, second));
  return [top, line('', '', '-'), ...rest].join('\n');
}

/** Most defaults depend on the situation and stand in the description; a fixed one is added. */
const meaning = ({ description, default: value }: Entry): string =>
  cell(value === undefined ? description : `${description.trim()} Default: \`${value}\`.`);

const cell = (text: string): string => text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');

function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`The README lacks ${open} … ${close}`);
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}
