import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { Failure } from '../../src/domain/failure.ts';
import { remembered } from '../../src/domain/removed-regions.ts';
import { writesAmong } from '../runner/control.ts';
import {
  fails,
  isOf,
  names,
  regions,
  released,
  request,
  sent,
  stored,
  TO_FIVE,
  WAYS,
  well,
} from './failing-regions.ts';
import { awaitIt, capture, fakeClock, localAzure, promote, type RunOptions } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const CANCELLED = new Failure({ kind: 'cancelled', what: 'The run was cancelled.' });

/** A run that is over half a minute after the so-maniest change of the version was accepted. */
function killedAfter(azure: LocalAzure, number: number): RunOptions {
  const end = new AbortController();
  const way = inProcessHttpClient(azure);
  let puts = 0;
  const sendRequest: HttpClient['sendRequest'] = async (each) => {
    const answer = await way.sendRequest(each);
    if (each.method === 'PUT' && isOf(azure, each) && answer.status < 300 && ++puts === number)
      setTimeout(() => end.abort(CANCELLED), 30_000);
    return answer;
  };
  return { signal: end.signal, httpClient: { sendRequest } };
}

const isOfVersion = ({ name }: { readonly name: string }) => name.includes('images/versions');

describe('a capture, one region of which fails', () => {
  it.each(WAYS)(
    'once: is repaired by the same request, without taking anything away, %s',
    async (_, unknowns) => {
      const azure = localAzure({ unknowns });
      fails(azure, 1);
      await well(capture(azure, { request }));
      expect(sent(azure).map((put) => put.regions)).toEqual(
        Array(2).fill(['westeurope', 'northeurope']),
      );
    },
  );

  it.each(WAYS)('twice: has it taken away and added again as it was, %s', async (_, unknowns) => {
    const azure = localAzure({ unknowns });
    fails(azure, 2);
    const run = await well(capture(azure, { request }));
    const both = ['westeurope', 'northeurope'];
    expect(sent(azure)).toEqual([
      { regions: both, remembered: [] },
      { regions: both, remembered: [] },
      { regions: ['westeurope'], remembered: ['northeurope'] },
      { regions: both, remembered: [] },
    ]);
    expect(stored(azure).regions).toMatchObject([
      { name: 'West Europe', regionalReplicaCount: 2 },
      { name: 'North Europe', regionalReplicaCount: 3, storageAccountType: 'Premium_LRS' },
    ]);
    expect(stored(azure).safety.allowDeletionOfReplicatedLocations).toBe(false);
    expect(run.heard.warnings.join()).toContain('northeurope is removed and added again');
    expect(run.heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
    azure.requests.clear();
    expect((await well(capture(azure, { request }))).wrote).toBe(false);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it.each(WAYS)(
    'always: ends with the region there, failed, and says that nothing helped, %s',
    async (_, unknowns) => {
      const azure = localAzure({ unknowns });
      fails(azure, 99);
      const { failure, heard } = await capture(azure, { request });
      expect(failure?.message).toContain('No capacity there.');
      expect(failure?.remedy).toContain('removing northeurope and adding it again');
      expect(names(azure)).toEqual(['West Europe', 'North Europe']);
      expect(remembered(stored(azure).tags)).toEqual([]);
      expect(heard.replication).toMatchObject([{ state: 'Completed' }, { state: 'Failed' }]);
    },
  );

  it.each(WAYS)(
    'twice, and Azure does not even get it away: is added again all the same, %s',
    async (_, unknowns) => {
      const azure = localAzure({ unknowns });
      fails(azure, 2);
      azure.faults.add({
        match: { method: 'PUT', path: '**/versions/*' },
        after: unknowns.removalOfFailedRegion === 'refused' ? 3 : 2,
        fate: { operation: { status: 'Failed', error: { code: 'X', message: 'Broken.' } } },
      });
      const run = await well(capture(azure, { request }));
      expect(sent(azure).map((put) => put.remembered.length)).toEqual([0, 0, 1, 0]);
      expect(run.heard.warnings.join()).toContain('northeurope is added again nevertheless');
      expect(names(azure)).toEqual(['West Europe', 'North Europe']);
      expect(run.heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
    },
  );

  it('is not taken away unless that is allowed, and the message names the input', async () => {
    const azure = localAzure();
    fails(azure, 99);
    const { failure } = await capture(azure, { request: { regions } });
    expect(failure?.remedy).toContain('`repair-regions: true`');
    expect(failure?.remedy).toContain('northeurope');
    expect(new Set(sent(azure).map((put) => put.regions.join()))).toEqual(
      new Set(['westeurope,northeurope']),
    );
  });

  it.each(['none', 'home'] as const)(
    'at once, each time: is sent once more and no more, though `wait-for` is %s',
    async (waitFor) => {
      const azure = localAzure({ durations: (key) => (isOfVersion(key) ? 5 : undefined) });
      fails(azure, 99);
      await capture(azure, { request: { regions, waitFor: 'none' } });
      await new Promise((done) => setTimeout(done, 600_000));
      const before = sent(azure).length;
      const { failure } = await capture(azure, { request: { regions, waitFor } });
      expect(failure?.message).toContain('could not create image version 1.0.0');
      expect(failure?.message).toContain('No capacity there.');
      expect(sent(azure).length - before).toBe(1);
    },
  );

  it('never loses its home region, even where that is the one that fails', async () => {
    const azure = localAzure();
    fails(azure, 99, 'westeurope');
    const three = { ...request, regions: [...regions, { name: 'uksouth' }] };
    const { failure } = await capture(azure, { request: three });
    expect(failure?.remedy).toContain('`westeurope` is the home region');
    for (const put of sent(azure)) expect(put.regions).toContain('westeurope');
  });
});

describe('a promotion where the version is, one region of which fails', () => {
  it.each(WAYS)('twice: gives the region back with all that it had, %s', async (_, unknowns) => {
    const azure = await released({ unknowns });
    const [home, north] = structuredClone(stored(azure).regions);
    fails(azure, 2);
    await well(promote(azure, { regions: TO_FIVE, repairRegions: true }));
    expect(sent(azure).map((put) => put.regions.length)).toEqual([2, 2, 1, 2]);
    expect(stored(azure).regions).toEqual([home, { ...north, regionalReplicaCount: 5 }]);
    expect(remembered(stored(azure).tags)).toEqual([]);
    azure.requests.clear();
    await well(promote(azure, { regions: TO_FIVE, repairRegions: true }));
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it.each(WAYS)(
    'killed between removal and return: any promotion gives the region back as it was, %s',
    async (_, unknowns) => {
      const azure = await released({ unknowns });
      const [home, north] = structuredClone(stored(azure).regions);
      fails(azure, 2);
      const killed = await promote(
        azure,
        { regions: TO_FIVE, repairRegions: true },
        killedAfter(azure, 3),
      );
      expect(killed.failure).toBeDefined();
      expect(names(azure)).toEqual(['West Europe']);
      expect(killed.heard.replication).toMatchObject([
        { region: 'westeurope' },
        { region: 'northeurope', state: 'Unknown', details: 'Removed, to be added again.' },
      ]);
      await well(promote(azure, { tags: { stage: 'prod' } }, { runId: 'other' }));
      expect(stored(azure).regions).toEqual([home, { ...north, regionalReplicaCount: 5 }]);
      expect(remembered(stored(azure).tags)).toEqual([]);
    },
  );

  it('killed so: is shown by a dry run, and waited for in vain, until somebody adds it again', async () => {
    const azure = await released();
    fails(azure, 2);
    await promote(azure, { regions: TO_FIVE, repairRegions: true }, killedAfter(azure, 3));
    const dry = await promote(azure, {}, { dryRun: true });
    expect(dry.heard.planned).toMatchObject([
      { do: 'replicate' },
      { do: 'update', change: { bringBack: ['northeurope'] } },
      { do: 'replicate' },
    ]);
    const waited = await awaitIt(azure, '1.0.0');
    expect(waited.failure?.message).toContain('is missing in northeurope');
    expect(waited.wrote).toBe(false);
  });

  it('killed so, and then told to have other regions only: forgets the region', async () => {
    const azure = await released();
    fails(azure, 2);
    await promote(azure, { regions: TO_FIVE, repairRegions: true }, killedAfter(azure, 3));
    const only = {
      regions: [{ name: 'westeurope' }],
      regionChanges: 'replace',
      allowRegionRemoval: true,
    } as const;
    await well(promote(azure, only));
    expect(names(azure)).toEqual(['West Europe']);
    expect(remembered(stored(azure).tags)).toEqual([]);
    azure.requests.clear();
    await well(promote(azure, {}));
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });
});

/** An Azure that calls a version Succeeded whatever became of its regions. */
function callsSucceeded(azure: LocalAzure): HttpClient {
  const way = inProcessHttpClient(azure);
  return {
    sendRequest: async (each) => {
      const answer = await way.sendRequest(each);
      if (each.method !== 'GET' || !isOf(azure, each)) return answer;
      const bodyAsText = answer.bodyAsText?.replace(
        '"provisioningState":"Failed"',
        '"provisioningState":"Succeeded"',
      );
      return { ...answer, ...(bodyAsText && { bodyAsText }) };
    },
  };
}

describe('a version that Azure calls Succeeded, one region of which failed', () => {
  it.each([
    [1, [2, 2]],
    [2, [2, 2, 1, 2]],
  ])('%i times: is repaired like one that failed', async (times, regionsSent) => {
    const azure = localAzure();
    fails(azure, times);
    const run = await well(capture(azure, { request, httpClient: callsSucceeded(azure) }));
    expect(sent(azure).map((put) => put.regions.length)).toEqual(regionsSent);
    expect(run.heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
  });

  it('always: ends with what failed where, and is taken up by a promotion of it', async () => {
    const azure = await released();
    const httpClient = callsSucceeded(azure);
    fails(azure, 2);
    const { failure } = await promote(azure, { regions: TO_FIVE }, { httpClient });
    expect(failure?.message).toContain('1.0.0 Succeeded, but could not create it in northeurope');
    expect(failure?.message).toContain('No capacity there.');
    await well(promote(azure, {}, { httpClient }));
    expect(sent(azure)).toHaveLength(3);
    await well(promote(azure, {}, { httpClient }));
    expect(sent(azure)).toHaveLength(3);
  });

  it('is waited for no longer, and who waits is sent to the job that made it', async () => {
    const azure = await released();
    fails(azure, 2);
    await promote(azure, { regions: TO_FIVE });
    const version = azure.world.get(
      azure.requests.all().find(({ method }) => method === 'PUT')?.path ?? '',
    );
    if (version) version.properties.provisioningState = 'Succeeded';
    const { failure, seconds } = await awaitIt(azure, '1.0.0');
    expect(failure?.message).toContain('could not create it in northeurope');
    expect(failure?.remedy).toContain('Re-run the job that created it');
    expect(seconds).toBeLessThan(60);
  });
});
