/**
 * A group in the log for each step. GitHub cannot nest or interleave groups, so while one step's
 * group is open, the lines of steps that run beside it wait.
 */
export class StepLog {
  readonly #print: (line: string) => void;
  readonly #waiting = new Map<string, { readonly lines: string[]; closing?: string }>();
  #current: string | undefined;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** A step begins; its group opens now, or when the open one closes. */
  open(id: string, title: string): void {
    if (this.#current === undefined) this.#start(id, title, []);
    else this.#waiting.set(id, { lines: [title] });
  }

  say(id: string, line: string): void {
    if (this.#current === id) this.#print(line);
    else this.#waiting.get(id)?.lines.push(line);
  }

  /** The step has ended; `line` stands after its group. */
  close(id: string, line: string): void {
    if (this.#current !== id) {
      const entry = this.#waiting.get(id);
      if (entry) entry.closing = line;
      return;
    }
    this.#end(line);
    this.#next();
  }

  #next(): void {
    const [next] = this.#waiting;
    if (!next) return;
    const [id, { lines, closing }] = next;
    this.#waiting.delete(id);
    const [title = id, ...rest] = lines;
    this.#start(id, title, rest);
    if (closing === undefined) return;
    this.#end(closing);
    this.#next();
  }

  #start(id: string, title: string, lines: readonly string[]): void {
    this.#current = id;
    this.#print(`::group::${title}`);
    for (const line of lines) this.#print(line);
  }

  #end(line: string): void {
    this.#print('::endgroup::');
    this.#print(line);
    this.#current = undefined;
  }
}
