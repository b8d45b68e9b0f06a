import { beforeEach, describe, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { manualClock } from '../src/clock.ts';
import { ConnectionReset } from '../src/errors.ts';
import { inProcessHttpClient } from '../src/in-process.ts';
import { arm, computeClient, GROUP } from './sdk.ts';

const VM = 'Microsoft.Compute/virtualMachines/build-linux';

let azure: LocalAzure;
let clock: ReturnType<typeof manualClock>;

beforeEach(() => {
  clock = manualClock(Date.parse('2025-11-22T09:00:00Z'));
  azure = createLocalAzure({ clock });
});

async function control(method: string, path: string, body?: string) {
  const init = body === undefined ? { method } : { method, body };
  const response = await azure.fetch(new Request(`${azure.endpoint}/_local/${path}`, init));
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

const rule = (method: string, path: string, then: string, more = '') =>
  control(
    'POST',
    'faults',
    `{"match": {"method": "${method}", "path": "${path}"}, "then": ${then}${more}}`,
  );

describe('fault rules', () => {
  it('answer with a status after so many matches, so many times', async () => {
    const then =
      '{"status": 429, "headers": {"retry-after": "7"}, "body": {"error": {"code": "X"}}}';
    await rule('GET', '**/VIRTUALMACHINES/*', then, ', "after": 1, "times": 2');
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await arm(azure, 'GET', VM)).status);
    expect(statuses).toEqual([200, 429, 429, 200]);
  });

  it('cut a connection before or after acting', async () => {
    await rule('write', '**/deallocate', '{"reset": true}');
    await expect(arm(azure, 'POST', `${VM}/deallocate`)).rejects.toThrow(ConnectionReset);
    expect(JSON.stringify(azure.world.get(vmId())?.properties.instanceView)).toContain('running');
    await rule('*', '**/deallocate', '{"loseResponse": true}');
    const attempt = computeClient(azure).virtualMachines.deallocate(GROUP, 'build-linux');
    await expect(attempt.submitted()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(JSON.stringify(azure.world.get(vmId())?.properties.instanceView)).toContain(
      'deallocating',
    );
    expect(azure.requests.all().map(({ status }) => status)).toEqual([0, 0]);
  });

  it('hang until the client gives up', async () => {
    await rule('GET', '**', '{"hang": true}');
    const abort = new AbortController();
    const { virtualMachines } = computeClient(azure);
    const { signal: abortSignal } = abort;
    const attempt = virtualMachines.get(GROUP, 'build-linux', { abortSignal });
    abort.abort();
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('let an operation fail', async () => {
    const error = '{"code": "AllocationFailed", "message": "No room."}';
    await rule('POST', '**/start', `{"operation": {"status": "Failed", "error": ${error}}}`);
    await arm(azure, 'POST', `${VM}/deallocate`);
    clock.advance(60);
    const { headers } = await arm(azure, 'POST', `${VM}/start`);
    clock.advance(60);
    const poll = headers.get('azure-asyncoperation') ?? '';
    const ended = await azure.fetch(new Request(poll));
    expect(await ended.json()).toMatchObject({
      status: 'Failed',
      error: { code: 'AllocationFailed' },
    });
    expect(JSON.stringify((await arm(azure, 'GET', `${VM}/instanceView`)).body)).toContain(
      'PowerState/deallocated',
    );
  });

  it('are refused when they make no sense, and can be cleared', async () => {
    expect((await rule('GET', '**', '{"explode": true}')).status).toBe(400);
    expect((await control('POST', 'faults', 'nonsense')).status).toBe(400);
    await rule('GET', '**', '{"status": 500}', ', "times": 99');
    await control('DELETE', 'faults');
    expect((await arm(azure, 'GET', VM)).status).toBe(200);
  });
});

describe('controls', () => {
  it('show and forget requests', async () => {
    await arm(azure, 'PATCH', VM, { tags: { a: 'b' } });
    expect((await control('GET', 'requests')).body).toEqual([
      {
        time: '2025-11-22T09:00:00.000Z',
        method: 'PATCH',
        path: vmId(),
        query: { 'api-version': '2025-04-01' },
        status: 200,
        body: { tags: { a: 'b' } },
      },
    ]);
    await control('DELETE', 'requests');
    expect((await control('GET', 'requests')).body).toEqual([]);
  });

  it('show the world in full and replace it', async () => {
    const { body } = await control('GET', 'world');
    expect(body[0]).toHaveProperty('id');
    expect(JSON.stringify(body)).toContain('PowerState/running');
    const next = [{ id: '/subscriptions/1/resourceGroups/g/providers/Contoso.Tea/pots/p' }];
    expect((await control('PUT', 'world', JSON.stringify(next))).status).toBe(204);
    expect((await control('GET', 'world')).body).toMatchObject([
      { name: 'p', type: 'Contoso.Tea/pots', properties: {} },
    ]);
    expect((await control('PUT', 'world', '{"not": "a list"}')).status).toBe(400);
    expect((await control('PUT', 'world', '[{"id": "x"}]')).status).toBe(400);
  });

  it('move the clock', async () => {
    await arm(azure, 'POST', `${VM}/powerOff`);
    const moved = await control('POST', 'clock', '{"advanceSeconds": 600}');
    expect(moved.body).toEqual({ now: '2025-11-22T09:10:00.000Z', speed: 1 });
    expect(JSON.stringify((await arm(azure, 'GET', `${VM}/instanceView`)).body)).toContain(
      'PowerState/stopped',
    );
    expect((await control('POST', 'clock', '{"advanceSeconds": "x"}')).status).toBe(400);
  });
});

describe('request limits', () => {
  it('are told in headers and enforced on emulated time', async () => {
    const client = inProcessHttpClient(azure);
    expect(client).toBeDefined();
    const generalize = () => arm(azure, 'POST', `${VM}/generalize`);
    const first = await generalize();
    expect(first.headers.get('x-ms-ratelimit-remaining-resource')).toBe(
      'Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11',
    );
    for (let i = 0; i < 11; i++) await generalize();
    const refused = await generalize();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    clock.advance(60);
    expect((await generalize()).status).toBe(409);
  });

  it('can be switched off', async () => {
    azure = createLocalAzure({ clock, throttling: false });
    for (let i = 0; i < 20; i++) await arm(azure, 'POST', `${VM}/generalize`);
    expect(azure.requests.all().every(({ status }) => status === 409)).toBe(true);
  });
});

function vmId(): string {
  return `/subscriptions/${azure.subscriptionId}/resourceGroups/${GROUP}/providers/${VM}`;
}
