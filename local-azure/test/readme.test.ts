/** What README.md and CONTRIBUTING.md say is modelled: all of it, each with its source. */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withCoverage } from '../scripts/coverage.ts';
import { createLocalAzure } from '../src/index.ts';
import { HOME } from './modules.ts';

const ROOT = join(HOME, '..');
/** Its modules. */
const MODULES = join(HOME, 'src');
/** Where tests are named from. */
const FROM = [join(HOME, 'test'), ROOT];
const text = readFileSync(join(HOME, 'CONTRIBUTING.md'), 'utf8');

function section(heading: string): string {
  const [, content] = text.split(`\n## ${heading}\n`);
  if (content === undefined) throw new Error(`There is no section ${heading}`);
  return content.split('\n## ', 1)[0] ?? '';
}

/** Recordings are not part of the project, nor can every machine run other people's programs. */
const NEEDS_MORE = /^conformance$|witness\//;

const rows = section('What is modelled, with sources and tests')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (---|What \|)/.test(line))
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
    const named = new Set(
      [...text.matchAll(/[\w*./-]+\.test\.ts/g)].flatMap(([name]) => testsOf(name)),
    );
    const own = globSync('test/*.test.ts', { cwd: HOME }).map((path) => join(HOME, path));
    expect(own.filter((path) => !named.has(path))).toEqual([]);
  });
});

describe('how it is built', () => {
  const table = section('How it is built');
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

describe('the coverage in the README', () => {
  it('is what `npm run docs -w local-azure` writes', () => {
    const readme = readFileSync(join(HOME, 'README.md'), 'utf8');
    expect(withCoverage(readme, createLocalAzure().routes)).toBe(readme);
  });

  it('is without a route that declares no source', () => {
    const registrations = globSync('**/*.ts', { cwd: MODULES }).flatMap((path) => {
      const code = readFileSync(join(MODULES, path), 'utf8');
      const calls = code.match(/\bapp\.(get|put|post|patch|delete|on|all)\(/g) ?? [];
      return calls.length > 0 ? [path.replaceAll('\\', '/')] : [];
    });
    const declaring = ['arm.ts', 'controls.ts', 'entra.ts', 'github.ts', 'imds.ts', 'metadata.ts'];
    expect(registrations.toSorted()).toEqual(
      [...declaring, 'providers/boot-diagnostics.ts'].toSorted(),
    );
    const { routes } = createLocalAzure();
    for (const part of ['/_local/world', '/oauth2/v2.0/token', '/actions/idtoken', '/metadata/'])
      expect(routes.some(({ path }) => path.includes(part))).toBe(true);
  });
});
