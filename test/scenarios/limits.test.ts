import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzureOptions } from '../../local-azure/src/azure.ts';
import { isCalm } from '../runner/weather.ts';
import { capture, fakeClock, localAzure } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const HOUR = 3600;

/** A slow day in Azure, which asks for tokens of its own. */
const slow: LocalAzureOptions = {
  authentication: true,
  durations: ({ name }) => {
    if (name.startsWith('PUT galleries/images/versions')) return 7 * HOUR;
    if (name.startsWith('POST virtualMachines/deallocate')) return 1.5 * HOUR;
    return name.startsWith('PUT snapshots') ? HOUR / 3 : undefined;
  },
};

const regions = [{ name: 'westeurope' }, { name: 'northeurope' }, { name: 'swedencentral' }];

const statusesOf = (azure: ReturnType<typeof localAzure>): number[] => [
  ...new Set(azure.requests.all().map(({ status }) => status)),
];

// It counts requests and refusals, of which weather adds some.
describe.runIf(isCalm())('a capture of nine hours', () => {
  it('never meets a limit, and never sends a token that has expired', async () => {
    const azure = localAzure(slow);
    const { failure, seconds } = await capture(azure, { request: { regions, snapshot: true } });
    expect(failure).toBeUndefined();
    expect(seconds).toBeGreaterThan(8.5 * HOUR);
    // 404 is what does not exist yet; 409 the console of a VM whose boot diagnostics are still off.
    const refused = statusesOf(azure).filter((status) => status > 299);
    expect(refused.filter((status) => status !== 404 && status !== 409)).toEqual([]);
    const signIns = azure.requests.all().filter(({ path }) => path.endsWith('/token'));
    expect(signIns.length).toBeGreaterThanOrEqual(8);
    expect(azure.requests.all().length).toBeLessThan(3000);
  });

  it('with a greedy poll-interval is refused now and then, and waits as long as Azure asks', async () => {
    const azure = localAzure({
      ...slow,
      durations: (key) => (key.name.includes('versions') ? undefined : slow.durations?.(key)),
    });
    const { failure } = await capture(azure, { pollSeconds: 1 });
    expect(failure).toBeUndefined();
    const all = azure.requests.all();
    const repeated = all.flatMap(({ method, path, status }, index) =>
      status === 429
        ? [all.slice(index + 1).find((each) => each.method === method && each.path === path)]
        : [],
    );
    expect(repeated.filter((again) => again?.status !== 200)).toEqual([]);
  });
});
