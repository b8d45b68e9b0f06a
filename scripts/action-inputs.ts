/** The part of action.yml that follows from the table of inputs. */

import type { Row, Rows } from '../src/github/inputs/row.ts';
import { CAPTURE, RESTORE } from '../src/github/inputs/rows/capture.ts';
import { PLACES } from '../src/github/inputs/rows/places.ts';
import { PRUNE } from '../src/github/inputs/rows/prune.ts';
import { REGIONS } from '../src/github/inputs/rows/regions.ts';
import { OPERATION, REPORTING, TIME } from '../src/github/inputs/rows/run.ts';
import { SIGN_IN } from '../src/github/inputs/rows/sign-in.ts';
import { VERIFICATION } from '../src/github/inputs/rows/verification.ts';
import { LATEST, VERSION } from '../src/github/inputs/rows/version.ts';

/** The rows of the table in the groups of the documentation. */
export const GROUPS: Readonly<Record<string, Rows>> = {
  Operation: OPERATION,
  'Sign-in': SIGN_IN,
  'VM, gallery and definition': PLACES,
  Version: VERSION,
  'Regions and replicas': REGIONS,
  'Latest, end of life and tags': LATEST,
  Capture: CAPTURE,
  Verification: VERIFICATION,
  Prune: PRUNE,
  Restore: RESTORE,
  Time: TIME,
  Reporting: REPORTING,
};

/** Columns of a line of action.yml at most. */
const WIDTH = 100;
const INDENT = '      ';

/**
 * action.yml with its inputs as the table has them, each group under a comment with its title; the
 * rest as it was.
 *
 * Throws when action.yml lacks `inputs:` before `outputs:`.
 */
export function withInputRows(actionYml: string): string {
  const found = /^inputs:\n(?<inputs>.*?)(?=^outputs:\n)/ms.exec(actionYml);
  if (!found) throw new Error('action.yml lacks `inputs:` before `outputs:`');
  const groups = Object.entries(GROUPS).map(
    ([title, rows]) => `  # ${title}\n${Object.entries(rows).map(entry).join('')}`,
  );
  const before = actionYml.slice(0, found.index);
  return `${before}inputs:\n${groups.join('')}${actionYml.slice(found.index + found[0].length)}`;
}

function entry([name, row]: readonly [string, Row]): string {
  const lines = [row.about, ...facts(row)].flatMap(wrapped).map((line) => `${INDENT}${line}\n`);
  const filledIn = row.filledIn === undefined ? '' : `    default: ${scalar(row.filledIn)}\n`;
  return `  ${name}:\n    description: |\n${lines.join('')}${filledIn}`;
}

/** What else there is to say, each in a sentence of a fixed form. */
function facts(row: Row): string[] {
  const fallback = row.filledIn === undefined && defaultOf(row);
  return [
    row.required ? `Required ${row.required}.` : '',
    row.unless ? `Not needed when ${row.unless}.` : '',
    fallback ? `Default: ${fallback}.` : '',
    row.example ? `Example: ${quoted(row.example)}.` : '',
  ].filter(Boolean);
}

/** What it means not to give it, as Markdown. */
export function defaultOf(row: Row): string | undefined {
  if (row.otherwise) return row.otherwise;
  if (row.default !== undefined) return quoted(row.default);
  if (row.variable) return `the environment variable \`${row.variable}\``;
  return row.filledIn === undefined ? undefined : quoted(row.filledIn);
}

/** A value as code; what is Markdown already stays as it is. */
export const quoted = (text: string): string => (text.includes('`') ? text : `\`${text}\``);

/** YAML takes true and false for something other than text. */
const scalar = (text: string): string => (/^(true|false)$/.test(text) ? `'${text}'` : text);

/** In lines of words; a code span stays in one piece. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    const line = lines.at(-1);
    if (line !== undefined && INDENT.length + line.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
