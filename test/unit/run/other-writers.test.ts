import { expect, it } from 'vitest';
import { waitForOtherWriters } from '../../../src/run/other-writers.ts';
import { fakeClock } from '../../scenarios/harness.ts';

it.each<[string, number | undefined, number | undefined, number]>([
  ['nothing was changed', undefined, undefined, 0],
  ['it was changed just now', 0, undefined, 75],
  ['it was changed a minute ago', 60, undefined, 15],
  ['it was changed long ago', 75, undefined, 0],
  ['the unit of waiting is short', 0, 0.1, 1.5],
  ['the unit of waiting is long', 0, 60, 75],
])('%s: waits so long before it is looked once more', async (_, secondsAgo, pollSeconds, waits) => {
  using _clock = fakeClock();
  const began = Date.now();
  const said: string[] = [];
  const changedAt = secondsAgo === undefined ? undefined : began - secondsAgo * 1000;
  const hadToWait = await waitForOtherWriters({
    compute: { changedAt },
    report: { info: (line) => said.push(line) },
    signal: new AbortController().signal,
    pollSeconds,
  });
  expect((Date.now() - began) / 1000).toBe(waits);
  expect(hadToWait).toBe(waits > 0);
  expect(said).toHaveLength(waits > 0 ? 1 : 0);
});
