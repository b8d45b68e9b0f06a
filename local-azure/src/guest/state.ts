import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readInside, writeInside } from './paths.ts';
import { stateFolder } from './root.ts';

/** What the emulation keeps about a guest in its root; the stand-ins read and write it, too. */
export class GuestState {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Emulated seconds that the guest has slept since it booted. */
  get clock(): number {
    return Number(this.read('clock'));
  }

  /** A value, without white space around it; undefined where nobody has set it. */
  read(name: string): string | undefined {
    return readInside(this.#root, `${stateFolder}/${name}`)?.trim();
  }

  /** The lines of a value that are not empty. */
  lines(name: string): string[] {
    return (this.read(name) ?? '').split('\n').filter((line) => line !== '');
  }

  set(name: string, value: string): void {
    writeInside(this.#root, `${stateFolder}/${name}`, `${value}\n`);
  }

  /** Removes a value, or a folder of them. */
  remove(name: string): void {
    rmSync(join(this.#root, stateFolder, name), { recursive: true, force: true });
  }
}
