import { expect, it, test } from 'vitest';
import { DEFAULT_UNKNOWNS, OTHER_WAY, parseUnknown } from '../src/unknowns.ts';

test('every choice can be made on the command line', () => {
  for (const choices of [DEFAULT_UNKNOWNS, OTHER_WAY])
    for (const [name, value] of Object.entries(choices))
      expect(parseUnknown(`${name}=${value}`)).toEqual({ [name]: value });
});

it.each(['', 'patchOfTags', 'patchOfTags=refused', 'toString=x', 'nothing=merge'])(
  'what is none names all there are: %j',
  (text) => {
    expect(() => parseUnknown(text)).toThrow(/patchOfTags=replace\|merge\n.*definitionRegion/s);
  },
);
