/** Processes of a guest that run beside each other in emulated time. */
import type { Running } from '../powershell/values.ts';

/** Lets `effect` happen some seconds from now; returns how to call it off. */
type After = (seconds: number, effect: () => void) => () => void;

export class Process {
  readonly id: number;
  stdout = '';
  stderr = '';
  exitCode: number | undefined;
  /** It went with the power: nobody heard of its end. */
  lost = false;
  readonly children: Process[] = [];
  #cancel: () => void = () => {};
  #work: Running<number> | undefined;
  readonly #after: After;

  constructor(id: number, after: After) {
    this.id = id;
    this.#after = after;
  }

  get exited(): boolean {
    return this.exitCode !== undefined;
  }

  begin(work: Running<number>): void {
    this.#work = work;
    this.#step();
  }

  /** Ends it alone, as Stop-Process does: what it has started runs on. */
  end(exitCode = -1): void {
    this.#cancel();
    this.exitCode ??= exitCode;
  }

  /** Ends it and all that it has started. */
  kill(exitCode = -1): void {
    this.end(exitCode);
    for (const each of this.children) each.kill();
  }

  #step(): void {
    if (this.exited) return;
    try {
      const next = this.#work?.next();
      if (this.exited) return;
      if (next?.done === false) this.#cancel = this.#after(next.value, () => this.#step());
      else this.exitCode = next?.value ?? 0;
    } catch (thrown) {
      // Something that is not modelled: it says so instead of doing something else.
      this.stderr += `${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : thrown}\n`;
      this.exitCode = 1;
    }
  }
}

/** All processes of a guest. */
export class Processes {
  readonly #after: After;
  readonly #all: Process[] = [];

  constructor(after: After) {
    this.#after = after;
  }

  start(work: (process: Process) => Running<number>, parent?: Process): Process {
    const process = new Process(4000 + 4 * this.#all.length, this.#after);
    this.#all.push(process);
    parent?.children.push(process);
    process.begin(work(process));
    return process;
  }

  alive(id: number): Process | undefined {
    return this.#all.find((each) => each.id === id && !each.exited);
  }

  /** The power is gone. */
  killAll(): void {
    for (const each of this.#all) {
      each.lost ||= !each.exited;
      each.kill();
    }
  }
}
