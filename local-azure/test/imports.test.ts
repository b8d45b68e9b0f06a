/** The package stands alone: it imports itself and the packages that it declares, nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HOME, importsBelow, leaves, packageOf } from './modules.ts';

const manifest = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>;
const declared = (...kinds: string[]): string[] =>
  kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));

/** The replay of recordings is a tool of the repository and no part of what is packed. */
const isTool = (path: string): boolean => path.startsWith(join('src', 'conformance'));

it.each([
  ['src', 'src'],
  ['test', ''],
  ['scripts', ''],
])('%s imports nothing from outside', (folder, home) => {
  const imports = importsBelow(folder);
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter(({ path, imported }) => leaves(home, path, imported))).toEqual([]);
});

it('what is packed needs no package but its declared dependencies', () => {
  const known = declared('dependencies', 'peerDependencies');
  const used = importsBelow('src')
    .filter(({ path }) => !isTool(path))
    .flatMap(({ imported }) => packageOf(imported) ?? []);
  expect([...new Set(used)].filter((name) => !known.includes(name))).toEqual([]);
});

it('everything else needs no package but declared ones', () => {
  const known = declared('dependencies', 'peerDependencies', 'devDependencies');
  const all = ['src', 'test', 'scripts'].flatMap(importsBelow);
  const used = all.flatMap(({ imported }) => packageOf(imported) ?? []);
  expect([...new Set(used)].filter((name) => !known.includes(name))).toEqual([]);
});
