/** What keeps a verification from a verdict: that is no word on the image, and nothing is recorded. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure, LocalAzureOptions } from '../../local-azure/src/azure.ts';
import type { Fault } from '../../local-azure/src/faults.ts';
import { type JsonObject, objectAt } from '../../local-azure/src/json.ts';
import { setAgentReady } from '../../local-azure/src/vm/instance-view.ts';
import { asResource, type Resource } from '../../local-azure/src/world.ts';
import type { Tags } from '../../src/domain/tags.ts';
import { throwAwayId, whereTag } from '../../src/domain/throw-away.ts';
import { sleep } from '../../src/run/wait.ts';
import { writesAmong } from '../runner/control.ts';
import {
  buildVm,
  capture,
  fakeClock,
  localAzure,
  promote,
  type Run,
  verifyIt,
  verifySettings,
} from './harness.ts';
import { leftOf, putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const match = { method: 'PUT', path: '**/virtualMachines/verify-*' };
const ALWAYS = 9999;

function stored(guest: JsonObject = {}, options: LocalAzureOptions = {}): LocalAzure {
  const azure = localAzure(options);
  putVersion(azure, [{ name: 'West Europe' }]);
  const id = `${storedVersionId(azure)}/providers/LocalAzure/guests/default`;
  azure.world.put(asResource({ id, properties: guest }));
  return azure;
}

const recordIn = (azure: LocalAzure): string | undefined =>
  ((azure.world.get(storedVersionId(azure))?.tags ?? {}) as Tags)['golden-image-verification'];

function isExcluded(azure: LocalAzure): unknown {
  azure.settle();
  const version = azure.world.get(storedVersionId(azure));
  return objectAt(version, 'properties', 'publishingProfile').excludeFromLatest;
}

describe('nothing is known of the image', () => {
  it.each<[string, Fault]>([
    [
      'its region never finds it',
      { status: 404, body: { error: { code: 'GalleryImageNotFound', message: 'Not found.' } } },
    ],
    ['Azure never answers the request for the VM', { hang: true }],
  ])('when %s', async (_, fate) => {
    const azure = stored();
    azure.faults.add({ match, times: ALWAYS, fate });
    const { failure, told } = await verifyIt(azure);
    expect(failure?.message).toContain('says nothing about the image');
    expect(told.outputs.get('verified')).toBe('');
    expect(told.outputs.get('state')).toBe('failed');
    expect(recordIn(azure)).toBeUndefined();
  });

  it('when somebody deletes the VM before its agent reports', async () => {
    const azure = stored({ agentSeconds: 300 });
    const verification = verifyIt(azure);
    await sleep(100);
    for (const id of leftOf(azure)) azure.world.delete(id);
    const { failure, told, seconds } = await verification;
    expect(failure?.message).toContain('deleted, replaced or deallocated');
    expect(told.outputs.get('verified')).toBe('');
    expect(recordIn(azure)).toBeUndefined();
    expect(seconds).toBeLessThan(300);
  });

  it.each(['exit 0', 'exit 3'])('when another VM answers in its place: %s', async (script) => {
    const on = { method: 'POST', path: '**/virtualMachines/verify-*/runCommand' };
    const azure = stored({}, { weather: { replacements: [{ vm: 'verify-*', on }] } });
    const { failure, told } = await verifyIt(azure, { script });
    expect(failure?.message).toContain('deleted, replaced or deallocated');
    expect(told.outputs.get('verified')).toBe('');
    expect(recordIn(azure)).toBeUndefined();
  });

  it('when somebody deletes the version meanwhile, and the VM goes too', async () => {
    const azure = stored({ agentSeconds: 200 });
    const verification = verifyIt(azure, { script: 'exit 0' });
    await sleep(100);
    azure.world.delete(storedVersionId(azure));
    const { failure, told } = await verification;
    expect(failure?.message).toContain('disappeared during the run');
    expect(told.outputs.get('verified')).toBe('');
    expect(leftOf(azure)).toEqual([]);
  });

  it('when Azure never ends the creation of a VM whose agent reports', async () => {
    const operations = [{ match, end: 'never' as const }];
    const azure = stored({}, { weather: { operations } });
    const verification = verifyIt(azure);
    await sleep(100);
    for (const id of leftOf(azure).filter((each) => each.includes('/virtualMachines/'))) {
      const vm = azure.world.get(id);
      if (vm) setAgentReady(vm, Date.now());
    }
    const { failure, told } = await verification;
    expect(failure?.message).toContain('Azure did not end its creation');
    expect(told.outputs.get('verified')).toBe('');
    expect(recordIn(azure)).toBeUndefined();
  });
});

it('a deletion of the VM that never ends keeps nobody from the verdict', async () => {
  const operations = [
    { match: { method: 'DELETE', path: '**/virtualMachines/verify-*' }, end: 'never' as const },
  ];
  const azure = stored({}, { weather: { operations } });
  const { failure, told, seconds } = await verifyIt(azure);
  expect(failure).toBeUndefined();
  expect(told.outputs.get('verified')).toBe('true');
  expect(recordIn(azure)).toContain('passed');
  expect(told.log.join('\n')).toContain('Azure is still deleting the throw-away VM');
  expect(told.log.join('\n')).not.toContain('Deleted verify-');
  expect(seconds).toBeLessThan(1200);
});

it('a VM of the same name that was made of something else is noticed before any change', async () => {
  const azure = stored();
  await verifyIt(azure);
  const asked = azure.requests.all().find(({ path }) => path.includes('/virtualMachines/verify-'));
  azure.world.put({ ...(azure.world.get(buildVm(azure)) as Resource), id: asked?.path ?? '' });
  const { failure, heard, wrote } = await verifyIt(azure, { script: 'true' });
  expect(heard.findings).toMatchObject([{ rule: 'verify-vm-name' }]);
  expect(failure?.kind).toBe('refused');
  expect(wrote).toBe(false);
});

describe('a version that somebody replaces while it boots', () => {
  const replaced = async (azure: LocalAzure, run: ReturnType<typeof verifyIt>) => {
    await sleep(200);
    azure.world.delete(storedVersionId(azure));
    putVersion(azure, [{ name: 'West Europe' }], '2026-11-22T08:00:00+00:00');
    const { told } = await run;
    const boots = writesAmong(azure.requests.all()).filter((each) => /^PUT .*\/verify-/.test(each));
    azure.settle();
    return [told.outputs.get('verified'), boots.length, recordIn(azure)?.slice(0, 6)];
  };

  it.each([
    ['exit 0', ['true', 2, 'passed']],
    ['exit 3', ['false', 1, undefined]],
  ])('gets no record that is not its own: %s', async (script, expected) => {
    const azure = stored({ agentSeconds: 300 });
    expect(await replaced(azure, verifyIt(azure, { script }))).toEqual(expected);
    const other = stored({ agentSeconds: 300 });
    const asked = { excludeFromLatest: false, verify: verifySettings(other, { script }) };
    expect(await replaced(other, promote(other, asked))).toEqual(expected);
  });
});

describe('a VM of another job', () => {
  it.each([
    ['run', { runId: '2', job: 'a' }],
    ['job', { runId: '1', job: 'b' }],
  ])(
    'of another %s is waited for while that may live, whose verdict then counts',
    async (_, by) => {
      const azure = stored({ agentSeconds: 40 });
      const first = verifyIt(azure, { script: 'exit 0' }, { runId: '1', job: 'a' });
      await sleep(60);
      const second = verifyIt(azure, { script: 'exit 0' }, by);
      for (const { failure, told } of await Promise.all([first, second])) {
        expect(failure).toBeUndefined();
        expect(told.outputs.get('verified')).toBe('true');
      }
      expect(leftOf(azure)).toEqual([]);
    },
  );

  it('is this run’s own where a policy removes the tags', async () => {
    const policies = [{ effect: 'remove' as const, tag: 'golden-image-run' }];
    const azure = stored({}, { weather: { policies } });
    const { failure, told } = await verifyIt(azure, {}, { runId: '1' });
    expect(failure).toBeUndefined();
    expect(told.outputs.get('verified')).toBe('true');
    expect(leftOf(azure)).toEqual([]);
  });

  it('stands where this run is not allowed to look', async () => {
    const azure = stored();
    await verifyIt(azure, { script: 'exit 0' });
    const elsewhere = `/subscriptions/${azure.subscriptionId}/resourceGroups/elsewhere`;
    const tags = whereTag(throwAwayId(storedVersionId(azure), elsewhere));
    Object.assign(azure.world.get(storedVersionId(azure))?.tags ?? {}, tags);
    const body = { error: { code: 'AuthorizationFailed', message: 'Not allowed.' } };
    const path = '**/resourceGroups/elsewhere/**';
    azure.faults.add({ match: { path }, times: ALWAYS, fate: { status: 403, body } });
    const { failure, told } = await verifyIt(azure, { script: 'echo other' });
    expect([failure, told.outputs.get('verified')]).toEqual([undefined, 'true']);
  });

  it('is deleted once that run must have ended', async () => {
    const azure = stored();
    const killed = new AbortController();
    const first = verifyIt(azure, {}, { runId: '1', signal: killed.signal });
    await sleep(20);
    azure.faults.add({ match: { method: 'DELETE', path: '**' }, times: 9, fate: { reset: true } });
    killed.abort(new Error('killed'));
    await first;
    azure.faults.clear();
    expect(leftOf(azure)).not.toEqual([]);
    const { failure, seconds } = await verifyIt(azure, {}, { runId: '2' });
    expect(failure).toBeUndefined();
    expect(seconds).toBeGreaterThan(1000);
    expect(leftOf(azure)).toEqual([]);
  });
});

describe('a script whose result Azure never delivers', () => {
  it.each([
    ['exit 0', 'true'],
    ['exit 7', 'false'],
  ])('is believed by its end on the console: %s, verified %s', async (script, verified) => {
    const operations = [
      { match: { path: '**/virtualMachines/verify-*/runCommand' }, end: 'never' as const },
    ];
    const azure = stored({}, { weather: { operations } });
    const { told } = await verifyIt(azure, { script });
    expect(told.outputs.get('verified')).toBe(verified);
    expect(leftOf(azure)).toEqual([]);
  });
});

it.each<[string, (azure: LocalAzure) => Promise<Run>]>([
  ['verification', (azure) => verifyIt(azure)],
  ['promotion in place', (azure) => promote(azure, { replicas: 2, verify: verifySettings(azure) })],
])('a capture goes on to `latest` after a %s that recorded a verification', async (_, records) => {
  const azure = localAzure();
  const request = { verify: verifySettings(azure) };
  const body = { error: { code: 'SkuNotAvailable', message: 'The size is not available.' } };
  azure.faults.add({ match, times: 1, fate: { status: 409, body } });
  expect((await capture(azure, { request })).told.outputs.get('verified')).toBe('');
  expect((await records(azure)).told.outputs.get('verified')).toBe('true');
  expect(isExcluded(azure)).toBe(true);
  const { failure, heard } = await capture(azure, { request });
  expect(failure).toBeUndefined();
  expect(heard.started).not.toContain('verify');
  expect(isExcluded(azure)).toBe(false);
  const again = await capture(azure, { request });
  expect(again.wrote).toBe(false);
});

it.each([
  ['with any script', undefined, 'echo fine', false],
  ['with a script of its own', 'exit 0', 'echo fine', true],
  ['after another script failed', undefined, 'exit 1', true],
])('a capture leaves what somebody took out of `latest`: %s', async (_, script, other, boots) => {
  const azure = localAzure();
  const request = { verify: verifySettings(azure, script ? { script } : {}) };
  expect((await capture(azure, { request })).failure).toBeUndefined();
  expect((await verifyIt(azure, { script: other })).wrote).toBe(true);
  const recall = { excludeFromLatest: true, allowNoLatest: true } as const;
  expect((await promote(azure, recall)).failure).toBeUndefined();
  const { failure, heard } = await capture(azure, { request });
  expect([failure, heard.started.includes('verify')]).toEqual([undefined, boots]);
  expect(isExcluded(azure)).toBe(true);
});
