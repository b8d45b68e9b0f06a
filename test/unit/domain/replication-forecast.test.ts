import { describe, expect, test } from 'vitest';
import { type RegionReplication, ReplicationForecast } from '../../../src/domain/replication.ts';

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
