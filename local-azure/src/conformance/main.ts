/**
 * `npm run conformance -- DIR`: plays recorded Azure traffic against the local Azure and tells
 * where they differ. The last line is JSON. Exit code 1: a difference is unexplained; 2: something
 * could not be read, or there was nothing to compare.
 */
import { replay } from './replay.ts';
import { reportOf } from './report.ts';
import { type Recordings, readRecordings } from './scenario.ts';

const [directory, ...others] = process.argv.slice(2);
if (directory === undefined || directory.startsWith('-') || others.length > 0) {
  process.stderr.write(
    'Usage: npm run conformance -- DIR\n' +
      'DIR holds recorded scenarios, directly or in DIR/scenarios: JSON files with `interactions`.\n',
  );
  process.exit(2);
}
const { scenarios, unreadable } = recordingsIn(directory);
const outcomes = [];
for (const scenario of scenarios) outcomes.push(await replay(scenario));
for (const { file, problem } of unreadable)
  process.stderr.write(`${file} cannot be played: ${problem}\n`);
const isWhole = scenarios.length > 0 && unreadable.length === 0;
const isExplained = outcomes.every(({ tally }) => tally.unexplained === 0);
// A pipe takes its time: what was not written when the process ends would be lost.
process.stdout.write(`${[...reportOf(outcomes)].join('\n')}\n`, () =>
  process.exit(isWhole ? Number(!isExplained) : 2),
);

/** None, with the reason told, when there is nothing to read. */
function recordingsIn(home: string): Recordings {
  try {
    return readRecordings(home);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return { scenarios: [], unreadable: [] };
  }
}
