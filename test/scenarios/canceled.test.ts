import { type HttpClient, RestError } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import type { PromoteRequest } from '../../src/domain/request.ts';
import { capture, fakeClock, localAzure, promote, RETURNS } from './harness.ts';
import { DESTINATION, devAndProduction } from './promotion.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const HOME = { name: 'westeurope' };
const AWAY = { name: 'northeurope' };
const PROMOTIONS: Readonly<Record<string, Partial<PromoteRequest>>> = {
  'a copy': { destination: DESTINATION },
  'new tags': { tags: { channel: 'beta' } },
  'an entry into latest': { excludeFromLatest: false },
  'another region': { regions: [HOME, AWAY, { name: 'eastus2' }] },
  'a removal': { regions: [HOME], regionChanges: 'replace', allowRegionRemoval: true },
};
const ENDS = [
  ['OperationPreempted', 'Canceled'],
  ['InternalExecutionError', 'Failed'],
] as const;
const cases = Object.entries(PROMOTIONS).flatMap(([what, asked]) =>
  ENDS.map(([code, status]) => [what, code, status, asked] as const),
);

it.each(cases)(
  '%s whose operation ends as %s is done once more',
  async (_, code, status, asked) => {
    const azure = await devAndProduction({ regions: [HOME, AWAY] });
    const match = { method: 'PUT', path: '**/versions/*' };
    const error = { code, message: 'It was not you.' };
    azure.faults.add({ match, fate: { operation: { status, error } } });
    const { failure } = await promote(azure, asked);
    expect(azure.faults.hits).toBe(1);
    expect(failure).toBeUndefined();
  },
);

it.each([403, 404])(
  'a version whose operation Azure does not tell of (%d) is made once more',
  async (status) => {
    const azure = localAzure();
    const error = { code: 'OperationPreempted', message: 'It was not you.' };
    const match = { method: 'PUT', path: '**/versions/*' };
    const fault = { match, times: 1, fate: { operation: { status: 'Canceled', error } } } as const;
    azure.faults.add(fault);
    azure.faults.add({ match: { path: '**/capsOperations/*' }, times: 999, fate: { status } });
    expect((await capture(azure)).failure).toBeUndefined();
    const twice = localAzure();
    twice.faults.add({ ...fault, times: 2 });
    twice.faults.add({ match: { path: '**/capsOperations/*' }, times: 999, fate: { status } });
    expect((await capture(twice)).failure?.what).toBe(
      'Azure could not create image version 1.0.0.',
    );
  },
);

it('a disk whose creation ends so is made once more also when a read breaks before that', async () => {
  const azure = localAzure();
  const error = { code: 'OperationPreempted', message: 'It was not you.' };
  const made = { method: 'PUT', path: '**/disks/*-restored-os-*' };
  azure.faults.add({ match: made, fate: { operation: { status: 'Canceled', error } } });
  const way = inProcessHttpClient(azure);
  let isMade = false;
  const httpClient: HttpClient = {
    sendRequest: async (each) => {
      const isLike = each.method === 'GET' && each.url.includes('/disks/build-linux_OsDisk');
      if (isMade && isLike) {
        isMade = false;
        throw new RestError('socket hang up', { code: RestError.REQUEST_SEND_ERROR });
      }
      const answer = await way.sendRequest(each);
      isMade ||= each.method === 'PUT' && each.url.includes('-restored-os-');
      return answer;
    },
  };
  const { failure, seconds } = await capture(azure, { request: RETURNS, httpClient });
  expect(failure).toBeUndefined();
  expect(seconds).toBeLessThan(1500);
});
