import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { normaliseRegion, sameRegion, targetRegions } from '../../../src/domain/regions.ts';

it.each([
  ['West Europe', 'westeurope'],
  ['westeurope', 'westeurope'],
  ['EAST US 2', 'eastus2'],
  ['East\u00a0US\t2', 'eastus2'],
])('%j is %s', (name, compact) => {
  expect(normaliseRegion(name)).toBe(compact);
  expect(sameRegion(name, compact)).toBe(true);
});

describe('targetRegions', () => {
  it.each([
    ['the home region alone', [], [['westeurope', 2]]],
    [
      'the home region first when it is not named',
      [{ name: 'eastus' }],
      [
        ['westeurope', 2],
        ['eastus', 2],
      ],
    ],
    [
      'the home region where it was named',
      [{ name: 'eastus', replicas: 5 }, { name: 'westeurope' }],
      [
        ['eastus', 5],
        ['westeurope', 2],
      ],
    ],
  ])('gives %s', (_, choices, wanted) => {
    const regions = targetRegions('West Europe', choices, 2);
    expect(regions.map(({ name, replicas }) => [name, replicas])).toEqual(wanted);
  });

  const name = fc.constantFrom('westeurope', 'northeurope', 'eastus', 'eastus2', 'japaneast');
  const choice = fc.record(
    {
      name,
      replicas: fc.integer({ min: 1, max: 100 }),
      storageAccountType: fc.constant('Premium_LRS' as const),
    },
    { requiredKeys: ['name'] },
  );

  test('has the home region once, every choice in its order, and replicas everywhere', () => {
    const choices = fc.uniqueArray(choice, { selector: (entry) => entry.name });
    fc.assert(
      fc.property(name, choices, (home, chosen) => {
        const regions = targetRegions(home, chosen, 3);
        const names = regions.map((region) => region.name);
        expect(names.filter((each) => each === home)).toHaveLength(1);
        expect(new Set(names).size).toBe(names.length);
        expect(regions.slice(-chosen.length || names.length)).toMatchObject(chosen);
        expect(regions.every((region) => region.replicas >= 1)).toBe(true);
      }),
    );
  });
});
