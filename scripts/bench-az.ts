/**
 * The action beside the script of a practitioner: the same job in the same world, at Azure's own
 * speed, in turns. Prints Markdown.
 *
 *     npm run bench:az -- [--rounds N] [--quick] [--verify]
 *
 * A round of both takes about 22 minutes. `--quick` is a smaller job, not a faster Azure: a shallow
 * version in one region, whose operations take as long as they do; a round takes about 3 minutes.
 * With `--verify` a VM of the version boots and runs a script before the version enters `latest`.
 */
import { parseArgs } from 'node:util';
import { azureCli } from '../test/witness/tools.ts';
import { CONTESTANTS, compete, type Job } from './bench/contestants.ts';
import type { Course } from './bench/course.ts';

/** A version whose regions all get there with the operation; others may lag by ten minutes. */
const FULL: Job = {
  mode: 'Full',
  regions: ['westeurope', 'northeurope', 'eastus2'],
  version: '1.1.0',
};
const QUICK: Job = { mode: 'Shallow', regions: ['westeurope'], version: '1.1.0' };

type Name = keyof typeof CONTESTANTS;
const NAMES = Object.keys(CONTESTANTS) as Name[];
const TITLES: Readonly<Record<Name, string>> = { az: 'script with az', action: 'action' };

const print = (text = '') => process.stdout.write(`${text}\n`);
const say = (text: string) => process.stderr.write(`${text}\n`);
const row = (...cells: readonly string[]) => print(`| ${cells.join(' | ')} |`);
const seconds = (value: number) => value.toFixed(1);

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    verify: { type: 'boolean', default: false },
  },
});
const job = { ...(values.quick ? QUICK : FULL), ...(values.verify && { verified: true as const }) };
/** Stages of a verified run overlap: what counts is when anything was under way. */
const azures = ({ busy, critical }: Course): number => (values.verify ? busy : critical);
const rounds = Number(values.rounds);
const { version } = azureCli();

const courses: Record<Name, Course[]> = { az: [], action: [] };
for (let round = 1; round <= rounds; round++)
  for (const name of NAMES) {
    const course = await compete(name, job);
    courses[name].push(course);
    const { wall } = course;
    say(
      `round ${round}: ${TITLES[name]} ${seconds(wall)} s, Azure's part ${seconds(azures(course))} s`,
    );
  }

/** The median over the rounds of a figure of each contestant. */
const each = (figure: (course: Course) => number): readonly number[] =>
  NAMES.map((name) => median(courses[name].map(figure)));
const inSeconds = (title: string, figure: (course: Course) => number) =>
  row(title, ...each(figure).map(seconds));
const lost = (course: Course) => course.wall - azures(course) - course.before;
const leg = (stage: string) => (course: Course) =>
  course.legs.find((one) => one.stage === stage)?.unnoticed ?? 0;

print(
  `azure-cli ${version}, Node ${process.version}; mode ${job.mode}, ${job.regions.join(', ')}; ` +
    `median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, in turns`,
);
print();
row('', ...NAMES.map((name) => TITLES[name]));
row('---', ...NAMES.map(() => '---:'));
inSeconds('wall time, s', ({ wall }) => wall);
if (values.verify) inSeconds('Azure made, changed or deleted something (overlaps once), s', azures);
else {
  inSeconds('Azure’s part (critical path), s', azures);
  row(
    'wall time / critical path',
    ...each((course) => course.wall / azures(course)).map((ratio) => ratio.toFixed(3)),
  );
  inSeconds('until the first write, s', ({ before }) => before);
  inSeconds('snapshots done, until the next step, s', leg('snapshots'));
  inSeconds('deallocated, until the next step, s', leg('deallocate'));
  inSeconds('generalized, until the next step, s', leg('generalize'));
  inSeconds('replicated, until the end, s', leg('version'));
  inSeconds('lost between steps and at the end, s', lost);
  row(
    'lost, of the critical path',
    ...each((course) => (100 * lost(course)) / azures(course)).map(
      (percent) => `${percent.toFixed(2)} %`,
    ),
  );
}
row('requests to Resource Manager', ...each(({ requests }) => requests).map(String));
row('of them not GET', ...each(({ writes }) => writes).map(String));
