/** The licenses of the packages that `dist/index.js` is made of, as MIT, BSD and Apache ask for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a package says of itself, as far as it is read here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * The text for `dist/licenses.txt`: a block for each package that the action depends on, directly or
 * not, with its name, version, license and the license's text. ncc's `--license` is not enough: it
 * leaves out texts, and each chunk overwrites the list of the one before.
 *
 * @throws if a package names no license
 */
export function licenses(): string {
  return bundledFolders()
    .map(block)
    .toSorted()
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folders of the packages that the action depends on, directly or not, below `node_modules`. */
export function bundledFolders(): string[] {
  const folders = new Set<string>();
  gather('.', folders);
  return [...folders];
}

/** The package.json of a folder. */
export const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function gather(folder: string, found: Set<string>): void {
  for (const name of Object.keys(manifestIn(folder).dependencies ?? {})) {
    const place = placeOf(name, folder);
    if (found.has(place)) continue;
    found.add(place);
    gather(place, found);
  }
}

/** Where Node finds a package from a folder: in its `node_modules` or those of the folders around it. */
function placeOf(name: string, from: string): string {
  const place = join(from, 'node_modules', name);
  if (existsSync(join(place, 'package.json'))) return place;
  if (from === '.') throw new Error(`${name} is not installed`);
  return placeOf(name, dirname(from));
}

function block(folder: string): string {
  const { name, version, license } = manifestIn(folder);
  if (license === undefined) throw new Error(`${name} names no license`);
  const file = readdirSync(folder)
    .toSorted()
    .find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  return `${name} ${version}\nLicense: ${license}\n${text}`.replaceAll('\r\n', '\n');
}
