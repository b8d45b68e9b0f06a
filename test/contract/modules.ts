import { dirname, join } from 'node:path';
import { filesBelow, read } from './documents.ts';

/** One module of the repository, as far as who may know whom goes. */
export interface Module {
  /** From the repository's root. */
  readonly path: string;
  readonly lines: number;
  readonly text: string;
  /** Modules of the repository that it imports; paths from the root. */
  readonly own: readonly string[];
  /** Packages and built-in modules that it imports. */
  readonly foreign: readonly string[];
}

const STATEMENT =
  /^(?:import|export)\b[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm;
const CALL = /\bimport\(\s*['"]([^'"]+)['"]/g;

const specifiersIn = (text: string): string[] =>
  [STATEMENT, CALL].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, from, bare]) => from ?? bare ?? ''),
  );

/** The TypeScript modules below a folder. */
export const modulesBelow = (folder: string): Module[] =>
  filesBelow(folder, '.ts').map((path) => {
    const text = read(path);
    const specifiers = specifiersIn(text);
    return {
      path,
      text,
      lines: text.split('\n').length - 1,
      own: specifiers
        .filter((each) => each.startsWith('.'))
        .map((each) => join(dirname(path), each)),
      foreign: specifiers.filter((each) => !each.startsWith('.')),
    };
  });

/** A cycle among modules, if there is one. */
export function cycleIn(modules: readonly Module[]): readonly string[] | undefined {
  const imports = new Map(modules.map(({ path, own }) => [path, own]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    done.add(path);
    for (const next of imports.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const { path } of modules) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}
