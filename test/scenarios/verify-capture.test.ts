import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { nameOf } from '../../src/domain/resource-id.ts';
import type { Tags } from '../../src/domain/tags.ts';
import { summaryOf } from '../../src/github/summary.ts';
import { verdictOf } from '../../src/github/verdict.ts';
import { sleep } from '../../src/run/wait.ts';
import { writesAmong } from '../runner/control.ts';
import {
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  verifySettings,
} from './harness.ts';
import { leftOf, putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const REGIONS = [
  { name: 'westeurope' },
  { name: 'northeurope', excludeFromLatest: true },
  { name: 'eastus2' },
];

const BOOT = /^PUT .*\/virtualMachines\/verify-/;

const versionsOf = (azure: LocalAzure) => {
  azure.settle();
  const start = `${definitionId(azure)}/versions/`.toLowerCase();
  return azure.world.all().filter(({ id }) => id.toLowerCase().startsWith(start));
};

const exclusions = (azure: LocalAzure) => {
  const [version] = versionsOf(azure);
  const profile = objectAt(version, 'properties', 'publishingProfile');
  return [
    profile.excludeFromLatest,
    ...objectsAt(profile, 'targetRegions').map((each) => each.excludeFromLatest ?? null),
  ];
};

const record = (azure: LocalAzure): string =>
  ((versionsOf(azure)[0]?.tags ?? {}) as Tags)['golden-image-verification'] ?? '';

describe('a capture that is verified', () => {
  it('keeps a version that has entered latest when a later attempt finds it to fail', async () => {
    const azure = localAzure();
    const verified = (script: string) =>
      capture(azure, {
        request: { verify: verifySettings(azure, { script, onFailure: 'delete' }) },
      });
    expect((await verified('exit 0')).failure).toBeUndefined();
    const again = await verified('exit 7');
    expect(again.failure?.message).toContain('exit code 7');
    expect(versionsOf(azure)).toHaveLength(1);
    expect(record(azure)).toMatch(/^failed .* latest=entered$/);
    expect(leftOf(azure)).toEqual([]);
  });

  it('boots while other regions copy, and enters latest last', async () => {
    const azure = localAzure();
    const request = { regions: REGIONS, verify: verifySettings(azure, { script: 'exit 0' }) };
    const { failure, heard, told } = await capture(azure, { request });
    expect(failure).toBeUndefined();
    expect(heard.started).toEqual([
      'deprovision',
      'deallocate',
      'generalize',
      'publish',
      'replicate',
      'verify',
      'delete',
      'replicate',
      'update',
      'replicate',
    ]);
    expect(told.outputs.get('verified')).toBe('true');
    expect(told.outputs.get('state')).toBe('succeeded');
    expect(exclusions(azure)).toEqual([false, null, true, null]);
    expect(record(azure)).toMatch(/^passed /);
    expect(leftOf(azure)).toEqual([]);

    azure.requests.clear();
    const again = await capture(azure, { request });
    expect(again.failure).toBeUndefined();
    expect(writesAmong(azure.requests.all())).toEqual([]);
    expect(again.told.outputs.get('verified')).toBe('true');
  });

  it('keeps what failed out of latest, tagged, with its ID, and keeps the VM', async () => {
    const azure = localAzure();
    const { failure, told } = await capture(azure, {
      request: {
        regions: [{ name: 'westeurope', excludeFromLatest: false }, { name: 'eastus2' }],
        afterCapture: 'delete',
        verify: verifySettings(azure, { script: 'exit 7' }),
      },
    });
    expect(failure?.message).toContain('exit code 7');
    expect(told.outputs.get('verified')).toBe('false');
    expect(told.outputs.get('state')).toBe('failed');
    expect(told.outputs.get('image-version-id')).toMatch(/\/versions\/1\.0\.0$/);
    expect(exclusions(azure)).toEqual([true, true, null]);
    expect(record(azure)).toMatch(/^failed /);
    expect(leftOf(azure)).toEqual([]);
    expect(azure.world.get(buildVm(azure))).toBeDefined();
  });

  it('boots again what is made in the place of a version that somebody deleted', async () => {
    const azure = localAzure();
    const run = capture(azure, { request: { verify: verifySettings(azure) } });
    const boots = () => writesAmong(azure.requests.all()).filter((each) => BOOT.test(each)).length;
    while (boots() === 0) await sleep(5);
    for (const id of versionsOf(azure).map(({ id }) => id)) azure.world.delete(id);
    const { failure, told } = await run;
    expect(failure).toBeUndefined();
    expect(told.outputs.get('verified')).toBe('true');
    expect(boots()).toBe(2);
    expect(record(azure)).toMatch(/^passed /);
  });

  it('is not made again when what somebody deleted has failed', async () => {
    const azure = localAzure();
    const verify = verifySettings(azure, { script: 'exit 7' });
    const run = capture(azure, { request: { verify } });
    while (!writesAmong(azure.requests.all()).some((each) => BOOT.test(each))) await sleep(5);
    for (const { id } of versionsOf(azure)) azure.world.delete(id);
    const { failure, heard } = await run;
    expect(failure?.message).toContain('exit code 7');
    expect(heard.started.filter((each) => each === 'publish')).toHaveLength(1);
    expect(versionsOf(azure)).toEqual([]);
    expect(leftOf(azure)).toEqual([]);
  });

  it('is made again at once when somebody deletes it before it boots', async () => {
    const azure = localAzure();
    const body = { error: { code: 'GalleryImageNotFound', message: 'Not found.' } };
    const match = { method: 'PUT', path: '**/virtualMachines/verify-*' };
    azure.faults.add({ match, times: 1, fate: { status: 404, body } });
    const run = capture(azure, { request: { verify: verifySettings(azure) } });
    while (!writesAmong(azure.requests.all()).some((each) => BOOT.test(each))) await sleep(2);
    for (const { id } of versionsOf(azure)) azure.world.delete(id);
    const { failure, told } = await run;
    expect(failure).toBeUndefined();
    expect(told.outputs.get('verified')).toBe('true');
  });

  it.each([
    ['exit 0', 'true', ['1.0.0', '1.0.1']],
    ['exit 7', 'false', ['1.0.0']],
  ])(
    'takes no version of another VM for its own that has its number: %s',
    async (script, verified, names) => {
      const azure = localAzure();
      const verify = verifySettings(azure, { script });
      const run = capture(azure, { request: { verify } });
      while (!writesAmong(azure.requests.all()).some((each) => BOOT.test(each))) await sleep(5);
      for (const { id } of versionsOf(azure)) azure.world.delete(id);
      putVersion(azure, [{ name: 'westeurope' }]);
      const other = azure.world.get(storedVersionId(azure));
      const virtualMachineId = `${buildVm(azure)}-2`;
      objectAt(other, 'properties', 'storageProfile').source = { virtualMachineId };
      const { told } = await run;
      expect(told.outputs.get('verified')).toBe(verified);
      expect(versionsOf(azure).map(({ id }) => nameOf(id))).toEqual(names);
      expect(azure.world.get(storedVersionId(azure))?.tags).toEqual({ team: 'images' });
      expect(leftOf(azure)).toEqual([]);
    },
  );

  it('deletes what failed when asked', async () => {
    const azure = localAzure();
    const { failure, record: ran } = await capture(azure, {
      request: { verify: verifySettings(azure, { script: 'exit 7', onFailure: 'delete' }) },
    });
    expect(failure?.message).toContain('exit code 7');
    expect(verdictOf(ran).more).toBe('It was deleted.');
    expect(summaryOf(ran)).not.toMatch(/In <code>latest<|Storage:/);
    expect(versionsOf(azure)).toEqual([]);
    expect(leftOf(azure)).toEqual([]);
  });

  it('stays out of latest where that was asked for, and need not wait for all regions', async () => {
    const azure = localAzure();
    const { failure, told } = await capture(azure, {
      request: {
        regions: REGIONS,
        excludeFromLatest: true,
        waitFor: 'home',
        verify: verifySettings(azure),
      },
    });
    expect(failure).toBeUndefined();
    expect(told.outputs.get('verified')).toBe('true');
    expect(told.outputs.get('state')).toBe('replicating');
    expect(exclusions(azure)[0]).toBe(true);
  });
});

describe('an ephemeral version', () => {
  const asked = (azure: LocalAzure, script: string) => ({
    ephemeral: true as const,
    verify: verifySettings(azure, { script }),
  });

  it('gives its verdict and is gone', async () => {
    const azure = localAzure();
    const { failure, heard, told, seconds } = await capture(azure, {
      request: { ...asked(azure, 'exit 0'), afterCapture: 'delete' },
    });
    expect(failure).toBeUndefined();
    expect(heard.known?.version).toMatch(/\/0\.0\.\d{10}$/);
    expect(told.outputs.get('verified')).toBe('true');
    expect(told.outputs.get('state')).toBe('succeeded');
    expect(told.outputs.get('image-version-id') ?? '').toBe('');
    expect(versionsOf(azure)).toEqual([]);
    expect(leftOf(azure)).toEqual([]);
    expect(azure.world.get(buildVm(azure))).toBeUndefined();
    expect(seconds).toBeLessThan(400);
  });

  it('is gone too when it failed', async () => {
    const azure = localAzure();
    const { failure, told } = await capture(azure, { request: asked(azure, 'exit 1') });
    expect(failure?.message).toContain('exit code 1');
    expect(told.outputs.get('state')).toBe('failed');
    expect(told.outputs.get('verified')).toBe('false');
    expect(versionsOf(azure)).toEqual([]);
    expect(leftOf(azure)).toEqual([]);
  });

  it('whose deletion failed in Azure is deleted by a re-run, though its region is complete', async () => {
    const azure = localAzure();
    const request = asked(azure, 'exit 0');
    const match = { method: 'DELETE', path: '**/versions/*' };
    const error = { code: 'AllocationFailed', message: 'No room.' };
    azure.faults.add({ match, times: 1, fate: { operation: { status: 'Failed', error } } });
    expect((await capture(azure, { request })).failure?.code).toBe('AllocationFailed');
    const again = await capture(azure, { request });
    expect([again.failure, again.told.outputs.get('verified')]).toEqual([undefined, 'true']);
    expect(versionsOf(azure)).toEqual([]);
    expect(leftOf(azure)).toEqual([]);
  });

  it('of a run that was killed is named to the next one, which goes on once it is deleted', async () => {
    const azure = localAzure();
    const request = asked(azure, 'exit 0');
    const killed = new AbortController();
    const run = capture(azure, { runId: '1', request, signal: killed.signal });
    const boots = () => writesAmong(azure.requests.all()).some((each) => BOOT.test(each));
    while (!boots()) await sleep(5);
    killed.abort(new Error('killed'));
    await run;
    const [{ id } = { id: '' }] = versionsOf(azure);
    const next = await capture(azure, { runId: '2', request });
    expect(next.heard.findings).toMatchObject([{ rule: 'vm-captured-before' }]);
    expect(next.failure?.remedy).toContain(`az sig image-version delete --ids ${id}`);
    azure.world.delete(id);
    const last = await capture(azure, { runId: '2', request });
    expect([last.failure, last.told.outputs.get('verified')]).toEqual([undefined, 'true']);
  });
});
