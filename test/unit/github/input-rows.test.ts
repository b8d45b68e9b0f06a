import { describe, expect, it, test } from 'vitest';
import { GROUPS } from '../../../scripts/action-inputs.ts';
import { Problem, type Row } from '../../../src/github/inputs/row.ts';
import { INPUTS } from '../../../src/github/inputs/table.ts';
import { NOW } from '../worlds.ts';

const rows: readonly (readonly [string, Row])[] = Object.entries(INPUTS);

test('every input stands in one group, in the order of the table', () => {
  const grouped = Object.values(GROUPS).flatMap((group) => Object.keys(group));
  expect(grouped).toEqual(Object.keys(INPUTS));
});

describe.each(rows)('the row of %s', (_name, row) => {
  it('has a default that its parser takes', () => {
    for (const text of [row.default, row.filledIn?.includes('{{') ? undefined : row.filledIn])
      if (text !== undefined) expect(row.parse(text, NOW)).not.toBeInstanceOf(Problem);
  });

  it('says what to give where it can be missing', () => {
    if (row.required) expect(row.give).toMatch(/^[a-z].*[^.]$/);
  });

  it('checks it beside inputs that there are', () => {
    const asked = (row.checks ?? []).flatMap((check) => [
      ...String(check).matchAll(/\b(?:has|value)\(['"]([^'"]+)['"]\)/g),
    ]);
    for (const [, other = ''] of asked) expect(INPUTS).toHaveProperty([other]);
  });
});
