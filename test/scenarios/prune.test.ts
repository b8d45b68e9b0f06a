import { afterEach, beforeEach, expect, it } from 'vitest';
import { asResource } from '../../local-azure/src/world.ts';
import { buildVm, capture, definitionId, fakeClock, localAzure, prune } from './harness.ts';
import { numbersIn, OLD, putVersions } from './prune-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

it('deletes what is old, oldest first, and keeps the newest', async () => {
  const azure = localAzure();
  putVersions(azure, ...OLD);
  const run = await prune(azure);
  expect(run.failure).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['2.0.0']);
  expect(run.told.outputs.get('state')).toBe('succeeded');
  expect(run.told.outputs.get('changed')).toBe('true');
  expect(JSON.parse(run.told.outputs.get('deleted-versions') ?? '')).toMatchObject({
    count: 4,
    gigabytes: 4 * 2 * 64,
    versions: [{ version: '1.0.0', reason: 'older-than' }, {}, {}, { version: '1.3.0' }],
  });
  expect(JSON.parse(run.told.outputs.get('kept-versions') ?? '')).toEqual({
    count: 1,
    byReason: { latest: 1 },
    versions: [{ version: '2.0.0', reason: 'latest', detail: 'westeurope' }],
  });
  const again = await prune(azure);
  expect(again.wrote).toBe(false);
  expect(again.told.outputs.get('state')).toBe('succeeded');
});

it('a dry run tells the same and writes nothing', async () => {
  const azure = localAzure();
  putVersions(azure, ...OLD);
  const run = await prune(azure, {}, { dryRun: true });
  expect(run.wrote).toBe(false);
  expect(run.told.outputs.get('state')).toBe('planned');
  expect(run.heard.planned).toMatchObject([{ id: 'delete-old-versions', of: { length: 4 } }]);
  expect(numbersIn(azure)).toHaveLength(5);
});

it('max-deletions leaves the rest for the next run', async () => {
  const azure = localAzure();
  putVersions(azure, ...OLD);
  const run = await prune(azure, { maxDeletions: 3 });
  expect(run.failure).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['1.3.0', '2.0.0']);
  expect(run.heard.findings.map(({ rule }) => rule)).toEqual(['prune-left-over']);
});

it('failed versions that stay do not keep the others of them from going', async () => {
  const azure = localAzure();
  putVersions(
    azure,
    { number: '1.0.0', days: 80, state: 'Failed', tags: { keep: 'x' } },
    { number: '1.1.0', days: 70, state: 'Failed' },
    { number: '2.0.0', days: 1 },
  );
  const run = await prune(azure, { maxDeletions: 1, keepTags: [{ name: 'keep' }] });
  expect(run.failure).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['1.0.0', '2.0.0']);
});

it('reads a hundred failed versions more than one run deletes, and keeps the others', async () => {
  const azure = localAzure();
  const failed = Array.from({ length: 103 }, (_, index) => ({
    number: `1.${index}.0`,
    days: 200 - index,
    state: 'Failed',
  }));
  putVersions(azure, ...failed, { number: '2.0.0', days: 1 });
  const run = await prune(azure, { maxDeletions: 1 }, { dryRun: true });
  expect(JSON.parse(run.told.outputs.get('kept-versions') ?? '').byReason).toEqual({
    'max-deletions': 100,
    'not-read': 2,
    latest: 1,
  });
});

it('a long list comes in pages, and what is told of it is bounded', async () => {
  const azure = localAzure();
  const many = Array.from({ length: 300 }, (_, index) => ({ number: `1.${index}.0`, days: 200 }));
  putVersions(azure, ...many, { number: '2.0.0', days: 1 });
  const run = await prune(azure, { maxDeletions: 200 }, { dryRun: true });
  expect(run.failure).toBeUndefined();
  const plan = JSON.parse(run.told.outputs.get('plan') ?? '');
  expect(plan.steps).toMatchObject([{ resources: { length: 50 }, resourceCount: 200 }]);
  expect(JSON.parse(run.told.outputs.get('kept-versions') ?? '')).toMatchObject({
    count: 101,
    byReason: { 'max-deletions': 100, latest: 1 },
    versions: { length: 50 },
  });
});

it('never more than 150 deletions in three minutes', async () => {
  const azure = localAzure();
  const many = Array.from({ length: 60 }, (_, index) => ({ number: `1.${index}.0`, days: 200 }));
  putVersions(azure, ...many, { number: '2.0.0', days: 1 });
  const run = await prune(azure, { maxDeletions: 200 });
  expect(run.failure).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['2.0.0']);
  expect(azure.requests.all().filter(({ status }) => status === 429)).toEqual([]);
});

it('snapshots go beyond their retention, but for locked ones and those of others', async () => {
  const azure = localAzure();
  putVersions(azure, { number: '2.0.0', days: 1 });
  const before = [];
  for (const runId of ['1', '2', '3']) {
    const run = await capture(azure, {
      runId,
      request: { snapshot: true, definition: definitionId(azure, 'ubuntu-2404-specialized') },
    });
    before.push(run.heard.snapshots);
  }
  const [first = [], second = [], third = []] = before;
  azure.world.put(
    asResource({
      id: `${first[0]}/providers/Microsoft.Authorization/locks/stay`,
      properties: { level: 'CanNotDelete' },
    }),
  );
  const run = await prune(azure, { snapshots: { vm: buildVm(azure), keep: 1 } });
  expect(run.failure).toBeUndefined();
  const isThere = (id: string) => azure.world.get(id) !== undefined;
  expect([first, second, third].map((set) => set.map(isThere))).toEqual([
    [true, false],
    [false, false],
    [true, true],
  ]);
});
