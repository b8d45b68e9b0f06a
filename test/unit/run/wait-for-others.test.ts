import { expect, it } from 'vitest';
import { waitForOtherWriters } from '../../../src/run/other-writers.ts';
import { fakeClock } from '../../scenarios/harness.ts';

it.each<[string, number | undefined, number | undefined, number]>([
  ['nothing was changed', undefined, undefined, 0],
  ['it was changed just now', 0, undefined, 75],
  ['it was changed a minute ago', 60, undefined, 15],
  ['it was changed long ago', 75, undefined, 0],
  ['looks are dense', 0, 0.1, 0.1],
  ['looks are dense, and it was changed a while ago', 1.25, 0.2, 0.2],
  ['looks are dense, and it was changed long before them', 1.5, 0.1, 0],
  ['looks are rare', 0, 60, 60],
  ['looks are rarer still', 0, 100, 75],
])('%s: waits so long before it is looked again', async (_, secondsAgo, pollSeconds, waits) => {
  using _clock = fakeClock();
  const began = Date.now();
  const said: string[] = [];
  const changedAt = secondsAgo === undefined ? undefined : began - secondsAgo * 1000;
  const manner = {
    compute: { changedAt },
    report: { info: (line: string) => said.push(line) },
    signal: new AbortController().signal,
    pollSeconds,
  };
  const hadToWait = await waitForOtherWriters(manner, 0);
  expect((Date.now() - began) / 1000).toBe(waits);
  expect(hadToWait).toBe(waits > 0);
  expect(said).toHaveLength(waits > 0 ? 1 : 0);
  await waitForOtherWriters(manner, 1);
  expect(said).toHaveLength(waits > 0 ? 1 : 0);
});
