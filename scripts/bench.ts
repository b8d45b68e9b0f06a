/**
 * What a capture costs. Every figure is a ratio or a count taken in one run; times of Azure are
 * emulated, on a fake clock, so that no figure depends on how busy this machine is. Only the cold
 * start and the dry run are measured in real time, beside the start of an empty Node.
 */
import { readdirSync, statSync } from 'node:fs';
import { type Durations, secondsFor } from '../local-azure/src/durations.ts';
import { Random } from '../local-azure/src/random.ts';
import { fleet, throttled } from '../test/scenarios/fleet.ts';
import { capture, fakeClock, localAzure, type Run } from '../test/scenarios/harness.ts';
import { coldStarts } from './bench/cold-start.ts';
import { dryRuns } from './bench/dry-run.ts';
import { pruneDryRun } from './bench/prune.ts';
import { verification } from './bench/verify.ts';

const print = (text = '') => process.stdout.write(`${text}\n`);
const percent = (part: number, whole: number) =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;

/** Seconds between looks of the run that notices everything at once. */
const AT_ONCE = 0.1;

const CASES = {
  'one region': [],
  'three regions': [{ name: 'westeurope' }, { name: 'northeurope' }, { name: 'eastus2' }],
};

async function run(
  regions: readonly { name: string }[],
  pollSeconds?: number,
  durations?: Durations,
) {
  using _clock = fakeClock();
  const azure = localAzure({
    throttling: pollSeconds === undefined,
    ...(durations && { durations }),
  });
  const result = await capture(azure, {
    request: { snapshot: true, regions },
    ...(pollSeconds !== undefined && { pollSeconds }),
  });
  if (result.failure) throw result.failure;
  return { result, requests: azure.requests.all().map(({ method, path }) => ({ method, path })) };
}

/** Longest first line of the table, so that it stays one. */
const row = (...cells: readonly string[]) =>
  print(cells.map((cell, index) => (index ? cell.padStart(11) : cell.padEnd(26))).join(' '));

function table(usual: Run, ideal: Run): void {
  row('step', 'at once s', 'usual s', 'lost s', 'lost');
  for (const [step, seconds] of ideal.heard.took) {
    const took = usual.heard.took.get(step) ?? 0;
    row(
      step,
      seconds.toFixed(1),
      took.toFixed(1),
      (took - seconds).toFixed(1),
      percent(took - seconds, seconds),
    );
  }
  const lost = usual.seconds - ideal.seconds;
  row(
    'whole run',
    ideal.seconds.toFixed(1),
    usual.seconds.toFixed(1),
    lost.toFixed(1),
    percent(lost, ideal.seconds),
  );
}

function requestTable(requests: readonly { method: string; path: string }[]): void {
  const counts = new Map<string, number>();
  for (const { method, path } of requests) {
    const kind = `${method} ${kindOf(path)}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  print(
    `requests: ${requests.length}, of them ${requests.filter(({ method }) => method !== 'GET').length} not GET`,
  );
  for (const [kind, count] of sorted) print(`  ${String(count).padStart(4)}  ${kind}`);
}

/** A path without its names: `virtualMachines/deallocate`. */
function kindOf(path: string): string {
  const rest = path.split('/providers/Microsoft.Compute/')[1];
  if (!rest) return path.split('/').at(-1) ?? path;
  const parts = rest.split('/');
  return parts
    .filter((_, index) => index % 2 === 0 || (parts.length === 3 && index === 2))
    .join('/');
}

for (const [title, regions] of Object.entries(CASES)) {
  print(`== A capture into ${title}: time lost to noticing late`);
  const usual = await run(regions);
  const ideal = await run(regions, AT_ONCE);
  table(usual.result, ideal.result);
  if (title === 'one region') requestTable(usual.requests);
  print();
}

const [SHORTEST, LONGEST] = [0.7, 1.5];

/** Every operation's median times a number of its own, the same for the same seed. */
function spread(seed: number): Durations {
  const random = new Random(seed);
  const factors = new Map<string, number>();
  return (key) => {
    const factor = factors.get(key.name) ?? SHORTEST + (LONGEST - SHORTEST) * random.next();
    factors.set(key.name, factor);
    return secondsFor(key, undefined) * factor;
  };
}

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);
print(
  `== The same when Azure takes ${SHORTEST} to ${LONGEST} times as long, seeds 1 to ${SEEDS.length}`,
);
row('lost of the whole run', 'least', 'median', 'most');
for (const [title, regions] of Object.entries(CASES)) {
  const losses: number[] = [];
  for (const seed of SEEDS) {
    const { result: ideal } = await run(regions, AT_ONCE, spread(seed));
    const { result: usual } = await run(regions, undefined, spread(seed));
    losses.push((usual.seconds - ideal.seconds) / ideal.seconds);
  }
  losses.sort((a, b) => a - b);
  const [least = 0, median = 0, most = 0] = [0, SEEDS.length >> 1, SEEDS.length - 1].map(
    (at) => losses[at],
  );
  row(title, percent(least, 1), percent(median, 1), percent(most, 1));
}
print();

print('== Captures at once in one subscription, by the recorded limits');
row('captures', 'seconds', 'of one', 'requests', 'each', '429');
let alone = 0;
for (const captures of [1, 10, 50]) {
  using _clock = fakeClock();
  const { azure, runs, seconds } = await fleet(captures, captures);
  for (const { failure } of runs) if (failure) throw failure;
  alone ||= seconds;
  const count = azure.requests.all().length;
  row(
    String(captures),
    seconds.toFixed(0),
    `${((100 * seconds) / alone).toFixed(1)} %`,
    String(count),
    (count / captures).toFixed(0),
    String(throttled(azure)),
  );
}
print();
print('== Cold start: from the start of the process to its first request, median of 9');
const { action, empty } = await coldStarts(9);
print(`action ${action} ms, empty Node ${empty} ms, ratio ${(action / empty).toFixed(2)}`);
print();
print('== A dry run of the default world (one data disk): the whole step, median of 5');
const dry = await dryRuns(5);
print(`${dry.milliseconds} ms, of them an empty Node ${empty} ms`);
requestTable(dry.requests);
print();
print('== A dry run of a prune of 10,000 old versions: the whole step');
const prune = await pruneDryRun(10_000);
print(
  `${prune.milliseconds} ms, ${prune.requests} requests; outputs ${prune.outputs} characters, summary ${prune.summary}`,
);
print();
print('== dist, bytes');
for (const name of readdirSync('dist'))
  print(`${String(statSync(`dist/${name}`).size).padStart(9)}  ${name}`);

const { ephemeral, one, three } = await verification();
print();
print('verification, emulated seconds from a ready VM');
row('ephemeral, verdict and end', ephemeral.verdict.toFixed(0), ephemeral.end.toFixed(0));
for (const [name, { unverified, verified }] of Object.entries({ one, three }))
  row(
    `in latest, ${name}`,
    unverified.toFixed(0),
    verified.toFixed(0),
    percent(verified - unverified, unverified),
  );
