/** Long-running operations: what their first answer says, and how long they take. */
import { describe, expect, it } from 'vitest';
import { MEDIAN_SECONDS } from '../src/durations.ts';
import type { JsonObject } from '../src/json.ts';
import { Bench, fromMachine, machineId, osDiskId, version } from './gallery.ts';
import { referenceJson } from './reference.ts';

const [vms, disks, galleries] = ['2024-07-01', '2024-03-02', '2023-07-03'];
const location = 'westeurope';
const copy = {
  location,
  properties: { creationData: { createOption: 'Copy', sourceResourceId: osDiskId } },
};
const script = { commandId: 'RunShellScript', script: ['true'] };

interface Case {
  readonly what: string;
  readonly request: readonly [
    method: string,
    path: string,
    body: JsonObject | undefined,
    version?: string,
  ];
  readonly status: number;
  readonly headers: readonly ('azure-asyncoperation' | 'location')[];
  /** Seconds of `Retry-After`: of the first answer, and while in progress. */
  readonly retryAfter: readonly [first: string | null, poll: string | null];
  /** Median of what was recorded. */
  readonly seconds: number;
  readonly before?: readonly (readonly [string, string, JsonObject | undefined, string?])[];
}

const both = ['azure-asyncoperation', 'location'] as const;
const one = ['azure-asyncoperation'] as const;
const make = ['PUT', version('1.0.0'), fromMachine(), galleries] as const;

const cases: readonly Case[] = [
  {
    what: 'PUT version',
    request: make,
    status: 201,
    headers: one,
    retryAfter: ['60', '60'],
    seconds: 427.9,
  },
  {
    what: 'PATCH version',
    request: [
      'PATCH',
      version('1.0.0'),
      { properties: { publishingProfile: { excludeFromLatest: true } } },
      galleries,
    ],
    before: [make],
    status: 200,
    headers: one,
    retryAfter: ['60', '60'],
    seconds: 150.3,
  },
  {
    what: 'DELETE version',
    request: ['DELETE', version('1.0.0'), undefined, galleries],
    before: [make],
    status: 202,
    headers: both,
    retryAfter: ['60', '60'],
    seconds: 91,
  },
  {
    what: 'PUT gallery',
    request: ['PUT', 'galleries/g', { location }, galleries],
    status: 201,
    headers: one,
    retryAfter: [null, null],
    seconds: 0.2,
  },
  {
    what: 'DELETE definition',
    request: ['DELETE', 'galleries/golden/images/ubuntu', undefined, galleries],
    status: 202,
    headers: both,
    retryAfter: [null, null],
    seconds: 0.2,
  },
  {
    what: 'PUT snapshot',
    request: ['PUT', 'snapshots/s', copy, disks],
    status: 202,
    headers: both,
    retryAfter: ['2', '10'],
    seconds: 0.8,
  },
  {
    what: 'PUT disk',
    request: ['PUT', 'disks/d', copy, disks],
    status: 202,
    headers: both,
    retryAfter: ['2', '10'],
    seconds: 0.8,
  },
  {
    what: 'DELETE snapshot',
    request: ['DELETE', 'snapshots/s', undefined, disks],
    before: [['PUT', 'snapshots/s', copy, disks]],
    status: 202,
    headers: both,
    retryAfter: [null, null],
    seconds: 0.3,
  },
  {
    what: 'deallocate',
    request: ['POST', `${machineId}/deallocate`, undefined, vms],
    status: 202,
    headers: both,
    retryAfter: ['10', '36'],
    seconds: 25.3,
  },
  {
    what: 'powerOff',
    request: ['POST', `${machineId}/powerOff`, undefined, vms],
    status: 202,
    headers: both,
    retryAfter: [null, null],
    seconds: 8.7,
  },
  {
    what: 'start',
    request: ['POST', `${machineId}/start`, undefined, vms],
    before: [['POST', `${machineId}/powerOff`, undefined, vms]],
    status: 202,
    headers: both,
    retryAfter: ['10', '10'],
    seconds: 10.3,
  },
  {
    what: 'runCommand',
    request: ['POST', `${machineId}/runCommand`, script, vms],
    status: 202,
    headers: both,
    retryAfter: [null, null],
    seconds: 14.5,
  },
  {
    what: 'DELETE VM',
    request: ['DELETE', machineId, undefined, vms],
    status: 202,
    headers: both,
    retryAfter: ['10', '30'],
    seconds: 22,
  },
];

describe('the first answer', () => {
  it.each(cases)(
    'of $what',
    async ({ request, before = [], status, headers, retryAfter, seconds }) => {
      const bench = new Bench([], { guests: () => ({ isolation: 'redirected' }) });
      for (const [method, path, body, apiVersion] of before)
        await bench.settle(method, path, body, apiVersion);
      const [method, path, body, apiVersion] = request;
      const first = await bench.send(method, path, body, apiVersion);
      expect(first.status).toBe(status);
      expect(both.filter((name) => first.headers.has(name))).toEqual(headers);
      expect(first.headers.get('retry-after')).toBe(retryAfter[0]);
      const poll = () =>
        bench.azure.fetch(new Request(first.headers.get('azure-asyncoperation') ?? ''));
      bench.clock.advance(seconds * 0.97);
      const waiting = await poll();
      expect([await waiting.json(), waiting.headers.get('retry-after')]).toMatchObject([
        { status: 'InProgress' },
        retryAfter[1],
      ]);
      bench.clock.advance(seconds);
      const done = await poll();
      expect([await done.json(), done.headers.get('retry-after')]).toMatchObject([
        { status: 'Succeeded' },
        null,
      ]);
    },
  );
});

const recorded = referenceJson('traffic/durations.json') as
  | Record<string, { p50: number }>
  | undefined;

// The recorded durations are reference material, which a clone does not have beside it.
describe.runIf(recorded !== undefined)('a duration', () => {
  const rows = recorded ?? {};
  /** The row of a key: today's service, each type with a name in it. */
  const rowOf = (key: string) => {
    const [, method, path = '', variant = ''] = /^(\w+) (\S+)( \[.*\])?$/.exec(key) ?? [];
    const [first = '', ...others] = path.split('/');
    const isAction = method === 'POST';
    const names = [first, ...others].map((type, at) => (isAction && at > 0 ? type : `${type}/{}`));
    return rows[`${method} ${names.join('/')}${variant} (2023+)`];
  };
  const known = Object.entries(MEDIAN_SECONDS).filter(([key]) => rowOf(key) !== undefined);

  it('is what was recorded of most operations', () => {
    expect(known.length).toBeGreaterThan(Object.keys(MEDIAN_SECONDS).length / 2);
  });

  it.each(known)('of %s is the median', (key, seconds) => {
    expect(seconds).toBeCloseTo(rowOf(key)?.p50 ?? 0, 0);
  });
});
