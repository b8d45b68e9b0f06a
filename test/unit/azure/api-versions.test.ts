import { describe, expect, it, test } from 'vitest';
import { newestIn, olderBody } from '../../../src/azure/api-versions.ts';

const refusal = (...versions: string[]) =>
  `No registered resource provider found for location 'westeurope' and API version '2025-12-03' for type 'galleries'. The supported api-versions are '${versions.join(', ')}'. The supported locations are 'westeurope'.`;

describe('of the versions that a refusal lists', () => {
  it.each([
    [['2024-03-03', '2025-03-03', '2023-07-03'], '2025-03-03'],
    [['2026-03-03', '2024-03-03'], '2024-03-03'],
    [['2025-06-01-preview', '2024-03-03'], '2024-03-03'],
    [['2026-03-03'], undefined],
    [[], undefined],
  ])('%j, %s is used', (versions, newest) => {
    expect(newestIn(refusal(...versions), '2025-12-03')).toBe(newest);
  });
});

describe('the body for an older version', () => {
  const body = (properties: object) => JSON.stringify({ location: 'x', properties });
  const older = (properties: object, version: string) =>
    (JSON.parse(olderBody(body(properties), version)) as { properties: unknown }).properties;

  test('lacks what that version lacks', () => {
    const properties = {
      publishingProfile: { replicaCount: 1, storageAccountStrategy: 'PreferStandard_ZRS' },
      safetyProfile: { blockDeletionBeforeEndOfLife: false },
    };
    expect(older(properties, '2025-12-03')).toEqual(properties);
    expect(older(properties, '2024-03-03')).toEqual({
      ...properties,
      publishingProfile: { replicaCount: 1 },
    });
    expect(older(properties, '2023-07-03')).toEqual({
      publishingProfile: { replicaCount: 1 },
      safetyProfile: {},
    });
  });

  test('never drops a block that was asked for', () => {
    const properties = { safetyProfile: { blockDeletionBeforeEndOfLife: true } };
    expect(older(properties, '2023-07-03')).toEqual(properties);
  });

  test('names a VM as any other source, where that has no member of its own', () => {
    const properties = { storageProfile: { source: { virtualMachineId: '/vm' } } };
    expect(older(properties, '2022-03-03')).toEqual({ storageProfile: { source: { id: '/vm' } } });
  });
});
