import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure, LocalAzureOptions } from '../../local-azure/src/azure.ts';
import { Failure } from '../../src/domain/failure.ts';
import { awaitIt, capture, fakeClock, localAzure } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const HOUR = 3600;
const REGIONS = [{ name: 'westeurope' }, { name: 'northeurope' }, { name: 'eastus2' }];

/** Access tokens of an hour, ID tokens of five minutes, a replication of six hours. */
const SLOW: LocalAzureOptions = {
  authentication: true,
  tokenSeconds: HOUR,
  assertionSeconds: 300,
  durations: ({ name }) =>
    name.startsWith('PUT galleries/images/versions') ? 6 * HOUR : undefined,
};

const tokens = (azure: LocalAzure): number =>
  azure.requests.all().filter(({ path }) => path.endsWith('/oauth2/v2.0/token')).length;

const refused = (azure: LocalAzure): number =>
  azure.requests.all().filter(({ status }) => status === 401).length;

describe('a replication of six hours', () => {
  it('outlives every token', async () => {
    const azure = localAzure(SLOW);
    const { failure, seconds, heard } = await capture(azure, { request: { regions: REGIONS } });
    expect(failure).toBeUndefined();
    expect(seconds).toBeGreaterThan(6 * HOUR);
    expect(heard.replication.map(({ state }) => state)).toEqual(REGIONS.map(() => 'Completed'));
    expect(tokens(azure)).toBeGreaterThanOrEqual(6);
    expect(refused(azure)).toBe(0);
  });

  it('needs few looks: a run of hours does not eat the quota of others', async () => {
    const azure = localAzure(SLOW);
    const { seconds } = await capture(azure, { request: { regions: REGIONS } });
    const looks = azure.requests.all().filter(({ path }) => path.endsWith('/versions/1.0.0'));
    // Of 667 a minute that a subscription has in a region (Learn, "Compute throttling limits").
    expect(looks.length / (seconds / 60)).toBeLessThan(4);
  });

  it('that is given up by the time limit is taken up by `operation: wait`, in another job', async () => {
    const azure = localAzure(SLOW);
    const end = new AbortController();
    const limit = new Failure({ kind: 'timeout', what: 'Out of time.' });
    setTimeout(() => end.abort(limit), 2 * HOUR * 1000);
    const first = await capture(azure, { request: { regions: REGIONS }, signal: end.signal });
    expect(first.failure?.kind).toBe('timeout');
    expect(first.heard.known?.version).toMatch(/1\.0\.0$/);
    const waited = await awaitIt(azure, '1.0.0');
    expect(waited.failure).toBeUndefined();
    expect(waited.wrote).toBe(false);
    expect(first.seconds + waited.seconds).toBeGreaterThan(6 * HOUR);
    expect(waited.heard.replication.map(({ state }) => state)).toEqual(
      REGIONS.map(() => 'Completed'),
    );
  });
});
