import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { textAt } from '../../local-azure/src/json.ts';
import { DEPROVISION_TAG } from '../../src/domain/deprovision-mark.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import {
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  ofWindows,
  RETURNS,
  restore,
} from './harness.ts';
import { differences, worldOf } from './restored-world.ts';
import { killedAt, killedDetached, powerOf } from './returning.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

type Azure = ReturnType<typeof localAzure>;
type Asked = Partial<CaptureRequest>;

/** A local Azure whose policy removes the tags of this action from each write of these types. */
const stripping = (...types: string[]): Azure =>
  localAzure({
    weather: {
      policies: types.map((type) => ({
        types: [`*/${type}`],
        effect: 'remove',
        tag: 'golden-image-*',
      })),
    },
  });

/** A capture that is killed when it sends the first such request. */
const killed = (azure: Azure, request: Asked, at: string, path: RegExp) =>
  killedAt(azure, request, ({ method, url }) => method === at && path.test(url));

const rollbacks = (azure: Azure) =>
  azure.world.all().filter(({ id }) => /\/snapshots\/build-linux-(os|lun)/.test(id));

const VERSION = /\/versions\/\d/;

describe('a run that is killed where a policy removes the tags of its snapshots', () => {
  it.each<[string, string, RegExp, (azure: Azure) => Asked]>([
    ['when it publishes', 'PUT', VERSION, () => ({})],
    ['when it publishes, of Windows', 'PUT', VERSION, ofWindows],
    ['when it makes the disks', 'PUT', /\/disks\//, () => ({})],
    ['when it starts the VM', 'POST', /\/start/, () => ({})],
  ])('brings the VM back from them in the re-run: %s', async (_, method, path, of) => {
    const azure = stripping('snapshots');
    const request = { ...RETURNS, ...of(azure) };
    const before = worldOf(azure);
    await killed(azure, request, method, path);
    const run = await capture(azure, { request });
    expect(run.failure).toBeUndefined();
    const left = differences(before, worldOf(azure), run);
    expect(left.filter((line) => !/versions\/\d\.\d\.\d is new/.test(line))).toEqual([]);
    expect(powerOf(azure, request.vm)).toBe('running');
  });

  it('brings the VM back when it is killed with the old data disks detached', async () => {
    const azure = stripping('snapshots');
    const before = worldOf(azure);
    await killedDetached(azure, RETURNS);
    const run = await capture(azure, { request: RETURNS });
    expect(run.failure).toBeUndefined();
    const left = differences(before, worldOf(azure), run);
    expect(left.filter((line) => !/versions\/\d\.\d\.\d is new/.test(line))).toEqual([]);
    expect(powerOf(azure)).toBe('running');
  });

  it('leaves the VM so where no mark tells of its snapshots, and a restore is told how', async () => {
    const azure = stripping('snapshots');
    const definition = definitionId(azure, 'ubuntu-2404-specialized');
    await killedDetached(azure, { ...RETURNS, definition });
    const run = await capture(azure, { request: { ...RETURNS, definition } });
    expect(run.failure).toBeUndefined();
    const told = run.heard.findings.find(({ rule }) => rule === 'snapshot-vm-taken');
    expect(told?.message).toContain('cannot prove');
  });

  it('takes no others of a guest that has begun to change, however often it is asked', async () => {
    const azure = stripping('snapshots');
    const request = { ...RETURNS, deprovisionScript: 'exit 7' };
    expect((await capture(azure, { request })).failure?.what).toContain('exit code 7');
    await killed(azure, request, 'POST', /runCommand/);
    expect((await capture(azure, { request })).failure?.what).toContain('exit code 7');
    expect(rollbacks(azure)).toHaveLength(2);
  });

  it('takes its own where others have the names that it chose first', async () => {
    const azure = stripping('snapshots');
    await killed(azure, RETURNS, 'PATCH', /virtualMachines\/build-linux/);
    const others = rollbacks(azure).map(({ id }) => id);
    await killed(azure, RETURNS, 'PUT', VERSION);
    const own = rollbacks(azure).flatMap(({ id }) => (others.includes(id) ? [] : [id]));
    expect([others.length, own.length]).toEqual([2, 2]);
    expect((await capture(azure, { request: RETURNS })).failure).toBeUndefined();
    const disks = azure.world.all().filter(({ id }) => id.includes('/disks/build-linux-restored'));
    expect(
      disks.map((disk) => textAt(disk, 'properties', 'creationData', 'sourceResourceId')),
    ).toEqual(own);
  });

  it('leaves the VM where another snapshot has the name, and a restore is told how', async () => {
    const azure = stripping('snapshots');
    await killed(azure, RETURNS, 'PUT', VERSION);
    const taken = rollbacks(azure);
    expect(taken).toHaveLength(2);
    for (const { properties } of taken) properties.timeCreated = '2026-11-20T00:00:00Z';
    const run = await capture(azure, { request: RETURNS });
    expect(run.failure).toBeUndefined();
    const told = run.heard.findings.find(({ rule }) => rule === 'snapshot-vm-taken');
    expect(told?.message).toContain('cannot prove');
    expect(told?.remedy).toContain('`snapshot-ids`');
    expect(powerOf(azure)).toBe('deallocated');
    const back = await restore(azure, { snapshotIds: taken.map(({ id }) => id) }, { runId: '2' });
    expect(back.failure).toBeUndefined();
  });

  it('says that it does not know whether the VM was started, where its new disks tell nothing', async () => {
    const azure = stripping('disks');
    await killed(azure, RETURNS, 'POST', /\/start/);
    const run = await capture(azure, { request: RETURNS });
    expect(run.failure).toBeUndefined();
    expect(powerOf(azure)).toBe('deallocated');
    const told = run.heard.findings.find(({ rule }) => rule === 'snapshot-vm-taken');
    expect(told?.message).toContain('was started with its new disks');
    expect(told?.remedy).toContain(`az vm start --ids ${buildVm(azure)}`);
  });

  it('says that it does not know whether the VM ran, where no tag is left', async () => {
    const azure = stripping('snapshots', 'disks', 'versions');
    const definition = definitionId(azure, 'ubuntu-2404-specialized');
    const request = { ...RETURNS, definition };
    await killed(azure, request, 'PUT', VERSION);
    const run = await capture(azure, { request });
    expect(run.failure).toBeUndefined();
    expect(powerOf(azure)).toBe('deallocated');
    const told = run.heard.findings.find(({ rule }) => rule === 'snapshot-vm-taken');
    expect(told?.severity).toBe('warning');
    expect(told?.remedy).toContain(`az vm start --ids ${buildVm(azure)}`);
  });
});

it('says of a source of the right disk that only its tags are gone', async () => {
  const azure = localAzure();
  await killed(azure, RETURNS, 'PUT', VERSION);
  const way = inProcessHttpClient(azure);
  const httpClient: HttpClient = {
    sendRequest: (each) => {
      if (each.url.includes('retrieveBootDiagnosticsData'))
        for (const resource of azure.world.all()) {
          if (resource.id.includes('-source-')) resource.tags = {};
          if (resource.id.includes('/disks/')) delete resource.properties.LastOwnershipUpdateTime;
        }
      return way.sendRequest(each);
    },
  };
  const { failure } = await capture(azure, { request: RETURNS, httpClient });
  expect(failure?.what).toContain('its tags do not name this run');
});

it('keeps what tells its snapshots when Azure shows the VM as it was before', async () => {
  const stale = { types: ['*/virtualMachines'], seconds: 400, probability: 0.5 };
  const azure = localAzure({ weather: { seed: 1, staleReads: [stale] } });
  const request = { ...RETURNS, ...ofWindows(azure) };
  expect((await capture(azure, { request })).failure).toBeUndefined();
  const marks = azure.requests
    .all()
    .filter(({ method }) => method === 'PATCH')
    .flatMap(({ body }) => textAt(body, 'tags', DEPROVISION_TAG) ?? []);
  expect(marks.map((mark) => mark.split(' ')[0])).toContain('complete');
  expect(new Set(marks.map((mark) => mark.split(' ').slice(1, 4).join(' '))).size).toBe(1);
});
