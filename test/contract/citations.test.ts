import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Documents that no reader of the repository can open, and sections of one that is not named. */
const CLOSED =
  /\b(?:azure|peers)\.md\b|\berrors\.json\b|\bdurations\.json\b|traffic[ /]README|\bdesign(?: §|, ")/;
const SECTION = /(?<!RFC \d+ )§\d/;
const COMMENT = /^\s*(?:\/\*|\*|\/\/)|\/\/ |\/\*\* /;

const SOURCES = ['src/**/*.ts', 'local-azure/src/**/*.ts', 'scripts/**/*.ts'];
const TESTS = ['test/**/*.ts', 'local-azure/test/**/*.ts'];

it.each([
  ['sources', SOURCES, () => true],
  // Tests also hold the names of files that they look for beside the repository.
  ['tests', TESTS, (line: string) => COMMENT.test(line)],
])('%s cite only what a reader of the repository can open', (_, patterns, counts) => {
  const files = globSync(patterns).filter((file) => !file.endsWith('citations.test.ts'));
  expect(files.length).toBeGreaterThan(200);
  const citing = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => counts(line) && (CLOSED.test(line) || SECTION.test(line)))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(citing).toEqual([]);
});
