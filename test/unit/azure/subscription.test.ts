import { describe, expect, it } from 'vitest';
import { lockFacts, regionFacts } from '../../../src/azure/subscription-facts.ts';

describe('the regions of a subscription', () => {
  const of = (galleries: readonly string[], zoned: readonly string[]) =>
    regionFacts({
      resourceTypes: [
        {
          resourceType: 'disks',
          zoneMappings: zoned.map((location) => ({ location, zones: ['1', '2'] })),
        },
        { resourceType: 'Galleries', locations: galleries },
        { resourceType: 'galleries/images', locations: ['Elsewhere'] },
      ],
    });

  it('are those of galleries, by compact names, with the zones of disks', () => {
    expect(of(['West Europe', 'West US'], ['West Europe', 'East US'])).toEqual([
      { name: 'westeurope', zones: true },
      { name: 'westus', zones: false },
    ]);
  });

  it('have no zones where the list of them is empty', () => {
    const facts = regionFacts({
      resourceTypes: [
        { resourceType: 'disks', zoneMappings: [{ location: 'West US', zones: [] }] },
        { resourceType: 'galleries', locations: ['West US'] },
      ],
    });
    expect(facts).toEqual([{ name: 'westus', zones: false }]);
  });

  it('are not known when Azure names no galleries', () => {
    expect(regionFacts({})).toEqual([]);
  });
});

describe('a lock', () => {
  const lock = '/providers/Microsoft.Authorization/locks/keep';
  it.each([
    '/subscriptions/s',
    '/subscriptions/s/resourceGroups/g',
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v',
  ])('of %s', (scope) => {
    const properties = { level: 'ReadOnly' };
    const found = { name: 'keep', level: 'ReadOnly', scope };
    expect(lockFacts({ id: scope + lock, properties })).toEqual(found);
    expect(lockFacts({ id: scope + lock.toLowerCase() })).toMatchObject({ scope });
  });
});
