/** Azure is allowed to delete regions no longer than a run needs, also where a policy removes tags. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fails, names, released, request, stored, WAYS, well } from './failing-regions.ts';
import { capture, fakeClock, localAzure, promote } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const weather = {
  policies: [
    {
      types: ['Microsoft.Compute/galleries/images/versions'],
      effect: 'remove',
      tag: 'golden-image-*',
    },
  ],
} as const;

it.each(WAYS)('a region that is removed for now, %s', async (_, unknowns) => {
  const azure = localAzure({ unknowns, weather });
  fails(azure, 2);
  await well(capture(azure, { request }));
  expect(names(azure)).toEqual(['West Europe', 'North Europe']);
  expect(stored(azure).safety.allowDeletionOfReplicatedLocations).toBe(false);
});

it.each([
  ['', 0],
  [', where the answer to that is lost', 1],
])('a region that is removed for good%s', async (_, times) => {
  const azure = await released({ weather });
  const match = { method: 'PUT', path: '**/versions/*' };
  if (times > 0) azure.faults.add({ match, fate: { loseResponse: true }, times });
  const regions = [{ name: 'westeurope' }];
  const asked = {
    regions,
    regionChanges: 'replace',
    allowRegionRemoval: true,
    allowNoLatest: true,
  } as const;
  await well(promote(azure, asked));
  expect(names(azure)).toEqual(['West Europe']);
  expect(stored(azure).safety.allowDeletionOfReplicatedLocations).toBe(false);
});
