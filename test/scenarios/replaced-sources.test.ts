/** Somebody puts another source under the name right before Azure looks it up, when all looks are over. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { type JsonObject, textAt } from '../../local-azure/src/json.ts';
import type { Resource } from '../../local-azure/src/world.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { writesAmong } from '../runner/control.ts';
import { changeVm } from './changed-vm.ts';
import { buildVm, capture, fakeClock, localAzure, promote, RETURNS, restore } from './harness.ts';
import { DESTINATION, devAndProduction, inDev } from './promotion.ts';
import { differences, worldOf } from './restored-world.ts';
import { powerOf } from './returning.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const OTHER = 'ffffffff-0000-4000-8000-000000000001';

/** A network on which `act` comes right before the first request of this method to such a path. */
function meddling(
  azure: LocalAzure,
  method: string,
  path: RegExp,
  act: (id: string) => void,
): HttpClient {
  const way = inProcessHttpClient(azure);
  let isDone = false;
  return {
    sendRequest: (request) => {
      const [, id = ''] = path.exec(request.url) ?? [];
      if (id && request.method === method && !isDone) {
        isDone = true;
        act(id);
      }
      return way.sendRequest(request);
    },
  };
}

/** Puts another one of the same name, tags and source in the place of each of these. */
function replace(azure: LocalAzure, path: RegExp): void {
  for (const { id, properties } of azure.world.all())
    if (path.test(id)) properties.uniqueId = OTHER;
}

const attached = (azure: LocalAzure): string =>
  JSON.stringify(azure.world.get(buildVm(azure))?.properties.storageProfile);

const named = (azure: LocalAzure, path: RegExp) =>
  azure.world.all().filter(({ id }) => path.test(id));

const ROLLBACK = /\/snapshots\/build-linux-(?:os|lun)/;
const RESTORED = /\/disks\/build-linux-restored-/;
const DISK_PUT = /(\/disks\/build-linux-restored-)/;

describe('a snapshot that is replaced before a disk is made of it', () => {
  it.each([
    ['deprovision', false],
    ['generalize', true],
  ] as const)('gives the VM no disk, after %s', async (until, recreate) => {
    const azure = localAzure();
    await changeVm(azure, until);
    const disks = attached(azure);
    const httpClient = meddling(azure, 'PUT', DISK_PUT, () => replace(azure, ROLLBACK));
    const { failure } = await restore(azure, { recreate }, { httpClient });
    expect(failure?.what).toMatch(/made of another `build-linux-.*It was deleted/);
    expect(attached(azure)).toBe(disks);
    azure.settle();
    expect(named(azure, RESTORED)).toEqual([]);
  });

  it('gives none to a VM that comes back after its capture', async () => {
    const azure = localAzure();
    const httpClient = meddling(azure, 'PUT', DISK_PUT, () => replace(azure, ROLLBACK));
    const disks = attached(azure);
    const { failure } = await capture(azure, { request: RETURNS, httpClient });
    expect(failure?.what).toContain('made of another `build-linux-');
    expect(attached(azure)).toBe(disks);
    azure.settle();
    expect(named(azure, RESTORED)).toEqual([]);
  });

  it.each([
    ['when it deallocates the VM', 'deprovision', false, 'POST', /(\/deallocate)/],
    ['when it creates the VM', 'generalize', true, 'PUT', /(\/virtualMachines\/build-linux)\?/],
  ] as const)('is refused in the re-run of a run that was killed %s', async (...killed) => {
    const [, until, recreate, method, path] = killed;
    const azure = localAzure();
    await changeVm(azure, until);
    const end = new AbortController();
    const httpClient = meddling(azure, method, path, () => end.abort(new Error('killed')));
    await restore(azure, { recreate }, { httpClient, signal: end.signal });
    azure.settle();
    if (recreate) azure.world.delete(buildVm(azure));
    expect(named(azure, RESTORED).length).toBeGreaterThan(0);
    replace(azure, ROLLBACK);
    azure.requests.clear();
    const { record } = await restore(azure, { recreate });
    const found = record.findings.find(({ rule }) => rule === 'restore-disk-taken');
    expect(found?.remedy).toContain(recreate ? 'by hand of disks made' : 'run again');
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });
});

describe('a new disk that is replaced', () => {
  const replaced = (azure: LocalAzure) => {
    for (const { properties } of named(azure, RESTORED))
      properties.creationData = { ...(properties.creationData as object), sourceUniqueId: OTHER };
  };

  it('before the VM gets it is not attached', async () => {
    const azure = localAzure();
    await changeVm(azure, 'deprovision');
    const disks = attached(azure);
    const httpClient = meddling(azure, 'POST', /(\/deallocate)/, () => replaced(azure));
    const { failure } = await restore(azure, {}, { httpClient });
    expect(failure?.what).toMatch(/made of another `build-linux-.*It is not used/);
    expect(attached(azure)).toBe(disks);
  });

  it('while Azure reserves the interface of a VM that is created again gives no VM', async () => {
    const azure = localAzure();
    await changeVm(azure, 'generalize');
    const path = /(\/virtualMachines\/build-linux)\?/;
    const httpClient = meddling(azure, 'PUT', path, () => replaced(azure));
    const { failure } = await restore(azure, { recreate: true }, { httpClient });
    expect(failure?.what).toContain('It is not used');
    expect(azure.world.get(buildVm(azure))).toBeUndefined();
  });

  it('as the VM gets it does not start it, nor does a re-run; a new run restores it', async () => {
    const azure = localAzure();
    const was = worldOf(azure);
    await changeVm(azure, 'deprovision');
    const path = /(\/virtualMachines\/build-linux)\?/;
    const httpClient = meddling(azure, 'PATCH', path, () => replaced(azure));
    const { failure } = await restore(azure, {}, { httpClient });
    expect(failure?.what).toMatch(/made of another `build-linux-.*`build-linux` has it now/);
    expect(powerOf(azure)).toBe('deallocated');
    const again = await restore(azure);
    expect(again.record.findings.map(({ rule }) => rule)).toContain('restore-disk-taken');
    expect(powerOf(azure)).toBe('deallocated');
    const next = await restore(azure, {}, { runId: '2' });
    expect(next.failure).toBeUndefined();
    // Whoever restores a VM that is off leaves it off.
    const left = differences(was, worldOf(azure), next).filter((line) => !/diskState/.test(line));
    expect(left.filter((line) => !line.includes('-restored-'))).toEqual([]);
  });
});

describe('a disk that is replaced before its snapshot is taken', () => {
  it.each([
    ['before the change', { snapshot: true }, /(\/snapshots\/build-linux-os)/],
    ['to capture from', { captureFrom: 'disks' }, /(\/snapshots\/build-linux-source-os)/],
  ] as const)('ends a capture, and leaves no snapshot of it: %s', async (_, request, path) => {
    const azure = localAzure();
    const httpClient = meddling(azure, 'PUT', path, () => replace(azure, /build-linux_OsDisk/));
    const { failure } = await capture(azure, { request, httpClient });
    expect(failure?.what).toMatch(/made of another `build-linux_OsDisk.*It was deleted/);
    azure.settle();
    expect(named(azure, path)).toEqual([]);
    expect(named(azure, /\/versions\//)).toEqual([]);
  });
});

describe('a source that is replaced before its version is made', () => {
  const VERSION = /(\/images\/.*\/versions\/\d)/;
  const SOURCE = /\/snapshots\/build-linux-source-/;

  it.each<[string, Partial<CaptureRequest>, (azure: LocalAzure) => void]>([
    ['a snapshot', { captureFrom: 'disks' }, (azure) => replace(azure, SOURCE)],
    [
      'the VM',
      {},
      (azure) => {
        for (const { properties } of named(azure, /\/virtualMachines\/build-linux$/))
          properties.vmId = OTHER;
      },
    ],
  ])('leaves no version: %s', async (_, request, act) => {
    const azure = localAzure();
    const httpClient = meddling(azure, 'PUT', VERSION, () => act(azure));
    const { failure } = await capture(azure, { request, httpClient });
    expect(failure?.what).toMatch(/possibly made of another `build-linux.*It was deleted/);
    azure.settle();
    expect(named(azure, VERSION)).toEqual([]);
  });

  it('leaves a version that Azure does not let the run delete, and says why', async () => {
    const azure = localAzure();
    const httpClient = meddling(azure, 'PUT', VERSION, () => {
      for (const { properties } of named(azure, /\/virtualMachines\/build-linux$/))
        properties.vmId = OTHER;
    });
    const body = { error: { code: 'ScopeLocked', message: 'Locked.' } };
    const match = { method: 'DELETE', path: '**/versions/*' };
    azure.faults.add({ match, times: 99, fate: { status: 409, body } });
    const { failure } = await capture(azure, { httpClient });
    expect(failure?.what).toContain('It is possibly still there.');
    expect([failure?.code, failure?.why]).toEqual([
      'ScopeLocked',
      expect.stringContaining('The version was not deleted'),
    ]);
    expect(named(azure, VERSION)).toHaveLength(1);
  });

  it('is not used when it was replaced since this run made it', async () => {
    const azure = localAzure();
    // The number is looked at first.
    const httpClient = meddling(azure, 'GET', VERSION, () => replace(azure, SOURCE));
    const { failure } = await capture(azure, { request: { captureFrom: 'disks' }, httpClient });
    expect(failure?.what).toContain('another one has its name now');
    expect(named(azure, VERSION)).toEqual([]);
  });

  it('leaves no copy of a version', async () => {
    const azure = await devAndProduction();
    const httpClient = meddling(azure, 'PUT', VERSION, () => {
      const profile = azure.world.get(inDev(azure))?.properties.publishingProfile as JsonObject;
      profile.publishedDate = '2026-11-02T00:00:00+00:00';
    });
    const { failure } = await promote(azure, { destination: DESTINATION }, { httpClient });
    expect(failure?.what).toMatch(/possibly made of another `1.0.0`.*It was deleted/);
    azure.settle();
    expect(named(azure, /\/production\/.*\/versions\//)).toEqual([]);
  });
});

it('a VM that takes the name of one that is created again stays as it is', async () => {
  const azure = localAzure();
  const stranger = structuredClone(azure.world.get(buildVm(azure))) as Resource;
  await changeVm(azure, 'generalize');
  const path = /(\/virtualMachines\/build-linux)\?/;
  const httpClient = meddling(azure, 'PUT', path, () => {
    const disk = structuredClone(named(azure, /build-linux_OsDisk/)[0]) as Resource;
    Object.assign(disk, { id: `${disk.id}-2`, name: `${disk.name}-2`, managedBy: stranger.id });
    azure.world.put(disk);
    const osDisk = { name: disk.name, managedDisk: { id: disk.id }, createOption: 'Attach' };
    const storage = stranger.properties.storageProfile as JsonObject;
    Object.assign(storage, { osDisk: { ...(storage.osDisk as JsonObject), ...osDisk } });
    Object.assign(storage, { dataDisks: [], imageReference: undefined });
    Object.assign(stranger.properties, { vmId: OTHER, osProfile: undefined });
    azure.world.put(structuredClone(stranger));
  });
  const { failure } = await restore(azure, { recreate: true }, { httpClient });
  expect(failure?.what).toContain('another VM has its name now');
  azure.settle();
  expect(azure.world.get(buildVm(azure))).toEqual(stranger);
});

it('a VM that Azure still deletes when it is created again is waited for', async () => {
  const azure = localAzure();
  await changeVm(azure, 'generalize');
  const deleted = structuredClone(azure.world.get(buildVm(azure))) as Resource;
  deleted.properties.provisioningState = 'Deleting';
  const httpClient = meddling(azure, 'PUT', /(\/virtualMachines\/build-linux)\?/, () => {
    const path = '**/virtualMachines/build-linux';
    const body = { error: { code: 'Conflict', message: 'Another operation is in progress.' } };
    azure.faults.add({ match: { method: 'PUT', path }, fate: { status: 409, body } });
    azure.faults.add({ match: { method: 'GET', path }, fate: { status: 200, body: deleted } });
  });
  const { failure } = await restore(azure, { recreate: true }, { httpClient });
  expect(failure).toBeUndefined();
  expect(azure.faults.hits).toBe(2);
});

it('what nobody replaces comes back, where Azure tells nothing of sources', async () => {
  const azure = localAzure();
  const was = worldOf(azure);
  await changeVm(azure, 'deprovision');
  for (const { properties } of azure.world.all()) delete properties.uniqueId;
  const run = await restore(azure);
  expect(run.failure).toBeUndefined();
  const made = named(azure, RESTORED)[0];
  expect(textAt(made, 'properties', 'creationData', 'sourceUniqueId')).toBeUndefined();
  expect(differences(was, worldOf(azure), run)).toEqual([]);
});
