/** What the weather does to the requests, the answers and the resources of a run. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { manualClock } from '../src/clock.ts';
import { ConnectionReset } from '../src/errors.ts';
import type { WeatherDocument } from '../src/weather/document.ts';
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

const idOf = (path: string): string =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/${path}`;

const snapshot = (tags: Record<string, string>) =>
  arm(azure, 'PUT', SNAPSHOT, {
    location: 'westeurope',
    tags,
    properties: {
      creationData: {
        createOption: 'Copy',
        sourceResourceId: idOf('Microsoft.Compute/disks/build-linux_OsDisk'),
      },
    },
  });

const raw = (path: string, method = 'GET', signal?: AbortSignal) =>
  azure.fetch(
    new Request(
      `${azure.endpoint}${path.startsWith('/') ? path : idOf(path)}?api-version=2025-04-01`,
      { method, ...(signal && { signal }) },
    ),
  );

describe('policies', () => {
  it('add, replace and remove tags of what is written', async () => {
    azure.weather.set({
      policies: [
        { effect: 'add', tag: 'Environment', value: 'prod' },
        { effect: 'replace', tag: 'owner', value: 'platform' },
        { effect: 'replaceExisting', tag: 'absent', value: 'never' },
        { types: ['Microsoft.Compute/*'], effect: 'remove', tag: 'golden-image-*' },
      ],
    });
    const tags = { environment: 'dev', owner: 'me', 'Golden-Image-Run': '1', other: 'x' };
    const { status, body } = await snapshot(tags);
    expect(status).toBe(202);
    expect(body.tags).toEqual({ environment: 'dev', owner: 'platform', other: 'x' });
    const patched = await arm(azure, 'PATCH', VM, { tags: { 'golden-image-x': '1' } });
    expect(patched.body.tags).toEqual({ Environment: 'prod', owner: 'platform' });
  });

  it('touch other types not at all, nor a patch without tags', async () => {
    azure.weather.set({ policies: [{ types: ['*/galleries/**'], effect: 'deny' }] });
    expect((await snapshot({ a: 'b' })).body.tags).toEqual({ a: 'b' });
    azure.weather.set({ policies: [{ effect: 'add', tag: 'a', value: 'b' }] });
    const { body } = await arm(azure, 'PATCH', VM, { properties: {} });
    expect(body.tags).toEqual({ purpose: 'image-build' });
  });

  it('deny a write', async () => {
    azure.weather.set({ policies: [{ types: ['*/snapshots'], effect: 'deny' }] });
    const { status, body } = await snapshot({});
    expect([status, body.error]).toEqual([
      403,
      expect.objectContaining({ code: 'RequestDisallowedByPolicy', target: 'before' }),
    ]);
  });
});

it('a tag tool trims what was written and what is there, after a while', async () => {
  azure.weather.set({ tagTools: [{ tags: '*', keep: ['own*'], afterSeconds: 30 }] });
  await snapshot({ owner: 'me', 'golden-image-run': '1' });
  const tags = () =>
    [SNAPSHOT, VM].map((path) => {
      azure.settle();
      return azure.world.get(idOf(path))?.tags;
    });
  clock.advance(29);
  expect(tags()).toEqual([{ owner: 'me', 'golden-image-run': '1' }, { purpose: 'image-build' }]);
  clock.advance(1);
  expect(tags()).toEqual([{ owner: 'me' }, {}]);
});

describe('operations', () => {
  const polled = async (end: WeatherDocument['operations']) => {
    azure.weather.set({ operations: end ?? [] });
    const { headers } = await arm(azure, 'POST', `${VM}/deallocate`);
    clock.advance(24 * 3600);
    return (await azure.fetch(new Request(headers.get('azure-asyncoperation') ?? ''))).json();
  };

  it.each([
    ['Canceled', 'Canceled', 'Canceled'],
    ['OperationPreempted', 'Canceled', 'OperationPreempted'],
    ['InternalExecutionError', 'Failed', 'InternalExecutionError'],
  ] as const)('end as %s', async (end, status, code) => {
    expect(await polled([{ end }])).toMatchObject({ status, error: { code } });
  });

  it('never end, and what they work on stays as it was then', async () => {
    expect(await polled([{ end: 'never' }])).toMatchObject({ status: 'InProgress' });
    const view = (await arm(azure, 'GET', `${VM}/instanceView`)).body;
    expect(JSON.stringify(view)).toContain('PowerState/deallocating');
  });
});

describe('answers', () => {
  it.each([
    ['empty', ''],
    ['null', 'null'],
    ['object', '{}'],
    ['list', '[]'],
    ['html', expect.stringContaining('<html>')],
    ['truncated', expect.stringMatching(/^\{.*[^}]$/)],
  ] as const)('have another body: %s', async (replaceBody, text) => {
    azure.weather.set({ answers: [{ match: { method: 'read', path: '**' }, replaceBody }] });
    const response = await raw(VM);
    expect([response.status, await response.text()]).toEqual([200, text]);
  });

  it('have a body without an end until the client goes', async () => {
    azure.weather.set({ answers: [{ replaceBody: 'endless' }] });
    const abort = new AbortController();
    const reader = (await raw(VM, 'GET', abort.signal)).body?.getReader();
    let bytes = 0;
    while (bytes < 200_000) bytes += (await reader?.read())?.value?.length ?? 0;
    abort.abort();
    await expect(
      (async () => {
        while (!(await reader?.read())?.done);
      })(),
    ).rejects.toThrow('gone');
  });

  it('lead elsewhere', async () => {
    azure.weather.set({
      answers: [
        { match: { path: '**/snapshots' }, nextLink: 'https://elsewhere.example/next' },
        { match: { path: '**/deallocate' }, pollUrl: '{origin}/poll' },
      ],
    });
    await snapshot({});
    const { body } = await arm(azure, 'GET', 'Microsoft.Compute/snapshots');
    expect(body.nextLink).toBe('https://elsewhere.example/next');
    const { headers } = await arm(azure, 'POST', `${VM}/deallocate`);
    expect(headers.get('location')).toBe(`${azure.endpoint}/poll`);
  });

  it('are refused, cut off or late, GitHub’s too', async () => {
    const polls = { path: '**/locations/*/operations/*' };
    const fate = { status: 403, body: { error: { code: 'AuthorizationFailed', message: '' } } };
    azure.weather.set({
      answers: [
        { match: polls, after: 1, times: 1, fate },
        { match: { path: '/github/**' }, fate: { reset: true } },
        { match: { path: '**/virtualMachines/*' }, delaySeconds: 0.01 },
      ],
    });
    const { headers } = await arm(azure, 'POST', `${VM}/deallocate`);
    const poll = async () =>
      (await azure.fetch(new Request(headers.get('azure-asyncoperation') ?? ''))).status;
    expect([await poll(), await poll(), await poll()]).toEqual([200, 403, 200]);
    await expect(raw('/github/user')).rejects.toThrow(ConnectionReset);
    expect((await raw(VM)).status).toBe(200);
  });
});

describe('moments', () => {
  const agent = async () => JSON.stringify((await arm(azure, 'GET', `${VM}/instanceView`)).body);

  it('an agent falls silent, also over a restart, and speaks again', async () => {
    azure.weather.set({ silentAgents: [{ vm: 'build-*', afterSeconds: 60, forSeconds: 600 }] });
    expect(await agent()).toContain('"Ready"');
    clock.advance(60);
    expect(await agent()).toContain('"Not Ready"');
    await arm(azure, 'POST', `${VM}/restart`);
    clock.advance(590);
    expect(await agent()).toContain('"Not Ready"');
    clock.advance(10);
    expect(await agent()).toContain('"Ready"');
  });

  it('a VM is swapped for another of its name right before a request', async () => {
    const vmId = () => azure.world.get(idOf(VM))?.properties.vmId;
    const before = vmId();
    await arm(azure, 'PATCH', VM, { tags: { mark: '1' } });
    azure.weather.set({
      replacements: [{ vm: 'build-linux', on: { method: 'POST', path: '**/generalize' } }],
    });
    await arm(azure, 'POST', `${VM}/powerOff`);
    clock.advance(600);
    const { status } = await arm(azure, 'POST', `${VM}/generalize`);
    expect(status).toBe(409);
    expect(vmId()).not.toBe(before);
    expect(azure.world.get(idOf(VM))?.tags).toEqual({});
  });
});

it('the same seed decides the same way, whatever is asked in between', async () => {
  const statuses = async (seed: number, between: boolean) => {
    azure.weather.set({
      seed,
      answers: [{ match: { path: '**' }, probability: 0.5, fate: { status: 503 } }],
    });
    const found = [];
    for (let i = 0; i < 30; i++) {
      if (between) await raw('Microsoft.Compute/disks');
      found.push((await raw(VM)).status);
    }
    return found.join(' ');
  };
  const first = await statuses(7, false);
  expect(first).toMatch(/200.*503|503.*200/);
  expect(await statuses(7, true)).toBe(first);
  expect(await statuses(8, false)).not.toBe(first);
});

describe('the control', () => {
  const control = async (method: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await azure.fetch(new Request(`${azure.endpoint}/_local/weather`, init));
    return { status: answer.status, text: await answer.text() };
  };

  it('sets, shows and clears', async () => {
    const document = { seed: 3, answers: [{ match: { path: '**' }, fate: { status: 503 } }] };
    expect((await control('PUT', document)).status).toBe(204);
    expect(JSON.parse((await control('GET')).text)).toEqual(document);
    expect((await raw(VM)).status).toBe(503);
    expect((await control('DELETE')).status).toBe(204);
    expect((await raw(VM)).status).toBe(200);
  });

  it('lists every mistake of a bad document and keeps the weather', async () => {
    await control('PUT', { seed: 3 });
    const { status, text } = await control('PUT', {
      colour: 'blue',
      policies: [{ effect: 'add', tag: 'x' }, { effect: 'shine' }],
      answers: [{ match: { path: '**' } }, { fate: { status: 99 } }],
      operations: [{ end: 'soon', probability: 2 }],
      tagTools: [{ tags: '*', afterSeconds: -1 }],
    });
    expect(status).toBe(400);
    const messages = JSON.parse(text).error.details.map(
      (each: { message: string }) => each.message,
    );
    for (const place of ['colour', 'policies/0', 'policies/1', 'answers/0', 'operations/0/end'])
      expect(messages.join('\n')).toContain(place);
    expect(messages.join('\n')).toMatch(/probability must be <= 1\n.*\n?.*/);
    expect(JSON.parse((await control('GET')).text)).toEqual({ seed: 3 });
  });

  it.each(['{', '[]', '{"answers": [{"fate": {"status": 99}}]}'])('refuses %s', async (body) => {
    const init = { method: 'PUT', body };
    const answer = await azure.fetch(new Request(`${azure.endpoint}/_local/weather`, init));
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('InvalidWeather'),
    ]);
  });
});
