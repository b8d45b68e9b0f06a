import { describe, expect, test } from 'vitest';
import { FATES } from './fates.ts';
import { runMatrix } from './matrix.ts';
import { keyOf } from './network.ts';
import { MISSED, trial, undisturbed } from './trial.ts';
import { VARIANTS } from './variants.ts';

test('a slice of the crash matrix converges', async () => {
  const said: string[] = [];
  const tally = await runMatrix({
    seed: 47,
    singles: 6,
    pairs: 2,
    say: (line) => said.push(line),
  });
  expect(tally.diverged).toEqual([]);
  expect(tally.converged + tally.missed).toBe(8);
  expect(tally.missed).toBeLessThan(3);
});

describe('the matrix notices', () => {
  const variant = VARIANTS.find(({ name }) => name === 'Linux with snapshots');
  if (!variant) throw new Error('The variants have changed');

  test('a world that differs from that of the undisturbed run', async () => {
    const measure = await undisturbed(variant);
    const other = { ...measure, world: measure.world.replaceAll('1.0.0', '1.0.1') };
    expect(await trial(variant, other, [])).toEqual([expect.stringContaining('world differ')]);
  });

  test('an attempt that dies of what should pass', async () => {
    const measure = await undisturbed(variant);
    const disk = measure.requests.find(({ path }) => path.endsWith('/disks/build-linux_OsDisk'));
    if (!disk) throw new Error('The disk is not read');
    const refused = { name: '403', reaches: false, does: 'answer', status: 403 } as const;
    const wrong = await trial(variant, measure, [[{ key: keyOf(disk), after: 0, fate: refused }]]);
    expect(wrong).toEqual([expect.stringContaining('died of what passes')]);
  });

  test('a blow that fell on nothing', async () => {
    const measure = await undisturbed(variant);
    const [fate] = FATES;
    if (!fate) throw new Error('There are no fates');
    const nowhere = { key: 'GET /nowhere', after: 0, fate };
    expect(await trial(variant, measure, [[nowhere]])).toBe(MISSED);
  });
});
