/** What the local Azure's README says it models: every row has its source and a witness that exists. */
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { read, section } from './documents.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOME = join(ROOT, 'local-azure');
/** Its modules. */
const MODULES = join(HOME, 'src');
/** Where the README names witnesses from. */
const FROM = [join(HOME, 'test'), ROOT];
/** Recordings are not part of the project, nor can every machine run other people's programs. */
const NEEDS_MORE = /^conformance$|witness\//;

const rows = section(read('local-azure/README.md'), 'What is modelled')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (---|what +\|)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([what = '', source = '', witness = '']) => ({ what, source, witness }));

/** The tests that a name, a pattern or a folder stands for. */
function testsOf(name: string): string[] {
  const found = FROM.flatMap((from) =>
    globSync(name, { cwd: from }).map((path) => join(from, path)),
  );
  return found.flatMap((path) =>
    statSync(path).isDirectory()
      ? globSync('**/*.{test,witness}.ts', { cwd: path })
      : /\.(test|witness)\.ts$/.test(path)
        ? [path]
        : [],
  );
}

const namesIn = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('what is modelled', () => {
  it('is a table', () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter(({ what, source }) => what === '' || source === '')).toEqual([]);
  });

  it.each(rows)('has witnesses that exist: $what', ({ witness }) => {
    const names = namesIn(witness);
    expect(names.filter((name) => testsOf(name).length === 0)).toEqual([]);
    expect(names.filter((name) => !NEEDS_MORE.test(name))).not.toEqual([]);
  });

  it('and what is not, names every test of the local Azure', () => {
    const text = read('local-azure/README.md');
    const named = new Set(
      [...text.matchAll(/[\w*./-]+\.test\.ts/g)].flatMap(([name]) => testsOf(name)),
    );
    const own = globSync('test/*.test.ts', { cwd: HOME }).map((path) => join(HOME, path));
    expect(own.filter((path) => !named.has(path))).toEqual([]);
  });
});

describe('how it is built', () => {
  const table = section(read('local-azure/README.md'), 'How it is built');
  const cells = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);

  it.each(cells.flatMap(namesIn))('names what is there: %s', (name) => {
    expect(statSync(join(MODULES, name), { throwIfNoEntry: false })).toBeDefined();
  });

  it('names every module', () => {
    const named = cells.flatMap(namesIn);
    const modules = globSync('*.ts', { cwd: MODULES });
    expect(modules.filter((module) => !named.includes(module))).toEqual([]);
  });
});
