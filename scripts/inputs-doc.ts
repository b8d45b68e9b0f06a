/** docs/inputs.md, from the table of inputs, and docs/outputs.md, from action.yml. */
import { parse } from 'yaml';
import { OPERATIONS } from '../src/domain/request.ts';
import type { Row } from '../src/github/inputs/row.ts';
import { defaultOf, GROUPS, quoted } from './action-inputs.ts';
import { between, markdownTable } from './tables.ts';

/** What the pages need of action.yml. */
export interface Manifest {
  readonly inputs: Readonly<Record<string, Entry>>;
  readonly outputs: Readonly<Record<string, Entry>>;
}

interface Entry {
  readonly description: string;
  readonly default?: string;
}

/**
 * docs/inputs.md with the inputs as their rows have them; the rest as it was.
 *
 * @param page text with `<!-- inputs -->` … `<!-- /inputs -->`
 */
export function withInputs(page: string): string {
  const sections = Object.entries(GROUPS).flatMap(([title, rows]) => [
    `## ${title}`,
    ...Object.entries(rows).map(inputSection),
  ]);
  return between(page, 'inputs', sections.join('\n\n'));
}

function inputSection([name, row]: readonly [string, Row]): string {
  const fallback = defaultOf(row);
  const usedBy = row.operations.length < OPERATIONS.length ? row.operations : [];
  const lines = [
    usedBy.length > 0 && `**Used by:** ${usedBy.map(quoted).join(', ')}`,
    `**Required:** ${row.required ?? (row.unless ? `yes, unless ${row.unless}` : 'no')}`,
    fallback && `**Default:** ${fallback}`,
    row.example && `**Example:** ${quoted(row.example)}`,
  ];
  return [`### \`${name}\``, row.about, lines.filter(Boolean).join('<br>\n')].join('\n\n');
}

/** docs/outputs.md with the outputs as action.yml has them; the rest as it was. */
export function withOutputs(page: string, actionYml: string): string {
  const { outputs } = parse(actionYml) as Manifest;
  const rows = Object.entries(outputs).map(([name, { description }]) => [
    `\`${name}\``,
    description,
  ]);
  return between(page, 'outputs', markdownTable([['Output', 'Meaning'], ...rows]));
}
