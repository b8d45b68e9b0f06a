import {
  createHttpHeaders,
  createPipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { slowDownByQuota, waitFor } from '../../../src/azure/quota.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
});

test('waits grow as what is left goes down, and there are none while there is enough', () => {
  expect(waitFor(10, 10)).toBe(0);
  expect(waitFor(Number.POSITIVE_INFINITY, 10)).toBe(0);
  const waits = [9, 6, 3, 1, 0].map((left) => waitFor(left, 10));
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBeGreaterThan(0);
  expect(waits.at(-1)).toBe(30);
});

/** Seconds that the second of two requests waits; the answer to the first one had these headers. */
async function secondsBefore(
  headers: Record<string, string>,
  second: { after?: 'GET' | 'PUT'; method?: 'GET' | 'PUT'; path?: string; most?: number } = {},
): Promise<number> {
  const policy = slowDownByQuota(second.most);
  const url = 'https://management.example/subscriptions/s/a';
  const send = (method: 'GET' | 'PUT', to: string) =>
    policy.sendRequest(createPipelineRequest({ method, url: to }), async (request) => {
      const answer: PipelineResponse = {
        request,
        status: 200,
        headers: createHttpHeaders(headers),
      };
      return answer;
    });
  await send(second.after ?? 'GET', url);
  const began = Date.now();
  await send(
    second.method ?? 'GET',
    second.path ? `https://management.example${second.path}` : url,
  );
  return (Date.now() - began) / 1000;
}

const SERVICE = 'x-ms-ratelimit-remaining-resource';
const SUBSCRIPTION = 'x-ms-ratelimit-remaining-subscription-reads';

describe('the next read waits', () => {
  it('when a bucket of the resource is nearly empty, whichever of those named', async () => {
    const left = 'Microsoft.Compute/GetSubscriptionMaximum;4999,Microsoft.Compute/GetResource;1';
    expect(await secondsBefore({ [SERVICE]: left })).toBeGreaterThan(3);
  });

  it('when the subscription’s own reads run out, whatever is read', async () => {
    const path = '/subscriptions/s/other';
    expect(await secondsBefore({ [SUBSCRIPTION]: '3' }, { path })).toBeGreaterThan(2);
  });

  it('also when a write came between, whose answer tells nothing of reads', async () => {
    const policy = slowDownByQuota();
    const send = (method: 'GET' | 'PUT', headers: Record<string, string>) =>
      policy.sendRequest(
        createPipelineRequest({ method, url: 'https://management.example/subscriptions/s/a' }),
        async (request) => ({ request, status: 200, headers: createHttpHeaders(headers) }),
      );
    await send('GET', { [SUBSCRIPTION]: '3' });
    await send('PUT', {});
    const began = Date.now();
    await send('GET', {});
    expect(Date.now() - began).toBeGreaterThan(2000);
  });

  it('no longer than the user’s interval', async () => {
    const left = 'Microsoft.Compute/GetResource;0';
    expect(await secondsBefore({ [SERVICE]: left }, { most: 0.01 })).toBe(0.01);
  });
});

describe('nothing waits', () => {
  it.each<[string, Record<string, string>, Parameters<typeof secondsBefore>[1]]>([
    ['while there is enough', { [SERVICE]: 'Microsoft.Compute/X;40', [SUBSCRIPTION]: '249' }, {}],
    ['without such headers', {}, {}],
    ['with headers that are none', { [SERVICE]: 'x', [SUBSCRIPTION]: '' }, {}],
    ['for another resource’s bucket', { [SERVICE]: 'Microsoft.Compute/X;0' }, { path: '/b' }],
    ['for a write’s bucket', { [SERVICE]: 'Microsoft.Compute/UpdateVM;1' }, { after: 'PUT' }],
    ['that writes', { [SERVICE]: 'Microsoft.Compute/X;0' }, { method: 'PUT' }],
  ])('%s', async (_, headers, second) => {
    expect(await secondsBefore(headers, second)).toBe(0);
  });
});
