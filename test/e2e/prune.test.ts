import { expect, it } from 'vitest';
import { type Aged, agedVersion, versionId } from '../scenarios/prune-worlds.ts';
import { requestSeen, type Stage, stage } from './harness.ts';

const OLD: readonly Aged[] = [
  { number: '1.0.0', days: 400 },
  { number: '1.1.0', days: 300, tags: { keep: 'audit' } },
  { number: '1.2.0', days: 200 },
  { number: '1.3.0', days: 150, state: 'Failed' },
  { number: '2.0.0', days: 1 },
];

/** A default gallery with these versions, and what a nightly job prunes it with. */
async function nightly(local: Stage, more: readonly Aged[] = []) {
  const { azure, control } = local;
  const versions = [...OLD, ...more].map((version) => agedVersion(azure, version));
  await control.setWorld([...(await control.world()), ...versions]);
  await control.forgetRequests();
  return {
    vm: '',
    operation: 'prune',
    'keep-versions': '1',
    'older-than': '90d',
    'usage-subscriptions': azure.subscriptionId,
    'keep-tags': 'keep',
  };
}

const numbers = async ({ azure, control }: Stage): Promise<string[]> =>
  (await control.world())
    .map(({ id }) => id)
    .filter((id) => id.startsWith(versionId(azure, '')))
    .map((id) => id.slice(versionId(azure, '').length))
    .sort();

it('a dry run, a prune, and a repetition with nothing to do', async () => {
  await using local = await stage(600);
  const inputs = await nightly(local);

  const dry = await local.run({ ...inputs, 'dry-run': 'true' });
  expect(dry.exitCode, dry.log).toBe(0);
  expect(dry.outputs).toMatchObject({ state: 'planned', changed: 'false' });
  expect(JSON.parse(dry.outputs.plan ?? '')).toMatchObject({
    operation: 'prune',
    steps: [{ do: 'delete', resources: { length: 3 }, irreversible: true }],
  });
  expect(dry.summary).toContain('To be deleted: 3 of 5 versions');
  expect(await local.writes()).toEqual([]);

  const pruned = await local.run(inputs);
  expect(pruned.exitCode, pruned.log).toBe(0);
  expect(pruned.outputs).toMatchObject({ state: 'succeeded', changed: 'true' });
  expect(JSON.parse(pruned.outputs['deleted-versions'] ?? '')).toMatchObject({
    count: 3,
    versions: [
      { version: '1.0.0', reason: 'older-than' },
      { version: '1.2.0', reason: 'older-than' },
      { version: '1.3.0', reason: 'failed' },
    ],
  });
  expect(JSON.parse(pruned.outputs['kept-versions'] ?? '')).toMatchObject({
    count: 2,
    byReason: { 'keep-tags': 1, latest: 1 },
  });
  expect(await numbers(local)).toEqual(['1.1.0', '2.0.0']);

  await local.control.forgetRequests();
  const again = await local.run(inputs);
  expect(again.exitCode, again.log).toBe(0);
  expect(again.outputs).toMatchObject({ state: 'succeeded', changed: 'false' });
  expect(await local.writes()).toEqual([]);
});

it('a subscription that cannot be read stops it before anything is deleted', async () => {
  await using local = await stage(600);
  const inputs = await nightly(local);
  const unknown = '99999999-2222-4333-8444-555555555555';
  const run = await local.run({
    ...inputs,
    'usage-subscriptions': `${inputs['usage-subscriptions']}, ${unknown}`,
  });
  expect(run.exitCode).toBe(1);
  expect(run.log).toContain('usage-unreadable');
  expect(run.log).toContain(unknown);
  expect(run.outputs).toMatchObject({ state: 'failed', changed: 'false' });
  expect(await local.writes()).toEqual([]);
});

it('killed while it deletes, the next run goes on', async () => {
  await using local = await stage(60);
  const more = Array.from({ length: 30 }, (_, index) => ({ number: `1.4.${index}`, days: 120 }));
  const inputs = await nightly(local, more);
  const killed = await local.run(inputs, {
    mainOnly: true,
    signalAt: {
      seen: () => requestSeen(local, 'DELETE', '**/versions/*', true),
      signal: 'SIGKILL',
    },
  });
  expect(killed.exitCode).not.toBe(0);
  const resumed = await local.run(inputs);
  expect(resumed.exitCode, resumed.log).toBe(0);
  const last = await local.run(inputs);
  expect(last.exitCode, last.log).toBe(0);
  expect(await numbers(local)).toEqual(['1.1.0', '2.0.0']);
});

it('all mistakes come at once, and nothing is sent', async () => {
  await using local = await stage(600);
  const run = await local.run({
    vm: '',
    operation: 'prune',
    'keep-versions': '0',
    'older-than': '90',
    'max-deletions': 'many',
    'keep-tags': '=x',
    'snapshot-retention': '3',
    'wait-for': 'none',
  });
  expect(run.exitCode).toBe(1);
  for (const name of [
    'keep-versions',
    'older-than',
    'usage-subscriptions',
    'max-deletions',
    'keep-tags',
    'snapshot-retention',
    'wait-for',
  ])
    expect(run.log).toContain(`\`${name}\``);
  expect(JSON.parse(run.outputs['deleted-versions'] ?? '')).toMatchObject({ count: 0 });
  expect(JSON.parse(run.outputs['kept-versions'] ?? '')).toMatchObject({ count: 0, versions: [] });
  expect(await local.control.requests()).toEqual([]);
});
