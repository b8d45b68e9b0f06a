/** What becomes of a VM that a capture has brought back, or half brought back, when something runs later. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writesAmong } from '../runner/control.ts';
import { fails } from './failing-regions.ts';
import { capture, definitionId, fakeClock, localAzure, RETURNS, restore } from './harness.ts';
import { NO_RIGHT } from './rerun-worlds.ts';
import { killedDetached, powerOf } from './returning.ts';
import { storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const anHour = () => new Promise((done) => setTimeout(done, 3_600_000));

type Azure = ReturnType<typeof localAzure>;

it('deprovisions no VM once more for a failed version when another run has restored it', async () => {
  const azure = localAzure();
  fails(azure, 1, 'westeurope');
  expect((await capture(azure, { request: RETURNS })).failure).toBeDefined();
  for (const { id } of azure.world.all()) if (id.includes('-source-')) azure.world.delete(id);
  expect((await restore(azure, {}, { runId: '2' })).failure).toBeUndefined();
  azure.requests.clear();
  const run = await capture(azure, { request: RETURNS });
  expect(run.failure?.what).toContain('is not what this run has captured any more');
  expect(writesAmong(azure.requests.all())).toEqual([]);
  expect(powerOf(azure)).toBe('running');
});

it('makes a version again of the old disks that has failed after the run had ended', async () => {
  const azure = localAzure();
  fails(azure, 1, 'westeurope');
  const request = { ...RETURNS, waitFor: 'none' } as const;
  expect((await capture(azure, { request })).failure).toBeUndefined();
  await anHour();
  const run = await capture(azure, { request: RETURNS });
  expect(run.failure).toBeUndefined();
  expect(run.told.outputs.get('state')).toBe('succeeded');
  expect(powerOf(azure)).toBe('running');
});

it('says why a version that was deleted is not made again of old disks that are deleted', async () => {
  const azure = localAzure();
  const request = { ...RETURNS, oldDisks: 'delete' } as const;
  expect((await capture(azure, { request })).failure).toBeUndefined();
  await anHour();
  azure.world.delete(storedVersionId(azure));
  const run = await capture(azure, { request });
  expect(run.failure?.what).toMatch(/No snapshot was taken of disk `build-linux_.*`: it is gone/);
  expect(run.failure?.remedy).toContain('Start a new run');
  expect(powerOf(azure)).toBe('running');
  expect((await capture(azure, { request, runId: '2' })).failure).toBeUndefined();
});

it.each([
  ['restores', (azure: Azure) => restore(azure, {}, { runId: '2' })],
  ['captures', (azure: Azure) => capture(azure, { runId: '2', request: specialized(azure) })],
])(
  '%s no VM in a new run while it lacks the data disks of an unfinished one',
  async (_, attempt) => {
    const azure = localAzure();
    await killedDetached(azure, specialized(azure));
    await anHour();
    azure.requests.clear();
    const run = await attempt(azure);
    expect(run.failure?.what).toContain('which has not attached `build-linux-restored-lun0-');
    expect(writesAmong(azure.requests.all())).toEqual([]);
    expect((await capture(azure, { request: specialized(azure) })).failure).toBeUndefined();
    expect((await attempt(azure)).failure).toBeUndefined();
  },
);

it('says that it did not look for such disks where it is not allowed to list them', async () => {
  const azure = localAzure();
  await killedDetached(azure, specialized(azure));
  azure.faults.add({ match: { method: 'GET', path: '**/disks' }, fate: NO_RIGHT });
  const { definition } = specialized(azure);
  const { heard } = await capture(azure, { runId: '2', request: { definition }, dryRun: true });
  expect(heard.unchecked).toContainEqual({ rule: 'disks-detached', lacks: 'disks' });
});

const specialized = (azure: Azure) => ({
  ...RETURNS,
  definition: definitionId(azure, 'ubuntu-2404-specialized'),
});

it('deletes no snapshots of a newer run when an older one is run again', async () => {
  const azure = localAzure();
  const request = { ...RETURNS, snapshotRetention: 1 };
  expect((await capture(azure, { request })).failure).toBeUndefined();
  await anHour();
  const begun = { method: 'PUT', path: '**/disks/*' };
  azure.faults.add({ match: begun, times: 1, fate: NO_RIGHT });
  expect((await capture(azure, { runId: '2', request })).failure).toBeDefined();
  expect((await capture(azure, { request })).failure).toBeUndefined();
  expect((await capture(azure, { runId: '2', request })).failure).toBeUndefined();
  expect(powerOf(azure)).toBe('running');
  await anHour();
  azure.requests.clear();
  expect((await capture(azure, { request })).failure).toBeUndefined();
  expect(writesAmong(azure.requests.all())).toEqual([]);
});
