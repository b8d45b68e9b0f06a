import { expect, test } from 'vitest';
import { DEPROVISION_TAG, formatDeprovisionMark } from '../../../src/domain/deprovision-mark.ts';
import { keyInNames, OWNER_TAG } from '../../../src/domain/owner.ts';
import { chosenSet, snapshotSets } from '../../../src/domain/snapshot-sets.ts';
import type { Snapshot } from '../../../src/domain/vm.ts';
import { GROUP } from '../worlds.ts';

const FIRST = `${'a'.repeat(20)}.${'b'.repeat(20)}`;
const SECOND = `${'c'.repeat(20)}.${'b'.repeat(20)}`;
const roots = [{ ancestors: [{ id: `${GROUP}/disks/build-os`, uniqueId: 'one' }] }];

const snapshot = (owner: string, minute: number, change: Partial<Snapshot> = {}) => ({
  id: `${GROUP}/snapshots/build-os-${keyInNames(owner)}`,
  sourceId: `${GROUP}/disks/build-os`,
  sourceUniqueId: 'one',
  published: new Date(Date.UTC(2026, 10, 22, 9, minute)),
  incremental: true,
  tags: { [OWNER_TAG]: owner, 'golden-image-repository': 'octo/images' },
  ...change,
});

const begun = (owner: string) => ({
  [DEPROVISION_TAG]: formatDeprovisionMark({ stage: 'scheduled', owner, nonce: '1' }),
});

const chosen = (all: readonly Snapshot[], tags = {}, vm = 'build') =>
  chosenSet(snapshotSets(all, roots, { repository: 'octo/images', vm }), { tags })?.of[0]?.id;

const both = [snapshot(FIRST, 1), snapshot(SECOND, 2)];
const [first, second] = both.map(({ id }) => id);

test.each<[string, readonly Snapshot[], Record<string, string>, string | undefined]>([
  ['the newest set', both, {}, second],
  ['the set of the run whose deprovision has begun', both, begun(FIRST), first],
  ['without tags, by name and source', [snapshot(FIRST, 1, { tags: {} })], {}, first],
  [
    'not one of another disk of that name',
    [snapshot(FIRST, 1, { sourceUniqueId: 'two' })],
    {},
    undefined,
  ],
  [
    'not one that was renamed by its tag',
    [snapshot(FIRST, 1, { tags: { [OWNER_TAG]: SECOND } })],
    {},
    undefined,
  ],
  [
    'not one of another repository',
    [snapshot(FIRST, 1, { tags: { 'golden-image-repository': 'x/y' } })],
    {},
    undefined,
  ],
  [
    'not one that was only captured from',
    [snapshot(FIRST, 1, { incremental: false })],
    {},
    undefined,
  ],
  [
    'not one that was taken during a deprovision',
    [both[0] as Snapshot, snapshot(SECOND, 2, { tags: begun(FIRST) })],
    {},
    first,
  ],
])('a restore goes back to %s', (_, all, tags, expected) => {
  expect(chosen(all, tags)).toBe(expected);
});

test('is found of a VM whose name reads like what is captured from', () => {
  const id = `${GROUP}/snapshots/build-source-os-${keyInNames(FIRST)}`;
  const all = [snapshot(FIRST, 1, { id })];
  expect(chosen(all, {}, 'build-source')).toBe(id);
  expect(chosen(all)).toBeUndefined();
});

test('is found where a VM of another name had the disk when it was taken', () => {
  expect(chosen(both, {}, 'created-of-its-disk')).toBe(second);
});
