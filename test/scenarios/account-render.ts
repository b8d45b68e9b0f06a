import { commentOf } from '../../src/github/comment-text.ts';
import { exitCodeOf } from '../../src/github/record.ts';
import { summaryOf } from '../../src/github/summary.ts';
import type { Run } from './harness.ts';

/** An account as a reviewer reads it. */
export function render(name: string, { record, told }: Run): string {
  const outputs = [...told.outputs]
    .filter(([output, value]) => !output.startsWith('verif') || !['', '{}'].includes(value))
    .map(([output, value]) => `${output}: ${shown(output, value)}`);
  const text = [
    `# ${name.replaceAll('-', ' ')}`,
    `Exit code ${exitCodeOf(record)}.`,
    '## Log',
    fenced(withoutProgress(told.log.filter((line) => !line.startsWith('Signing in to')))),
    '## Outputs',
    fenced(outputs.sort()),
    '## Job summary',
    summaryOf(record),
    // The comment holds the same: once is enough to see what stands around it.
    ...(name === 'capture-dry-run' ? ['## Comment', fenced([commentOfIt(summaryOf(record))])] : []),
  ].join('\n\n');
  return STANDING_FOR.reduce((all, [what, sign]) => all.replaceAll(what, sign), text);
}

/** What differs with every change to requests and pauses, and says nothing here. */
const STANDING_FOR: readonly (readonly [RegExp, string])[] = [
  [/\b(\d+ h \d+ min|\d+ min \d+ s|\d+ s)\b/g, '‹time›'],
  [/(Correlation ID: (?:<code>)?)[0-9a-f-]{36}/g, '$1‹id›'],
  [/(\/subscriptions\/(?:<wbr>)?)5d6c2f7e-[0-9a-f-]{27}/g, '$1‹id›'],
];

/** Of the lines that only tell percentages in a row, the first. */
const withoutProgress = (log: readonly string[]): string[] =>
  log.flatMap((line, index) =>
    !isProgress(line) ? [line] : isProgress(log[index - 1]) ? [] : [line, '…'],
  );

const isProgress = (line = ''): boolean =>
  /^\w+ (\d+ %|✓)(, \w+ (\d+ %|✓))*(, about .+ left)?$/.test(line) && line.includes('%');

const commentOfIt = (summary: string): string =>
  commentOf('<!-- the marker -->', summary, {
    repository: 'contoso/images',
    workflow: 'contoso/images/.github/workflows/image.yml',
    workflowName: 'image',
    job: 'capture',
    runId: '4711',
    runAttempt: '1',
    commits: ['', ''],
    serverUrl: 'https://github.com',
  });

const fenced = (lines: readonly string[]): string => ['````text', ...lines, '````'].join('\n');

/** The plan has a form of its own, which other tests hold. */
const shown = (output: string, value: string): string =>
  output === 'plan'
    ? (JSON.parse(value) as { steps: { do: string }[] }).steps.map((step) => step.do).join(', ')
    : value;
