/** What the disk of a Linux guest holds at a moment, to lay it out again for another one. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { walk } from './paths.ts';
import type { GuestOptions } from './root.ts';

interface Entry {
  readonly path: string;
  readonly mode: number;
  /** Of a file. */
  readonly data?: Buffer;
  /** Of a link. */
  readonly target?: string;
}

/** The files of a guest, and what else decides how it behaves. */
export interface Disk {
  readonly options: GuestOptions;
  /** Where the guest lay; what runs without namespaces has that path in it. */
  readonly root: string;
  readonly entries: readonly Entry[];
}

/** Reads all of a guest. What cannot be read is empty in the copy. */
export function readDisk(root: string, options: GuestOptions): Disk {
  const entries = [...walk(root)].map((path): Entry => {
    const place = join(root, path);
    const state = lstatSync(place);
    const mode = state.mode & 0o7777;
    if (state.isSymbolicLink()) return { path, mode, target: readlinkSync(place) };
    return state.isFile() ? { path, mode, data: contentOf(place) } : { path, mode };
  });
  return { options, root, entries };
}

function contentOf(place: string): Buffer {
  try {
    return readFileSync(place);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Lays a disk out in an empty folder. */
export function writeDisk(disk: Disk, root: string, redirected: boolean): void {
  for (const { path, mode, data, target } of disk.entries) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (target !== undefined) symlinkSync(moved(target, disk.root, root), place);
    else if (data === undefined) mkdirSync(place, { recursive: true });
    else {
      const text = redirected && data.includes(disk.root);
      writeFileSync(place, text ? data.toString('utf8').replaceAll(disk.root, root) : data);
      chmodSync(place, mode);
    }
  }
}

const moved = (target: string, from: string, to: string): string =>
  target.startsWith(`${from}/`) ? `${to}${target.slice(from.length)}` : target;
