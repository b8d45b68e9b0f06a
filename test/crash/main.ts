/** `npm run crash-matrix`: see `--help`. */
import { parseArgs } from 'node:util';
import { runMatrix } from './matrix.ts';

const HELP = `Breaks captures at every request in every way, runs them again, and compares the end
with that of an undisturbed run.

  --seed N     of what is random: the slice, the pairs (default 1)
  --points N   try N single blows, drawn from all (default: all of them)
  --pairs N    try N random pairs of blows (default 500)
  --only TEXT  only the captures whose name holds TEXT
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    points: { type: 'string' },
    pairs: { type: 'string', default: '500' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

if (values.help) print(HELP);
else {
  const { points, fates, tried, converged, missed, diverged } = await runMatrix({
    seed: Number(values.seed),
    singles: values.points === undefined ? undefined : Number(values.points),
    pairs: Number(values.pairs),
    only: values.only,
    say: print,
  });
  print(`${points} points × ${fates} faults, seed ${values.seed}`);
  print(
    `${tried} tried, ${converged} converged, ${diverged.length} did not; ${missed} found no request to strike`,
  );
  if (diverged.length > 0) process.exitCode = 1;
}
