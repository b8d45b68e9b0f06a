import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { Fault } from '../../local-azure/src/faults.ts';
import { slice } from '../runner/slice.ts';
import { capture, fakeClock, localAzure, verifySettings } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const READS = {
  'what a region offers': '**/providers/Microsoft.Compute',
  'the VM': '**/virtualMachines/*',
  'a disk': '**/disks/*',
  'the gallery': '**/galleries/*',
  'the definition': '**/images/*',
  'the list of versions': '**/versions',
  'the version': '**/versions/*',
  'a snapshot': '**/snapshots/*',
  'the locks': '**/locks',
  'the permissions': '**/permissions',
  'an operation': '**/operations/*',
} as const;

const json = { 'content-type': 'application/json' };
const BODIES: Readonly<Record<string, Fault>> = {
  HTML: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
  'HTML that calls itself JSON': { status: 200, headers: json, body: '<html>Sign in</html>' },
  nothing: { status: 200, headers: json, body: '' },
  null: { status: 200, headers: json, body: 'null' },
  'an empty object': { status: 200, body: {} },
  'a list': { status: 200, body: [] },
  'wrong members': {
    status: 200,
    body: { id: 1, properties: null, value: [null], nextLink: 5, resourceTypes: {}, status: 'Odd' },
  },
};

const cases = Object.entries(READS).flatMap(([what, path]) =>
  Object.entries(BODIES).map(([how, fate]) => [what, how, path, fate] as const),
);

describe('an answer of 200 without what was asked for', () => {
  it.each(slice(cases, 3))('is asked for again: %s, %s', async (_what, _how, path, fate) => {
    const azure = localAzure();
    azure.faults.add({ match: { method: 'GET', path }, times: 2, fate });
    const run = await capture(azure, { request: { snapshot: true } });
    expect(azure.faults.hits).toBe(2);
    expect(run.failure).toBeUndefined();
    expect(run.heard.unchecked).toEqual([]);
    expect(run.heard.replication).toMatchObject([{ state: 'Completed' }]);
  });

  it('is told as what it is in the end, with the correlation ID', async () => {
    const azure = localAzure();
    const path = READS['the VM'];
    azure.faults.add({ match: { method: 'GET', path }, times: 99, fate: BODIES.HTML as Fault });
    const { failure, seconds } = await capture(azure);
    expect(failure).toMatchObject({ kind: 'transient', code: 'UnusableAnswer' });
    expect(failure?.what).toMatch(/read the build VM cannot be used: the body is no JSON object/);
    expect(failure?.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(seconds).toBeLessThan(600);
  });

  it('of a write is looked after, and the write repeated if it did not take effect', async () => {
    const azure = localAzure();
    const match = { method: 'PUT', path: '**/versions/*' };
    azure.faults.add({ match, fate: BODIES.HTML as Fault });
    const { failure } = await capture(azure);
    expect(failure).toBeUndefined();
    expect(sent(azure, 'PUT', /versions\/[^/]+$/)).toBe(2);
  });
});

const sent = (azure: LocalAzure, method: string, path: RegExp): number =>
  azure.requests.all().filter((each) => each.method === method && path.test(each.path)).length;

describe('a link to another host', () => {
  const foreign = 'https://evil.example/subscriptions/x?api-version=2024-01-01';

  it('in a list is never followed; the page is asked for again', async () => {
    const azure = localAzure();
    const fate = { status: 200, body: { value: [], nextLink: foreign } };
    for (const path of [READS['the list of versions'], READS['the locks']])
      azure.faults.add({ match: { method: 'GET', path }, fate });
    const { failure } = await capture(azure);
    expect(azure.faults.hits).toBe(2);
    expect(failure).toBeUndefined();
  });

  it('that comes again and again ends the run, and nothing was sent there', async () => {
    const azure = localAzure();
    const fate = { status: 200, body: { value: [], nextLink: foreign } };
    const path = READS['the list of versions'];
    azure.faults.add({ match: { method: 'GET', path }, times: 99, fate });
    const { failure } = await capture(azure);
    expect(failure?.what).toContain('`nextLink` leads to another host');
  });

  it.each(['azure-asyncoperation', 'location'])('in %s is not asked', async (header) => {
    const azure = localAzure();
    const match = { method: 'POST', path: '**/deallocate' };
    azure.faults.add({ match, fate: { status: 202, headers: { [header]: foreign }, body: '' } });
    const deallocated = capture(azure);
    // The fault keeps the request from Azure: somebody else deallocates the VM.
    await new Promise((done) => setTimeout(done, 120_000));
    const headers = { authorization: `Bearer ${azure.accessToken()}` };
    const vm = azure.world.all().find(({ name }) => name === 'build-linux')?.id;
    const url = `${azure.endpoint}${vm}/deallocate?api-version=2024-07-01`;
    await azure.fetch(new Request(url, { method: 'POST', headers }));
    expect((await deallocated).failure).toBeUndefined();
  });

  it('to which Azure redirects is not followed', async () => {
    const azure = localAzure();
    const fate = { status: 307, headers: { location: foreign }, body: '' };
    azure.faults.add({ match: { method: 'GET', path: READS['the gallery'] }, fate });
    expect((await capture(azure)).failure).toBeUndefined();
    expect(azure.faults.hits).toBe(1);
  });

  it('that leads a list in a circle ends', async () => {
    const azure = localAzure();
    const path = READS['the list of versions'];
    const body = { value: [], nextLink: `${azure.endpoint}/subscriptions/x/providers/a/b` };
    azure.faults.add({ match: { method: 'GET', path }, times: 99, fate: { status: 200, body } });
    azure.faults.add({
      match: { path: '**/providers/a/b' },
      times: 99,
      fate: { status: 200, body },
    });
    expect((await capture(azure)).failure?.what).toContain('has no end');
  });
});

describe('an operation', () => {
  const ended = (code: string, status: 'Failed' | 'Canceled'): Fault => ({
    operation: { status, error: { code, message: 'It was not you.' } },
  });
  const WRITES = {
    'of a snapshot': ['PUT', '**/snapshots/*'],
    'of a Run Command': ['POST', '**/runCommand'],
    'of deallocating': ['POST', '**/deallocate'],
  } as const;
  const endings = Object.entries(WRITES).flatMap(([what, [method, path]]) =>
    [
      ended('OperationPreempted', 'Canceled'),
      ended('InternalExecutionError', 'Failed'),
      ended('RetryableError', 'Failed'),
    ].map((fate) => [what, JSON.stringify(fate), method, path, fate] as const),
  );

  it.each(endings)('%s that ends so is done once more: %s', async (_, __, method, path, fate) => {
    const azure = localAzure();
    azure.faults.add({ match: { method, path }, fate });
    const { failure } = await capture(azure, { request: { snapshot: true } });
    expect(azure.faults.hits).toBe(1);
    expect(failure).toBeUndefined();
  });

  it.each([2, 3, 5])(
    'of deallocating that is canceled %d times converges in the end',
    async (times) => {
      const azure = localAzure();
      const match = { method: 'POST', path: '**/deallocate' };
      azure.faults.add({ match, times, fate: ended('OperationCanceled', 'Canceled') });
      let { failure } = await capture(azure);
      for (let runs = 1; failure && runs < 4; runs++) ({ failure } = await capture(azure));
      expect(failure).toBeUndefined();
      expect(azure.faults.hits).toBe(times);
    },
  );

  it.each(['OperationPreempted', 'Canceled'])('of a version that ends as %s', async (code) => {
    const azure = localAzure();
    const match = { method: 'PUT', path: '**/versions/*' };
    azure.faults.add({ match, fate: ended(code, 'Canceled') });
    const { failure } = await capture(azure, { request: { deprovision: 'never' } });
    expect(failure).toBeUndefined();
  });

  it.each(['OperationPreempted', 'InternalExecutionError'])(
    'of a throw-away VM that ends as %s says nothing about the image: another VM is made',
    async (code) => {
      const azure = localAzure();
      const match = { method: 'PUT', path: '**/virtualMachines/*' };
      azure.faults.add({ match, fate: ended(code, 'Canceled') });
      const verify = verifySettings(azure);
      const { failure } = await capture(azure, {
        request: { deprovision: 'never', verify },
      });
      expect(azure.faults.hits).toBe(1);
      expect(failure).toBeUndefined();
    },
  );

  it.each([403, 404])('whose poll is answered %d is seen at the resource', async (status) => {
    const azure = localAzure();
    const match = { method: 'GET', path: '**/operations/*' };
    azure.faults.add({ match, after: 1, times: 999, fate: { status } });
    const { failure } = await capture(azure, { request: { deprovision: 'never' } });
    expect(azure.faults.hits).toBeGreaterThan(0);
    expect(failure).toBeUndefined();
  });

  it('that never ends is seen at the resource', async () => {
    const azure = localAzure();
    const body = { status: 'InProgress' };
    const match = { method: 'GET', path: '**/{operations,DiskOperations}/*' };
    azure.faults.add({ match, times: 9999, fate: { status: 200, body } });
    const request = { snapshot: true, deprovision: 'never' as const };
    const { failure, seconds } = await capture(azure, { request });
    expect(failure).toBeUndefined();
    expect(seconds).toBeLessThan(1200);
  });
});

it.each(['NoRegisteredProviderFound', 'InvalidApiVersionParameter'])(
  'a region without our API version gets the newest one that it has: %s',
  async (code) => {
    const azure = localAzure();
    const message = "The supported api-versions are '2023-07-03, 2024-03-03, 2099-01-01'.";
    const fate = { status: 400, body: { error: { code, message } } };
    azure.faults.add({ match: { path: '**/galleries/golden/images/*/versions/*' }, fate });
    const { failure } = await capture(azure);
    expect(failure).toBeUndefined();
    const puts = azure.requests
      .all()
      .filter(({ method, path }) => method === 'PUT' && /versions/.test(path));
    expect(puts.map(({ query }) => query)).toMatchObject([{ 'api-version': '2024-03-03' }]);
  },
);

it('writes use the newest API version that the cloud lists, without being refused one first', async () => {
  const azure = localAzure();
  const apiVersions = ['2099-01-01', '2025-01-01-preview', '2024-03-03', '2023-07-03'];
  const type = (resourceType: string) => ({
    resourceType,
    apiVersions,
    locations: ['West Europe'],
  });
  const resourceTypes = [
    ...['galleries', 'galleries/images/versions', 'virtualMachines'].map(type),
    { ...type('locations/operations'), apiVersions: ['2023-07-03'] },
  ];
  azure.faults.add({
    match: { path: READS['what a region offers'] },
    fate: { status: 200, body: { resourceTypes } },
  });
  const { failure } = await capture(azure);
  expect(failure).toBeUndefined();
  const used = azure.requests
    .all()
    .filter(({ method }) => method === 'PUT' || method === 'POST')
    .map(({ path, query }) => `${path.split('/').at(-1)} ${query['api-version']}`);
  expect(used).toContain('deallocate 2024-03-03');
  expect(used).toContain('1.0.0 2024-03-03');
  // Whose URLs Azure names.
  const polls = azure.requests.all().filter(({ path }) => /\/operations\//.test(path));
  expect(new Set(polls.map(({ query }) => query['api-version']))).toEqual(new Set(['2024-03-03']));
  expect(azure.requests.all().filter(({ status }) => status === 400)).toEqual([]);
});

it('a resource that Azure does not show yet, right after it accepted it, is waited for', async () => {
  const azure = localAzure();
  const match = { method: 'GET', path: READS['the version'] };
  azure.faults.add({ match, after: 1, times: 4, fate: { status: 404 } });
  const { failure } = await capture(azure);
  expect(azure.faults.hits).toBe(4);
  expect(failure).toBeUndefined();
  expect(sent(azure, 'PUT', /versions\/[^/]+$/)).toBe(1);
});
