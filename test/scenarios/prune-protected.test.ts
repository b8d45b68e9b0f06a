/** What a prune keeps because somebody needs it, or has changed it, also while versions are deleted. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { fakeClock, localAzure, prune } from './harness.ts';
import { compute, numbersIn, OLD, putUser, putVersions, versionId } from './prune-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('what is in use stays', () => {
  it.each([
    ['a VM of the exact version', 'virtualMachines/a', 'exact'],
    ['a VM of the exact version with a slash after it', 'virtualMachines/a', 'slash'],
    ['a VM of `latest`', 'virtualMachines/a', 'latest'],
    ['the model of a scale set', 'virtualMachineScaleSets/a', 'exact'],
    ['an instance', 'virtualMachineScaleSets/a/virtualMachines/0', 'exact'],
    ['an instance of `latest`', 'virtualMachineScaleSets/a/virtualMachines/0', 'latest'],
  ])('%s', async (_, path, reference) => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    const id = versionId(azure, '1.1.0');
    if (/virtualMachines\/0/.test(path))
      putUser(azure, compute('virtualMachineScaleSets/a', azure.subscriptionId), {
        id: versionId(azure, '2.0.0'),
      });
    putUser(
      azure,
      compute(path, azure.subscriptionId),
      reference !== 'latest'
        ? { id: reference === 'slash' ? `${id}/` : id }
        : { id: id.replace(/\/versions\/.*/, ''), exactVersion: '1.1.0' },
    );
    const run = await prune(azure);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(['1.1.0', '2.0.0']);
  });

  it.each([
    ['direct', 'sharedGalleryImageId', (unique: string) => `/SharedGalleries/${unique}`],
    ['community', 'communityGalleryImageId', () => '/communityGalleries/contoso-0f1e2d3c'],
  ])('a VM that names it by %s sharing', async (_, member, gallery) => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    const [path = ''] = versionId(azure, '1.1.0').split('/images/ubuntu');
    const found = azure.world.get(path);
    if (!found) throw new Error('no gallery');
    const communityGalleryInfo = { publicNames: ['contoso-0f1e2d3c'] };
    azure.world.put({
      ...found,
      properties: { ...found.properties, sharingProfile: { communityGalleryInfo } },
    });
    const id = `${gallery(`${azure.subscriptionId}-GOLDEN`)}/images/ubuntu-2404/versions/1.1.0`;
    putUser(azure, compute('virtualMachines/a', azure.subscriptionId), { [member]: id });
    const run = await prune(azure);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(['1.1.0', '2.0.0']);
  });

  it('a subscription that cannot be read is an error, and nothing is deleted', async () => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    const run = await prune(azure, {
      usageSubscriptions: [azure.subscriptionId, '99999999-2222-4333-8444-555555555555'],
    });
    expect(run.failure?.message).toContain('99999999-2222-4333-8444-555555555555');
    expect(run.wrote).toBe(false);
    expect(numbersIn(azure)).toHaveLength(5);
  });

  it.each([
    ['the versions', '**/golden/images/ubuntu-2404/versions'],
    ['the definitions beside', '**/golden/images'],
    ['the versions of another definition', '**/golden/images/windows-2022/versions'],
    ['the instances of a scale set', '**/virtualMachineScaleSets/a/virtualMachines'],
  ])('nothing is deleted when a 404 hides %s', async (_, path) => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    putUser(azure, compute('virtualMachineScaleSets/a', azure.subscriptionId), {
      id: versionId(azure, '2.0.0'),
    });
    const graph = '/providers/Microsoft.ResourceGraph/resources';
    azure.faults.add({ match: { path: graph }, fate: { status: 403 }, times: 1000 });
    azure.faults.add({ match: { method: 'GET', path }, fate: { status: 404 } });
    const run = await prune(azure);
    expect(run.failure?.message).toContain('there is no list of what is in');
    expect(run.told.outputs.get('state')).toBe('failed');
    expect(run.wrote).toBe(false);
  });

  it('nothing is deleted when a page in the middle of a list is missing', async () => {
    const azure = localAzure();
    const many = Array.from({ length: 300 }, (_, index) => ({ number: `1.${index}.0`, days: 200 }));
    putVersions(azure, ...many, { number: '2.0.0', days: 1 });
    const match = { method: 'GET', path: '**/golden/images/ubuntu-2404/versions' };
    azure.faults.add({ match, after: 1, fate: { status: 404 } });
    const run = await prune(azure);
    expect(run.failure?.message).toContain('HTTP 404');
    expect(run.wrote).toBe(false);
  });
});

it.each(['subscription', 'group', 'gallery', 'definition', 'version'] as const)(
  'a lock on the %s keeps what it locks',
  async (on) => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    const version = versionId(azure, '1.1.0');
    const [definition = ''] = version.split('/versions/');
    const [gallery = ''] = definition.split('/images/ubuntu');
    const [group = ''] = version.split('/providers/');
    const subscription = `/subscriptions/${azure.subscriptionId}`;
    const scope = { subscription, group, gallery, definition, version }[on];
    azure.world.put(
      asResource({
        id: `${scope}/providers/Microsoft.Authorization/locks/stay`,
        properties: { level: 'CanNotDelete' },
      }),
    );
    const run = await prune(azure);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(
      on === 'version' ? ['1.1.0', '2.0.0'] : OLD.map(({ number }) => number),
    );
  },
);

it('a source that is copied, or whose copy is Shallow, stays', async () => {
  const azure = localAzure();
  const of = (number: string) => ({ source: versionId(azure, number), definition: 'windows-2022' });
  putVersions(
    azure,
    ...OLD,
    { number: '1.0.0', days: 1, state: 'Creating', ...of('1.0.0') },
    { number: '1.0.1', days: 1, mode: 'Shallow', ...of('1.1.0') },
    { number: '1.0.2', days: 1, ...of('1.2.0') },
  );
  const run = await prune(azure);
  expect(run.failure).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['1.0.0', '1.1.0', '2.0.0']);
});

it('a version that somebody takes into use meanwhile stays', async () => {
  const azure = localAzure();
  putVersions(azure, ...OLD);
  const path = azure.world.all()[0]?.id.replace(/\/providers\/.*/, '') ?? '';
  setTimeout(() => {
    putUser(azure, `${path}/providers/Microsoft.Compute/virtualMachines/late`, {
      id: versionId(azure, '1.39.0'),
    });
  }, 60_000);
  const many = Array.from({ length: 40 }, (_, index) => ({ number: `1.${index}.0`, days: 150 }));
  putVersions(azure, ...many);
  const run = await prune(azure);
  expect(run.failure).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['1.39.0', '2.0.0']);
  expect(JSON.parse(run.told.outputs.get('kept-versions') ?? '')).toMatchObject({
    byReason: { 'in-use': 1, latest: 1 },
  });
});

describe('somebody changes the definition while versions are deleted', () => {
  const old = Array.from({ length: 25 }, (_, index) => ({
    number: `1.${index}.0`,
    days: 200 - index,
  }));
  const newest = { number: '2.0.0', days: 1 };

  /** A prune, with a change right before its first deletion. */
  async function prunedWhile(change: (azure: LocalAzure) => void) {
    const azure = localAzure();
    putVersions(azure, ...old, newest);
    const inner = inProcessHttpClient(azure);
    let isFirst = true;
    const sendRequest: HttpClient['sendRequest'] = (request) => {
      if (isFirst && request.method === 'DELETE') {
        isFirst = false;
        change(azure);
      }
      return inner.sendRequest(request);
    };
    const run = await prune(azure, {}, { httpClient: { sendRequest } });
    return { azure, run };
  }

  it('what another run deletes is told as neither deleted nor kept', async () => {
    const { azure, run } = await prunedWhile((world) =>
      world.world.delete(versionId(world, '1.24.0')),
    );
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(['2.0.0']);
    expect(JSON.parse(run.told.outputs.get('deleted-versions') ?? '').count).toBe(24);
    expect(JSON.parse(run.told.outputs.get('kept-versions') ?? '')).toMatchObject({
      count: 1,
      byReason: { latest: 1 },
    });
  });

  it.each([
    [
      'the newest is excluded from `latest`',
      (azure: LocalAzure) => putVersions(azure, { ...newest, excluded: true }),
      '1.24.0',
      'latest',
    ],
    [
      'the newest is deleted',
      (azure: LocalAzure) => azure.world.delete(versionId(azure, newest.number)),
      '1.24.0',
      'latest',
    ],
    [
      'an old one is excluded from `latest`',
      (azure: LocalAzure) =>
        putVersions(azure, { number: '1.23.0', days: 177, excluded: true, regions: [] }),
      '1.23.0',
      'changed',
    ],
  ])('%s', async (_, change, kept, reason) => {
    const { azure, run } = await prunedWhile(change);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toContain(kept);
    expect(JSON.parse(run.told.outputs.get('deleted-versions') ?? '').count).toBe(24);
    expect(JSON.parse(run.told.outputs.get('kept-versions') ?? '').versions).toContainEqual(
      expect.objectContaining({ version: kept, reason }),
    );
  });
});
