/**
 * Reference material that is not part of the repository: recordings and lists of Azure's answers, and
 * Azure's schemas. Where a checkout has it beside it, tests compare with it; where not, the test run
 * says so in one line and everything else passes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HOME = new URL('../../../shared/', import.meta.url);

/** The path of a file or folder of the reference material, or undefined where it is missing. */
export function reference(path: string): string | undefined {
  const url = new URL(path, HOME);
  return existsSync(url) ? fileURLToPath(url) : undefined;
}

/** A JSON file of the reference material, or undefined where it is missing. */
export function referenceJson(path: string): unknown {
  const file = reference(path);
  return file === undefined ? undefined : JSON.parse(readFileSync(file, 'utf8'));
}

/** The names in a folder of the reference material; none where it is missing. */
export const referenceNames = (path: string): string[] => {
  const folder = reference(path);
  return folder === undefined ? [] : readdirSync(folder);
};

/** Says once in a test run that the material is missing; vitest calls it before all tests. */
export function setup(): void {
  if (reference('.') === undefined)
    process.stderr.write(
      'No reference material beside this checkout: comparisons with it are left out.\n',
    );
}
