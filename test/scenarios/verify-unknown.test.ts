/** What keeps a verification from a verdict: that is no word on the image, and nothing is recorded. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure, LocalAzureOptions } from '../../local-azure/src/azure.ts';
import type { Fault } from '../../local-azure/src/faults.ts';
import { type JsonObject, objectAt } from '../../local-azure/src/json.ts';
import { asResource } from '../../local-azure/src/world.ts';
import type { Tags } from '../../src/domain/tags.ts';
import { sleep } from '../../src/run/wait.ts';
import { capture, fakeClock, localAzure, verifyIt, verifySettings } from './harness.ts';
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
    expect(failure?.message).toContain('says nothing of the image');
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

  it('when another run verifies the same version: the later run has the verdict', async () => {
    const azure = stored({ agentSeconds: 40 });
    const first = verifyIt(azure, { script: 'exit 0' }, { runId: '1' });
    await sleep(60);
    const second = verifyIt(azure, { script: 'exit 0' }, { runId: '2' });
    const [earlier, later] = await Promise.all([first, second]);
    expect(earlier.failure?.message).toContain('Another run verified the same version');
    expect(earlier.told.outputs.get('verified')).toBe('');
    expect(later.failure).toBeUndefined();
    expect(later.told.outputs.get('verified')).toBe('true');
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

it('a capture goes on to `latest` after a verification that somebody else recorded', async () => {
  const azure = localAzure();
  const request = { verify: verifySettings(azure) };
  const body = { error: { code: 'SkuNotAvailable', message: 'The size is not available.' } };
  azure.faults.add({ match, times: 1, fate: { status: 409, body } });
  const excluded = () =>
    objectAt(azure.world.get(storedVersionId(azure)), 'properties', 'publishingProfile')
      .excludeFromLatest;
  expect((await capture(azure, { request })).told.outputs.get('verified')).toBe('');
  expect((await verifyIt(azure)).told.outputs.get('verified')).toBe('true');
  expect(excluded()).toBe(true);
  const { failure, heard } = await capture(azure, { request });
  expect(failure).toBeUndefined();
  expect(heard.started).not.toContain('verify');
  azure.settle();
  expect(excluded()).toBe(false);
  const again = await capture(azure, { request });
  expect(again.wrote).toBe(false);
});
