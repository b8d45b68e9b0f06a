import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Documents that no reader of the repository can open, and sections of one that is not named. */
const CLOSED =
  /\b(?:azure|peers)\.md\b|\berrors\.json\b|\bdurations\.json\b|traffic[ /]README|design §/;
const SECTION = /(?<!RFC \d+ )§\d/;

it('cites only what a reader of the repository can open', () => {
  const files = globSync(['src/**/*.ts', 'local-azure/src/**/*.ts']);
  expect(files.length).toBeGreaterThan(200);
  const citing = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => CLOSED.test(line) || SECTION.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(citing).toEqual([]);
});
