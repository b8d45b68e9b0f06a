/** Captures under weather: what passes by itself costs nothing but time. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WeatherDocument } from '../../local-azure/src/weather/document.ts';
import { runMatrix } from '../crash/matrix.ts';
import { capture, fakeClock, localAzure } from './harness.ts';

const POLLS = { path: '**/locations/*/*perations/*' };
const READS = { method: 'read', path: '**/virtualMachines/*' };

const MILD: Readonly<Record<string, WeatherDocument>> = {
  'polls that fail now and then': {
    answers: [{ match: POLLS, probability: 0.3, fate: { status: 503 } }],
  },
  'reads through a proxy that fails': {
    answers: [{ match: READS, probability: 0.2, fate: { status: 502, body: '<html></html>' } }],
  },
  'a tag that a policy adds': {
    policies: [{ effect: 'add', tag: 'cost-center', value: '4711' }],
  },
  'answers that come late': {
    answers: [{ match: { method: 'write', path: '**' }, delaySeconds: 20 }],
  },
};

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => {
  clock[Symbol.dispose]();
  vi.unstubAllEnvs();
});

it.each(Object.entries(MILD))('a capture ends the same under %s', async (_, weather) => {
  const azure = localAzure({ weather });
  const { failure, heard } = await capture(azure, { request: { snapshot: true } });
  expect(failure).toBeUndefined();
  expect(heard.replication).toEqual([expect.objectContaining({ state: 'Completed' })]);
  const versions = azure.world.all().filter(({ type }) => type.endsWith('/versions'));
  expect(versions.map(({ name }) => name)).toEqual(['1.0.0']);
});

it.each([
  { lagSeconds: 600, lostSeconds: 60 },
  { lagSeconds: 60, lostSeconds: 0 },
])('a capture ends, or the next attempt does, with such a console: %o', async (weather) => {
  const azure = localAzure({ weather: { console: [weather] } });
  const first = await capture(azure);
  azure.weather.clear();
  const { failure } = first.failure ? await capture(azure) : first;
  expect(failure).toBeUndefined();
  const versions = azure.world.all().filter(({ type }) => type.endsWith('/versions'));
  expect(versions.map(({ name }) => name)).toEqual(['1.0.0']);
});

it('a console that hangs stops a run before anything in the guest is changed', async () => {
  const azure = localAzure({ guests: () => ({}), weather: { console: [{ writesHang: true }] } });
  const { failure } = await capture(azure);
  expect(failure?.why).toContain('Writing to the console hangs');
  azure.weather.clear();
  expect((await capture(azure)).failure).toBeUndefined();
});

it('a slice of the crash matrix converges under mild weather', async () => {
  clock[Symbol.dispose]();
  vi.stubEnv('WEATHER', new URL('../weather/mild.json', import.meta.url).pathname);
  const said: string[] = [];
  const slice = { seed: 14, singles: 10, pairs: 4, only: 'Linux with snapshots' };
  const tally = await runMatrix({ ...slice, say: (line) => said.push(line) });
  expect(tally.diverged).toEqual([]);
  expect(tally.converged).toBeGreaterThan(0);
});
