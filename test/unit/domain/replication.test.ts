import { describe, expect, it, test } from 'vitest';
import {
  describeProgress,
  failedRegions,
  hasMoved,
  isReplicated,
  type RegionReplication,
  replicationOf,
} from '../../../src/domain/replication.ts';
import { region } from '../worlds.ts';

describe('replicationOf', () => {
  test('has every wanted region in the wanted order, under its compact name', () => {
    const wanted = [{ name: 'West Europe' }, { name: 'eastus2' }];
    const status = [region('East US 2', 'Replicating', 40), region('westeurope')];
    expect(replicationOf(wanted, status)).toEqual([
      region('westeurope'),
      region('eastus2', 'Replicating', 40),
    ]);
  });

  test('a region that Azure does not mention is not started, one not wanted is left out', () => {
    expect(replicationOf([{ name: 'eastus' }], [region('westus')])).toEqual([
      region('eastus', 'Unknown'),
    ]);
  });
});

it.each<[string, RegionReplication[], boolean]>([
  ['nothing', [], false],
  ['one at 99 %', [region('a'), region('b', 'Replicating', 99)], false],
  ['one at 100 % that is not Completed', [region('a', 'Replicating', 100)], false],
  ['one failed', [region('a'), region('b', 'Failed')], false],
  ['one unknown', [region('a'), region('b', 'Unknown')], false],
  ['all Completed', [region('a'), region('b')], true],
])('%s: replicated %s', (_, regions, replicated) => {
  expect(isReplicated(regions)).toBe(replicated);
});

test('the failed regions are told apart', () => {
  expect(failedRegions([region('a'), region('b', 'Failed')])).toEqual([region('b', 'Failed')]);
});

it.each<[string, RegionReplication[], RegionReplication[], boolean]>([
  ['nothing at first', [], [region('a', 'Unknown')], true],
  ['no change', [region('a', 'Replicating', 5)], [region('a', 'Replicating', 5)], false],
  ['progress', [region('a', 'Replicating', 5)], [region('a', 'Replicating', 6)], true],
  ['a setback', [region('a', 'Replicating', 5)], [region('a', 'Replicating', 0)], true],
  ['a state', [region('a', 'Replicating', 100)], [region('a')], true],
])('moved by %s', (_, before, now, moved) => expect(hasMoved(before, now)).toBe(moved));

test('progress in words says each region’s state, and Azure’s words on a failure', () => {
  const failed = { ...region('japaneast', 'Failed'), details: 'no capacity' };
  const line = describeProgress([
    region('westeurope'),
    region('eastus', 'Replicating', 40),
    region('eastus2', 'Unknown'),
    failed,
  ]);
  expect(line).toMatch(/westeurope.*eastus 40 %.*eastus2 not started.*japaneast.*no capacity/);
});
