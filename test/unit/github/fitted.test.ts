import { expect, test } from 'vitest';
import { fitted } from '../../../src/github/outputs.ts';

const regions = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => ({
    region: `region${index}`,
    state: 'Failed',
    details: 'x'.repeat(length),
  }));

test('what is short enough stays as it is', () => {
  const value = { a: ['b'.repeat(3000)] };
  expect(fitted(value)).toBe(JSON.stringify(value));
});

test('details of 400 KB are cut, with a note, and every region stays', () => {
  const text = fitted(regions(100, 400_000));
  expect(text.length).toBeLessThanOrEqual(120_000);
  const found = JSON.parse(text) as { region: string; details: string }[];
  expect(found).toHaveLength(100);
  for (const { details } of found) expect(details).toMatch(/^x{500}… \(\d+ more characters\)$/);
});

test('of lists that are too long, the first elements stay', () => {
  const found = JSON.parse(fitted(regions(10_000, 10))) as { region: string }[];
  expect(found[0]?.region).toBe('region0');
  expect(found.length).toBeGreaterThan(100);
});
