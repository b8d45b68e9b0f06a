import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { remembered } from '../../src/domain/removed-regions.ts';
import { fails, isOf, released, sent, stored, TO_FIVE, WAYS, well } from './failing-regions.ts';
import { fakeClock, promote } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('a region that fails twice while another writer is at work', () => {
  it('is not taken away as long as another writer changes it, and keeps what that one wrote', async () => {
    const azure = await released();
    fails(azure, 3);
    const way = inProcessHttpClient(azure);
    let looks = 0;
    const sendRequest: HttpClient['sendRequest'] = async (each) => {
      const { state, regions: there } = stored(azure);
      const isRepaired = sent(azure).length === 2;
      if (each.method === 'GET' && isOf(azure, each) && isRepaired && state === 'Failed') looks++;
      const [, north] = there;
      // Watched, planned, looked at before the change; what the removal is laid over is read now.
      if (looks === 4 && north) north.excludeFromLatest = false;
      return way.sendRequest(each);
    };
    const asked = { regions: TO_FIVE, repairRegions: true };
    const run = await well(promote(azure, asked, { httpClient: { sendRequest } }));
    expect(run.heard.warnings.join()).toContain('another writer changed or repaired northeurope');
    expect(sent(azure).map((put) => put.regions.length)).toEqual([2, 2, 2, 1, 2]);
    expect(stored(azure).regions[1]).toMatchObject({
      excludeFromLatest: false,
      regionalReplicaCount: 5,
    });
  });

  it.each(WAYS)(
    'is not taken away once another writer has repaired it, %s',
    async (_, unknowns) => {
      const azure = await released({ unknowns });
      fails(azure, 2);
      const way = inProcessHttpClient(azure);
      let puts = 0;
      let last = '';
      const sendRequest: HttpClient['sendRequest'] = async (each) => {
        const isPut = each.method === 'PUT' && isOf(azure, each);
        // Ours comes while the other's is under way, or once it has ended.
        if (isPut && ++puts === 3) {
          await azure.fetch(
            new Request(each.url, {
              method: 'PUT',
              headers: Object.fromEntries(each.headers),
              body: last,
            }),
          );
          if (unknowns.updateOfBusyVersion === 'queued')
            await new Promise((done) => setTimeout(done, 2 * 3_600_000));
        }
        if (isPut && typeof each.body === 'string') last = each.body;
        return way.sendRequest(each);
      };
      const asked = { regions: TO_FIVE, repairRegions: true };
      await well(promote(azure, asked, { httpClient: { sendRequest } }));
      expect(sent(azure).map((put) => put.regions.length)).toEqual([2, 2, 2]);
      expect(remembered(stored(azure).tags)).toEqual([]);
    },
  );
});
