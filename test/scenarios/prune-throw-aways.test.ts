import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { throwAwayId, whereTag } from '../../src/domain/throw-away.ts';
import { fakeClock, localAzure, prune, verifySettings } from './harness.ts';
import { numbersIn, putThrowAway, putVersions, type ThrowAway, versionId } from './prune-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const AGED = [
  { number: '1.0.0', days: 400 },
  { number: '2.0.0', days: 1 },
] as const;

it.each<[string, (azure: LocalAzure) => string[]]>([
  ['found among the users', ({ subscriptionId }) => [subscriptionId]],
  ['named by the tag of its version', () => []],
])('a throw-away VM that nobody deleted goes with its version: %s', async (_, usage) => {
  const azure = localAzure();
  const tags = whereTag(throwAwayId(versionId(azure, '1.0.0'), verifySettings(azure).group));
  putVersions(azure, { ...AGED[0], tags }, AGED[1]);
  const vm = putThrowAway(azure);
  const asked = { usageSubscriptions: usage(azure) };
  const dry = await prune(azure, asked, { dryRun: true });
  expect(dry.wrote).toBe(false);
  expect(dry.heard.planned.map(({ id }) => id)).toEqual([
    'delete-earlier-verify-vm',
    'delete-old-verified-versions',
  ]);
  const run = await prune(azure, asked);
  expect(run.failure).toBeUndefined();
  expect(azure.world.get(vm)).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['2.0.0']);
  expect((await prune(azure, asked)).wrote).toBe(false);
});

it.each<[string, ThrowAway]>([
  ['is younger than a day', { hours: 20 }],
  ['has another name', { name: 'verify-mine' }],
  [
    'is tagged as that of another version',
    { tags: { 'golden-image-verify-vm': '0123456789abcdef0123' } },
  ],
])('a VM of the version that %s stays, and so does the version', async (_, change) => {
  const azure = localAzure();
  putVersions(azure, ...AGED);
  const vm = putThrowAway(azure, change);
  const run = await prune(azure);
  expect(run.failure).toBeUndefined();
  expect(run.wrote).toBe(false);
  expect(azure.world.get(vm)).toBeDefined();
  expect(numbersIn(azure)).toEqual(['1.0.0', '2.0.0']);
});

it('a locked throw-away VM stays, and so does its version', async () => {
  const azure = localAzure();
  putVersions(azure, ...AGED);
  const vm = putThrowAway(azure);
  azure.world.put(
    asResource({
      id: `${vm}/providers/Microsoft.Authorization/locks/stay`,
      properties: { level: 'CanNotDelete' },
    }),
  );
  const run = await prune(azure);
  expect(run.failure).toBeUndefined();
  expect(run.wrote).toBe(false);
  expect(numbersIn(azure)).toEqual(['1.0.0', '2.0.0']);
});

it('a throw-away VM that Azure does not let go keeps its version alone, locks unread or not', async () => {
  const azure = localAzure();
  putVersions(azure, { number: '0.9.0', days: 500 }, ...AGED);
  const vm = putThrowAway(azure);
  azure.world.put(
    asResource({
      id: `${vm}/providers/Microsoft.Authorization/locks/stay`,
      properties: { level: 'CanNotDelete' },
    }),
  );
  const unread = { match: { path: '**/locks' }, times: 999, fate: { status: 403 } };
  azure.faults.add(unread);
  const run = await prune(azure);
  expect(run.heard.unchecked).toContainEqual({ rule: 'locked', lacks: 'locks' });
  expect(run.failure).toMatchObject({ kind: 'refused', code: 'ScopeLocked' });
  expect(azure.world.get(vm)).toBeDefined();
  expect(numbersIn(azure)).toEqual(['1.0.0', '2.0.0']);
});

it('a version that Azure does not let go keeps no other, nor a throw-away VM', async () => {
  const azure = localAzure();
  putVersions(azure, { number: '0.9.0', days: 500 }, ...AGED);
  const vm = putThrowAway(azure);
  const body = { error: { code: 'RequestDisallowedByPolicy', message: 'No.' } };
  const match = { method: 'DELETE', path: '**/versions/0.9.0' };
  azure.faults.add({ match, times: 1, fate: { status: 403, body } });
  const run = await prune(azure);
  expect(run.failure).toMatchObject({ kind: 'refused', code: 'RequestDisallowedByPolicy' });
  expect(azure.world.get(vm)).toBeUndefined();
  expect(numbersIn(azure)).toEqual(['0.9.0', '2.0.0']);
});

it('a throw-away VM of another version than its name says stays', async () => {
  const azure = localAzure();
  putVersions(azure, ...AGED);
  const vm = putThrowAway(azure, { of: '2.0.0' });
  const run = await prune(azure);
  expect(run.failure).toBeUndefined();
  expect(azure.world.get(vm)).toBeDefined();
  expect(numbersIn(azure)).toEqual(['2.0.0']);
});
