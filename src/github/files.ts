import {
  accessSync,
  appendFileSync,
  constants,
  mkdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../domain/failure.ts';

/** Where the kernel shows itself as files: writing there fails in odd ways, or never ends. */
const KERNEL = /^\/(proc|sys|dev)(\/|$)/;

/** Gives what is thrown as the reason why something cannot be done. */
function reasonAgainst(attempt: () => string | undefined): string | undefined {
  try {
    return attempt();
  } catch (error) {
    return messageOf(error);
  }
}

function kindOf(path: string): 'file' | 'folder' | 'other' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
}

/**
 * Why a file that a run is to make cannot be written, as far as that shows beforehand; `undefined`
 * when nothing speaks against it. Changes nothing.
 */
export const whyNotWritable = (file: string): string | undefined =>
  reasonAgainst(() => {
    const path = resolve(file);
    if (KERNEL.test(path)) return 'it is in a folder of the kernel';
    const kind = kindOf(path);
    if (kind === 'folder') return 'it is a folder';
    if (kind === 'other') return 'it is not a regular file';
    accessSync(kind === 'file' ? path : nearestFolder(path), constants.W_OK);
    return undefined;
  });

/** The nearest folder above a path that exists; throws when a file is in the way. */
function nearestFolder(path: string): string {
  const above = dirname(path);
  const kind = kindOf(above);
  if (kind === 'folder') return above;
  if (kind !== undefined || above === path) throw new Error(`${above} is not a folder`);
  return nearestFolder(above);
}

/** Writes a file and the folders above it; gives the reason when that fails. */
export const writeWhole = (file: string, text: string): string | undefined =>
  whyNotWritable(file) ??
  reasonAgainst(() => {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    writeFileSync(file, text);
    return undefined;
  });

/** Adds to a file that the runner has made; gives the reason when that fails. */
export const append = (file: string, text: string): string | undefined =>
  reasonAgainst(() => {
    // A pipe that nobody reads would keep the run waiting.
    const kind = kindOf(file);
    if (kind === undefined) return 'it does not exist';
    if (kind === 'folder') return 'it is a folder';
    if (kind === 'other' && !/^\/dev\/(null|full)$/.test(file)) return 'it is not a regular file';
    if (/^\/(proc|sys)\//.test(resolve(file))) return 'it is in a folder of the kernel';
    appendFileSync(file, text);
    return undefined;
  });

/**
 * Tries whether something can be added to a file that the runner has made, and leaves the file as it
 * was: only a byte that is written shows that the disk is full. Gives the reason when it cannot.
 */
export const whyNotAppendable = (file: string): string | undefined =>
  append(file, '\n') ??
  reasonAgainst(() => {
    const { size } = statSync(file);
    if (size > 0) truncateSync(file, size - 1);
    return undefined;
  });
