/** Reads that show for a moment what was before a write. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure, type LocalAzureOptions } from '../src/azure.ts';
import { manualClock } from '../src/clock.ts';
import { textAt } from '../src/json.ts';
import { arm } from './sdk.ts';

const VM = 'Microsoft.Compute/virtualMachines/build-linux';
const SNAPSHOT = 'Microsoft.Compute/snapshots/before';

let azure: LocalAzure;
let clock: ReturnType<typeof manualClock>;

beforeEach(() => {
  clock = manualClock(Date.parse('2025-11-22T09:00:00Z'));
  azure = createLocalAzure({ clock, throttling: false });
});

afterEach(() => azure[Symbol.dispose]());

describe('stale reads', () => {
  it('show the state of some seconds ago', async () => {
    azure.weather.set({ staleReads: [{ types: ['*/virtualMachines'], seconds: 5 }] });
    const tags = async () => (await arm(azure, 'GET', VM)).body.tags;
    await arm(azure, 'PATCH', VM, { tags: { step: '1' } });
    clock.advance(3);
    await arm(azure, 'PATCH', VM, { tags: { step: '2' } });
    expect(await tags()).toEqual({ purpose: 'image-build' });
    clock.advance(3);
    expect(await tags()).toEqual({ step: '1' });
    clock.advance(3);
    expect(await tags()).toEqual({ step: '2' });
  });

  it('miss what is new and list what is gone', async () => {
    azure.weather.set({ staleReads: [{ seconds: 5 }] });
    await arm(azure, 'PUT', SNAPSHOT, {
      location: 'westeurope',
      properties: {
        creationData: {
          createOption: 'Copy',
          sourceResourceId: `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/disks/build-linux_OsDisk`,
        },
      },
    });
    expect((await arm(azure, 'GET', SNAPSHOT)).status).toBe(404);
    clock.advance(60);
    expect((await arm(azure, 'GET', SNAPSHOT)).status).toBe(200);
    await arm(azure, 'DELETE', SNAPSHOT);
    clock.advance(4);
    const { body } = await arm(azure, 'GET', 'Microsoft.Compute/snapshots');
    expect(JSON.stringify(body)).toContain('/before"');
  });
});

describe('a fair day', () => {
  /** How many of a hundred writes the next read does not show yet, and how many two seconds later. */
  async function missed(options: LocalAzureOptions) {
    using fair = createLocalAzure({ clock, throttling: false, ...options });
    let [atOnce, later] = [0, 0];
    for (let step = 0; step < 100; step++) {
      const isMissing = async () =>
        textAt((await arm(fair, 'GET', VM)).body, 'tags', 'step') !== String(step);
      await arm(fair, 'PATCH', VM, { tags: { step: String(step) } });
      if (await isMissing()) atOnce += 1;
      clock.advance(2);
      if (await isMissing()) later += 1;
    }
    return { atOnce, later };
  }

  it('has few reads that are stale, for a moment, unless somebody asks for none', async () => {
    expect(await missed({})).toEqual({ atOnce: 2, later: 0 });
    expect(await missed({ unknowns: { readsAfterWrite: 'never stale' } })).toEqual({
      atOnce: 0,
      later: 0,
    });
  });
});
