import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { tagProblem, tagValue, withTags } from '../../../src/domain/tags.ts';

describe('tagProblem', () => {
  it.each([
    ['cost-center', '4711'],
    ['a', ''],
    ['n'.repeat(512), 'v'.repeat(256)],
    ['my azure tag', '<any> %value& \\ is ? fine / here'],
  ])('takes %j', (name, value) => expect(tagProblem(name, value)).toBeUndefined());

  it.each([
    ['n'.repeat(513), '', /513.*512/],
    ['n', 'v'.repeat(257), /257.*256/],
    ...[...'<>%&\\?/'].map((sign) => [`a${sign}b`, '', /forbids/] as const),
    ['Azure-thing', '', /reserved/],
    ['microsoft.x', '', /reserved/],
    ['WINDOWS', '', /reserved/],
    ['golden-image-owner', '', /set by this action/],
    ['Golden-Image-Run', '', /set by this action/],
  ] as const)('refuses %j=%j', (name, value, why) => expect(tagProblem(name, value)).toMatch(why));
});

const tags = fc.dictionary(fc.constantFrom('a', 'A', 'b', 'B', '__proto__'), fc.string());

test('laid over others, tags win whatever their case, and nothing else is lost', () => {
  fc.assert(
    fc.property(tags, tags, (under, over) => {
      const both = withTags(under, over);
      for (const [name, value] of Object.entries(over)) expect(both).toHaveProperty([name], value);
      for (const name of Object.keys(under)) expect(tagValue(both, name)).toBeDefined();
      const names = Object.keys(both).filter((name) => !Object.hasOwn(over, name));
      const overridden = new Set(Object.keys(over).map((name) => name.toLowerCase()));
      expect(names.some((name) => overridden.has(name.toLowerCase()))).toBe(false);
    }),
  );
});

test('a tag is found by its name in any case', () => {
  expect(tagValue({ 'Cost-Center': '1' }, 'cost-center')).toBe('1');
  expect(tagValue({}, 'constructor')).toBeUndefined();
});
