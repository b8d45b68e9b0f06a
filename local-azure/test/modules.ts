import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Where the package is. */
export const HOME = join(import.meta.dirname, '..');

const IMPORTS =
  /^(?:import|export)\b[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** What the TypeScript modules below a folder of the package import. */
export function importsBelow(folder: string): { path: string; imported: string }[] {
  return globSync('**/*.ts', { cwd: join(HOME, folder) }).flatMap((name) => {
    const path = join(folder, name);
    const text = readFileSync(join(HOME, path), 'utf8');
    return [...text.matchAll(IMPORTS)].map(([, from, bare, called]) => ({
      path,
      imported: from ?? bare ?? called ?? '',
    }));
  });
}

/** The package that a bare specifier names; undefined for a module of Node's or a relative one. */
export function packageOf(imported: string): string | undefined {
  if (imported.startsWith('.') || imported.startsWith('node:')) return undefined;
  return imported
    .split('/')
    .slice(0, imported.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Whether a relative import leads out of a folder of the package. */
export function leaves(folder: string, path: string, imported: string): boolean {
  if (!imported.startsWith('.')) return false;
  return relative(join(HOME, folder), join(HOME, path, '..', imported)).startsWith('..');
}
