/** What boot diagnostics keep of a serial console: late, and not always all of it. */

/** The serial console of one machine, as it stood at every moment that matters. */
export class SerialConsole {
  readonly #now: () => number;
  /** What it showed, and since when, latest last. */
  #stages: { readonly since: number; readonly text: string }[] = [];
  /** Ranges of the text that were never recorded. */
  #lost: { readonly from: number; readonly to: number }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps what the console shows now, when that is something new. */
  note(text: string): void {
    if (this.#stages.at(-1)?.text === text) return;
    this.#stages.push({ since: this.#now(), text });
    if (this.#stages.length > 200) this.#stages.shift();
  }

  /** What the guest has printed until so many emulated seconds ago. */
  recorded(lagSeconds: number): string {
    const text = this.#textOf(lagSeconds);
    return this.#lost.reduceRight(
      (rest, { from, to }) => rest.slice(0, from) + rest.slice(to),
      text,
    );
  }

  /** What was written in the last seconds until now is never recorded. */
  lose(seconds: number): void {
    const to = this.#stages.at(-1)?.text.length ?? 0;
    this.#lost.push({ from: this.#textOf(seconds).length, to });
  }

  /** Nothing of what was written until now is kept. */
  forget(): void {
    this.#lost = [{ from: 0, to: this.#stages.at(-1)?.text.length ?? 0 }];
  }

  #textOf(secondsAgo: number): string {
    const until = this.#now() - secondsAgo * 1000;
    const stage = this.#stages.findLast(({ since }) => since <= until) ?? this.#stages[0];
    return stage?.text ?? '';
  }
}
