/** `npm run fuzz`: see `--help`. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FuzzCase, readCase, writeCase } from './case.ts';
import { caseOf } from './generate.ts';
import type { Result, Task } from './worker.ts';

const HELP = `Runs the shipped bundle in random worlds, with random inputs, weather, faults and kills,
then once more without trouble, and checks what must hold whatever happens.

  --seeds FROM-TO  the trials to run (default 1-20)
  --case FOLDER    run one trial that was written down
  --jobs N         trials at the same time (default: one for each core)
  --shrink N       smaller cases to try for each that fails (default 40)
  --out FOLDER     where failing cases are written (default .local/fuzz)
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-20' },
    case: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    shrink: { type: 'string', default: '40' },
    out: { type: 'string', default: '.local/fuzz' },
    help: { type: 'boolean', default: false },
  },
});
/** Trials from one line of progress to the next: some minutes. */
const PROGRESS = 20;
const print = (line: string) => process.stdout.write(`${line}\n`);

function trials(): FuzzCase[] {
  if (values.case !== undefined) return [readCase(values.case)];
  const [, from, to] = /^(\d+)-(\d+)$/.exec(values.seeds) ?? [];
  if (from === undefined || Number(from) > Number(to))
    throw new Error('--seeds needs FROM-TO, such as 1-20');
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) =>
    caseOf(Number(from) + index),
  );
}

async function run(worker: ChildProcess, task: Task): Promise<Result> {
  const over = new AbortController();
  const { signal } = over;
  try {
    worker.send(task);
    const [answer] = await Promise.race([
      once(worker, 'message', { signal }),
      once(worker, 'exit', { signal }).then(([code]) => {
        throw new Error(`A worker ended with code ${code} at seed ${task.trial.seed}`);
      }),
    ]);
    return answer as Result;
  } finally {
    over.abort();
  }
}

async function main(): Promise<void> {
  const left = trials();
  const count = left.length;
  const shrinks = values.case === undefined ? Number(values.shrink) : 0;
  const kinds = new Map<string, number[]>();
  let ended = 0;
  const work = async () => {
    const worker = fork(join(import.meta.dirname, 'worker.ts'));
    try {
      for (let trial = left.shift(); trial; trial = left.shift()) {
        const { seed } = trial;
        const result = await run(worker, { trial, shrinks });
        ended += 1;
        if (ended % PROGRESS === 0 && ended < count) print(`${ended} of ${count} trials ended`);
        if (result.violations.length === 0) continue;
        const folder = join(values.out, `seed-${seed}`);
        if (values.case === undefined) {
          rmSync(folder, { recursive: true, force: true });
          writeCase(folder, result.trial, result.violations);
        }
        for (const { kind, detail } of result.violations) {
          kinds.set(kind, [...(kinds.get(kind) ?? []), seed]);
          print(`seed ${seed}: ${kind}: ${detail}`);
        }
        if (values.case === undefined) print(`  see it again: npm run fuzz -- --case ${folder}`);
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(Number(values.jobs), count) }, work));
  const failed = new Set([...kinds.values()].flat()).size;
  for (const [kind, seeds] of kinds) print(`${kind}: ${[...new Set(seeds)].join(', ')}`);
  print(`${count} trials, ${count - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

if (values.help) print(HELP);
else await main();
