import { describe, expect, it, test } from 'vitest';
import {
  describeProgress,
  failedRegions,
  hasMoved,
  isReplicated,
  type RegionReplication,
  ReplicationForecast,
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

const at = (region: string, progress: number): RegionReplication => ({
  region,
  progress,
  state: progress === 100 ? 'Completed' : 'Replicating',
});

describe('the likely end of a replication', () => {
  test('is the usual one while nothing has moved', () => {
    const forecast = new ReplicationForecast();
    forecast.note(0, [at('a', 0), at('b', 0)], false);
    forecast.note(60, [at('a', 10), at('b', 0)], false);
    expect(forecast.end(430)).toMatchObject({ since: 0, expected: 430 });
  });

  test('is that of the slowest region, by its progress when it last moved', () => {
    const forecast = new ReplicationForecast();
    forecast.note(0, [at('a', 0), at('b', 0)], false);
    forecast.note(100, [at('a', 20), at('b', 10)], false);
    forecast.note(150, [at('a', 20), at('b', 10)], false);
    expect(forecast.end(430).expected).toBe(1000);
  });

  test('counts from the first look when another attempt began it', () => {
    const forecast = new ReplicationForecast();
    forecast.note(0, [at('a', 50)], false);
    forecast.note(100, [at('a', 75)], false);
    expect(forecast.end(430).expected).toBe(200);
  });

  test('takes no measure of a progress that waits for completion', () => {
    const forecast = new ReplicationForecast();
    forecast.note(0, [at('a', 0)], false);
    forecast.note(90, [at('a', 45)], false);
    forecast.note(100, [at('a', 99)], false);
    expect(forecast.end(430).expected).toBe(200);
  });

  test('leaves out regions that are complete', () => {
    const forecast = new ReplicationForecast();
    forecast.note(0, [at('a', 0), at('b', 0)], false);
    forecast.note(100, [at('a', 100), at('b', 20)], false);
    expect(forecast.end(430).expected).toBe(500);
  });

  test('is ten minutes from where Azure calls the version Succeeded while a region lacks it', () => {
    const forecast = new ReplicationForecast();
    forecast.note(0, [at('a', 0)], false);
    forecast.note(400, [at('a', 99)], true);
    forecast.note(430, [at('a', 99)], true);
    expect(forecast.end(430)).toMatchObject({ since: 400, expected: 600 });
  });
});
