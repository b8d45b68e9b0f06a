/** Each claim of SECURITY.md names what shows it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { read } from './documents.ts';

const rows = read('SECURITY.md')
  .split('\n')
  .filter((line) => /^\| (?!Who \||---)/.test(line))
  .map((line) => [line.slice(2).split(' | ', 2).join(': '), line] as const);

test.each(rows)('%s', (_, row) => {
  const tests = [...row.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path);
  expect(tests).not.toEqual([]);
  expect(
    tests.filter((path) => !existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)))),
  ).toEqual([]);
});
