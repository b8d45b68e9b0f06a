/** Tags are hints: what a run uses, returns, changes or deletes follows from what Azure itself writes. */

import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { objectAt, textAt } from '../../local-azure/src/json.ts';
import { asResource, type Resource } from '../../local-azure/src/world.ts';
import { OWNER_TAG } from '../../src/domain/owner.ts';
import { buildVm, capture, fakeClock, localAzure, promote } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const VERSIONS = 'Microsoft.Compute/galleries/images/versions';
const noOwnerTags = { types: [VERSIONS], effect: 'remove', tag: 'golden-image-*' } as const;
const policy = (effect: 'replace' | 'remove') => ({
  types: [VERSIONS],
  effect,
  tag: 'environment',
  ...(effect === 'replace' && { value: 'prod' }),
});

const versionsIn = (azure: LocalAzure) =>
  azure.world.all().filter(({ type }) => type.toLowerCase() === VERSIONS.toLowerCase());
const writesOf = (azure: LocalAzure, method: string, part: string) =>
  azure.requests.all().filter((one) => one.method === method && one.path.includes(part));

describe('tags of this action that Azure does not keep', () => {
  it.each([
    ['a policy removes them from each write', { policies: [noOwnerTags] }],
    [
      'a tool removes them once the version is there',
      { tagTools: [{ types: [VERSIONS], tags: 'golden-image-*', afterSeconds: 20 }] },
    ],
  ])('make one version, and a re-run that stops: %s', async (_, weather) => {
    const azure = localAzure({ weather });
    const run = await capture(azure);
    expect(run.failure).toBeUndefined();
    expect(versionsIn(azure)).toHaveLength(1);
    const again = await capture(azure);
    expect(again.failure?.message).toContain('already captured');
    expect(again.failure?.message).toContain('1.0.0');
    expect(again.wrote).toBe(false);
    expect(versionsIn(azure)).toHaveLength(1);
  });

  test('are told in one warning', async () => {
    const run = await capture(localAzure({ weather: { policies: [noOwnerTags] } }));
    expect(run.heard.warnings.filter((line) => line.includes("this action's tags"))).toHaveLength(
      1,
    );
  });
});

describe('a tag of the user that a policy rewrites', () => {
  it.each([
    ['replace', 'Azure set tag `environment` of `1.0.0` to `prod` (a policy); requested `dev`.'],
    ['remove', 'Azure removed tag `environment` from `1.0.0` (a policy); requested `dev`.'],
  ] as const)('is settled after one request and one warning: %s', async (effect, warning) => {
    const azure = localAzure({ weather: { policies: [policy(effect)] } });
    putVersion(azure, [{ name: 'West Europe' }]);
    const asked = { tags: { environment: 'dev' }, regions: [{ name: 'northeurope' }] };
    const run = await promote(azure, asked);
    expect(run.failure).toBeUndefined();
    expect(run.heard.warnings).toEqual([warning]);
    expect(writesOf(azure, 'PUT', '/versions/')).toHaveLength(1);
  });

  test('is told in a capture too', async () => {
    const azure = localAzure({ weather: { policies: [policy('replace')] } });
    const run = await capture(azure, { request: { tags: { environment: 'dev' } } });
    expect(run.failure).toBeUndefined();
    expect(run.heard.warnings).toEqual([
      'Azure set tag `environment` of `1.0.0` to `prod` (a policy); requested `dev`.',
    ]);
  });
});

describe('a tag that is changed again after each write', () => {
  test('is settled after three writes, when a tool removes it', async () => {
    const azure = localAzure({
      weather: { tagTools: [{ types: [VERSIONS], tags: 'environment', afterSeconds: 0 }] },
    });
    putVersion(azure, [{ name: 'West Europe' }]);
    const run = await promote(azure, { tags: { environment: 'dev' } });
    expect(run.failure).toBeUndefined();
    expect(run.heard.warnings).toEqual([
      expect.stringContaining('Something removed tag `environment` of `1.0.0` after each of 3'),
    ]);
    expect(writesOf(azure, 'PUT', '/versions/')).toHaveLength(3);
  });

  test('does not loop, when a policy adds the memory of a region', async () => {
    const tag = 'golden-image-removed-northeurope';
    const azure = localAzure({
      weather: { policies: [{ types: [VERSIONS], effect: 'replace', tag, value: '{}' }] },
    });
    putVersion(azure, [{ name: 'West Europe' }]);
    const asked = { tags: { environment: 'dev' } };
    // The tag appears with the first write, of a version that never had the region.
    const run = await promote(azure, asked);
    expect(run.failure).toBeUndefined();
    expect(run.heard.warnings).toEqual([
      expect.stringContaining("did not keep this action's tags"),
    ]);
    expect(writesOf(azure, 'PUT', '/versions/')).toHaveLength(1);
    // The run after it cannot tell, and brings that region back.
    expect((await promote(azure, asked)).failure).toBeUndefined();
    expect(writesOf(azure, 'PUT', '/versions/')).toHaveLength(2);
  });

  test('is no memory of a version that this attempt has made', async () => {
    const tag = 'golden-image-removed-northeurope';
    const azure = localAzure({
      weather: { policies: [{ types: [VERSIONS], effect: 'add', tag, value: '{}' }] },
    });
    const run = await capture(azure);
    expect(run.failure).toBeUndefined();
    expect(run.heard.replication.map(({ region }) => region)).toEqual(['westeurope']);
    expect(writesOf(azure, 'PUT', '/versions/')).toHaveLength(1);
  });
});

describe('an owner tag that was copied', () => {
  /** A version that carries the owner tag of the run to come, yet was made of something else. */
  async function withCopiedTag(change: object): Promise<LocalAzure> {
    const rehearsal = localAzure();
    await capture(rehearsal);
    const tags = objectAt(rehearsal.world.get(storedVersionId(rehearsal)), 'tags');
    const azure = localAzure();
    putVersion(azure, [{ name: 'West Europe' }]);
    const version = azure.world.get(storedVersionId(azure));
    if (!version) throw new Error('There is no version');
    Object.assign(version, { tags: { [OWNER_TAG]: tags[OWNER_TAG] } });
    Object.assign(objectAt(version, 'properties'), change);
    return azure;
  }
  const elsewhere = (azure: LocalAzure) => buildVm(azure).replace('build-linux', 'somebody-elses');

  it.each(['Succeeded', 'Failed'])('stops the run before any change: %s', async (state) => {
    const source = { virtualMachineId: elsewhere(localAzure()) };
    const azure = await withCopiedTag({ provisioningState: state, storageProfile: { source } });
    const run = await capture(azure);
    expect(run.failure?.message).toContain('golden-image-owner');
    expect(run.heard.findings.map(({ rule }) => rule)).toContain('version-contradicted');
    expect(run.wrote).toBe(false);
  });
});

describe('what stands under a name that this run would choose', () => {
  /** The snapshots that a capture from disks makes, as a rehearsal tells. */
  async function names(): Promise<string[]> {
    const azure = localAzure();
    await capture(azure, { request: { captureFrom: 'disks' } });
    return writesOf(azure, 'PUT', '/snapshots/').map(({ path }) => path.split('/').at(-1) ?? '');
  }

  test('is no source when it is of another disk, whatever its tags', async () => {
    const [name = ''] = await names();
    const azure = localAzure();
    const vm = buildVm(azure);
    const disks = vm.replace(/virtualMachines\/.*/, 'disks/');
    const stranger = `${disks}of-somebody-else`;
    const id = vm.replace(/virtualMachines\/.*/, `snapshots/${name}`);
    azure.world.put(
      asResource({
        id,
        location: 'westeurope',
        tags: { [OWNER_TAG]: 'any' },
        properties: {
          provisioningState: 'Succeeded',
          creationData: { createOption: 'Copy', sourceResourceId: stranger },
        },
      }),
    );
    const run = await capture(azure, { request: { captureFrom: 'disks' } });
    expect(run.failure).toBeUndefined();
    const source = textAt(
      azure.world.get(storedVersionId(azure)),
      'properties',
      'storageProfile',
      'osDiskImage',
      'source',
      'id',
    );
    expect(source?.toLowerCase()).not.toBe(id.toLowerCase());
    expect(azure.world.get(id)).toBeDefined();
    expect(writesOf(azure, 'DELETE', name)).toEqual([]);
  });
});

describe('a snapshot of the same disk with our tags, under a name that this run would choose', () => {
  const request = { captureFrom: 'disks' } as const;

  /** Puts there what a rehearsal made, as if it had been taken right now. */
  async function planted(azure: LocalAzure): Promise<string> {
    const rehearsal = localAzure();
    let made: Resource | undefined;
    const way = inProcessHttpClient(rehearsal);
    const httpClient: HttpClient = {
      sendRequest: (sent) => {
        made ??= structuredClone(
          rehearsal.world.all().find(({ id }) => id.includes('/snapshots/')),
        );
        return way.sendRequest(sent);
      },
    };
    await capture(rehearsal, { request, httpClient });
    if (!made) throw new Error('The rehearsal took no snapshot');
    const timeCreated = new Date().toISOString();
    azure.world.put({ ...made, properties: { ...made.properties, timeCreated } });
    return made.id;
  }
  const sourceOf = (azure: LocalAzure) => {
    const { storageProfile } = azure.world.get(storedVersionId(azure))?.properties ?? {};
    return textAt(storageProfile, 'osDiskImage', 'source', 'id')?.toLowerCase();
  };

  test('is no source when it was taken before the VM went off', async () => {
    const azure = localAzure();
    const old = await planted(azure);
    const run = await capture(azure, { request });
    expect(run.failure?.what).toContain('taken before the VM went off');
    expect(versionsIn(azure)).toEqual([]);
    const again = await capture(azure, { request });
    expect(again.failure).toBeUndefined();
    expect(sourceOf(azure)).not.toBe(old.toLowerCase());
    expect(azure.world.get(old)).toBeDefined();
  });

  test('is the source of a re-run when it was taken after that', async () => {
    const azure = localAzure();
    const path = '**/versions/*';
    azure.faults.add({ match: { method: 'PUT', path }, times: 99, fate: { reset: true } });
    expect((await capture(azure, { request })).failure).toBeDefined();
    azure.faults.clear();
    const [taken = ''] = writesOf(azure, 'PUT', '/snapshots/').map((each) => each.path);
    azure.requests.clear();
    expect((await capture(azure, { request })).failure).toBeUndefined();
    expect(writesOf(azure, 'PUT', '/snapshots/')).toEqual([]);
    expect(sourceOf(azure)).toBe(taken.toLowerCase());
  });
});

describe('another VM under the name of the captured one', () => {
  test('is never generalized', async () => {
    const azure = localAzure();
    const vm = buildVm(azure);
    azure.weather.set({
      replacements: [{ vm: 'build-linux', on: { method: 'POST', path: '**/deallocate' } }],
    });
    const run = await capture(azure);
    expect(run.failure?.message).toMatch(/another VM/);
    expect(writesOf(azure, 'POST', '/generalize')).toEqual([]);
    expect(azure.world.get(vm)).toBeDefined();
  });

  test('is not deleted with the captured one, nor anything attached to it', async () => {
    const azure = localAzure();
    const way = inProcessHttpClient(azure);
    let replaced = false;
    const httpClient: HttpClient = {
      sendRequest: (request) => {
        const version = azure.world.get(storedVersionId(azure));
        if (!replaced && textAt(version, 'properties', 'provisioningState') === 'Succeeded') {
          replaced = true;
          azure.weather.set({ replacements: [{ vm: 'build-linux' }] });
        }
        return way.sendRequest(request);
      },
    };
    const run = await capture(azure, { request: { afterCapture: 'delete' }, httpClient });
    expect(run.failure).toBeUndefined();
    expect(writesOf(azure, 'DELETE', '')).toEqual([]);
    expect(run.heard.warnings.join()).toContain('another VM');
    expect(azure.world.get(buildVm(azure))).toBeDefined();
  });
});

test('a version that somebody made of this generalized VM without tags is named, not made again', async () => {
  const azure = localAzure();
  await capture(azure);
  const version = azure.world.get(storedVersionId(azure));
  if (version) version.tags = {};
  const run = await capture(azure, { runId: '2' });
  expect(run.failure?.message).toContain('already captured');
  expect(run.wrote).toBe(false);
});
