import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScheduledUnit } from './guest.ts';
import { names } from './paths.ts';
import { stateFolder } from './root.ts';

/** The transient units of a guest, as the stand-in of `systemd-run` keeps them: a folder each. */
export class TransientUnits {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  #folder(unit: string): string {
    return join(this.#root, stateFolder, 'units', unit);
  }

  #all(): string[] {
    return names(this.#root, `${stateFolder}/units`);
  }

  /** Those that have a timer. */
  scheduled(): readonly ScheduledUnit[] {
    return this.#all()
      .filter((unit) => existsSync(join(this.#folder(unit), 'timer')))
      .map((unit) => ({
        unit,
        afterSeconds: Number(readFileSync(join(this.#folder(unit), 'delay'), 'utf8')),
      }));
  }

  /** A timer elapses: returns the command that its service runs. Throws where no timer waits. */
  start(unit: string): readonly string[] {
    if (!this.scheduled().some((each) => each.unit === unit))
      throw new Error(`The guest has no waiting timer ${unit}`);
    const folder = this.#folder(unit);
    writeFileSync(join(folder, 'timer'), 'elapsed\n');
    writeFileSync(join(folder, 'service'), 'running\n');
    return readFileSync(join(folder, 'command'), 'utf8').split('\0').slice(0, -1);
  }

  /** A unit that succeeded is gone; one that failed stays until reset, unless collected. */
  end(unit: string, exitCode: number): void {
    const folder = this.#folder(unit);
    if (exitCode === 0 || existsSync(join(folder, 'collect'))) {
      rmSync(folder, { recursive: true, force: true });
    } else {
      rmSync(join(folder, 'timer'), { force: true });
      writeFileSync(join(folder, 'service'), 'failed\n');
    }
  }

  /** A boot knows none of them. */
  clear(): void {
    for (const unit of this.#all()) rmSync(this.#folder(unit), { recursive: true });
  }
}
