import { expect, test } from 'vitest';
import { isExhaustive, slice } from '../runner/slice.ts';
import type { Fate } from './fates.ts';
import { describePoint, pointsOf } from './points.ts';
import { TAGGED_VARIANTS, TROUBLES, tagTrial } from './tag-trouble.ts';
import { undisturbed } from './trial.ts';

/**
 * One of so many cells of a table of some sixteen thousand is tried: a prime, so that each trouble has its
 * turn. `EVERY=1` tries all, which takes an hour of one core; `EVERY=2 FIRST=1` is the second half. `npm
 * test` makes do with every seventh variant.
 */
const EVERY = Number(process.env.EVERY ?? (isExhaustive ? 41 : 79));
const FIRST = Number(process.env.FIRST ?? 0);
const variants = process.env.EVERY ? TAGGED_VARIANTS : slice(TAGGED_VARIANTS, 7, 2);
const LONGEST = 3 * 3600 * 1000;

test(
  'whatever happens to tags, there is one version at most, and nothing foreign is touched',
  async () => {
    const cells = [];
    for (const variant of variants)
      for (const point of pointsOf((await undisturbed(variant)).requests))
        for (const fate of TROUBLES) cells.push({ variant, point, fate });
    const wrong: string[] = [];
    for (const { variant, point, fate } of cells.filter((_, index) => index % EVERY === FIRST)) {
      const found = await tagTrial(variant, { key: point.key, after: point.after, fate });
      if (found.length > 0)
        wrong.push(`${variant.name}: ${describePoint(point)}: ${fate.name}: ${found.join('; ')}`);
    }
    expect(wrong).toEqual([]);
  },
  LONGEST,
);

test('the table notices that something foreign is touched', async () => {
  const [variant] = TAGGED_VARIANTS;
  if (!variant) throw new Error('There are no variants');
  const { requests } = await undisturbed(variant);
  const [point] = pointsOf(requests);
  const fate = {
    name: 'a disk of somebody else grows',
    reaches: false,
    does: 'pass',
    change: (azure) => {
      for (const { id, properties } of azure.world.all())
        if (id.endsWith('/disks/build-linux_OsDisk')) properties.diskSizeGB = 999;
    },
  } satisfies Fate;
  const blow = { key: point?.key ?? '', after: 0, fate };
  expect(await tagTrial(variant, blow)).toEqual([expect.stringContaining('touched: ')]);
});
