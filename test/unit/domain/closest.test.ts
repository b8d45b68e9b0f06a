import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { closest, suggestion } from '../../../src/domain/closest.ts';

const REGIONS = ['westeurope', 'northeurope', 'eastus', 'eastus2', 'westus2', 'uksouth'];

describe('the closest existing name', () => {
  it.each([
    ['westeurop', 'westeurope'],
    ['west-europe', 'westeurope'],
    ['WestEurope', 'westeurope'],
    ['nortehurope', 'northeurope'],
    ['eastus22', 'eastus2'],
    ['eu', undefined],
    ['atlantis', undefined],
    ['', undefined],
  ])('%j is %j', (name, wanted) => expect(closest(name, REGIONS)).toBe(wanted));

  test('is the name itself where that exists', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{3,12}$/), { minLength: 1 }), (names) => {
        for (const name of names) expect(closest(name, names)).toBe(name);
      }),
    );
  });

  test('is asked for in a sentence', () => {
    expect(suggestion('westeurop', REGIONS)).toBe(' Did you mean `westeurope`?');
    expect(suggestion('atlantis', REGIONS)).toBe('');
  });
});
