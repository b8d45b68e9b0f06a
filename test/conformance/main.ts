/**
 * `npm run conformance -- DIR`: plays recorded Azure traffic against the local Azure and tells
 * where they differ. The last line is JSON; the exit code is 1 when a difference is unexplained.
 */
import { replay } from './replay.ts';
import { reportOf } from './report.ts';
import { loadScenarios } from './scenario.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('Usage: npm run conformance -- DIR\n');
  process.exit(2);
}
const outcomes = [];
for (const scenario of scenariosIn(directory)) outcomes.push(await replay(scenario));
for (const line of reportOf(outcomes)) process.stdout.write(`${line}\n`);
const isExplained = outcomes.every(({ tally }) => tally.unexplained === 0);
process.exit(isExplained ? 0 : 1);

function scenariosIn(home: string) {
  try {
    return loadScenarios(home);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}
