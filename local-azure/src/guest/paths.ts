import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where a path of the guest lies on the host. Links are followed as the guest would see them, so
 * that one to `/etc` leads to the guest's `/etc` and never to the host's.
 */
export function inside(root: string, path: string, links = 0): string {
  if (links > 40) throw new Error(`Too many links in ${path}`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  let found = '/';
  for (const [index, part] of parts.entries()) {
    const next = part === '..' ? dirname(found) : join(found, part);
    const state = lstatSync(join(root, next), { throwIfNoEntry: false });
    if (state?.isSymbolicLink()) {
      const target = readlinkSync(join(root, next));
      const base = target.startsWith('/') ? target : join(found, target);
      return inside(root, join(base, ...parts.slice(index + 1)), links + 1);
    }
    found = next;
  }
  return join(root, found);
}

/** The text of a file of the guest; undefined where there is none. */
export function readInside(root: string, path: string): string | undefined {
  const place = inside(root, path);
  return existsSync(place) && statSync(place).isFile() ? readFileSync(place, 'utf8') : undefined;
}

/** Writes a file of the guest, with the folders above it. */
export function writeInside(root: string, path: string, content: string, flag = 'w'): void {
  const place = inside(root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content, { flag });
}

/** The names in a folder of the guest, sorted; none if it is missing. */
export function names(root: string, path: string): string[] {
  const place = inside(root, path);
  return existsSync(place) ? readdirSync(place).sort() : [];
}

/** Everything below a folder of the host, relative to it; links are listed, never followed. */
export function* walk(folder: string, below = ''): Generator<string> {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    yield path;
    if (entry.isDirectory()) yield* walk(folder, path);
  }
}
