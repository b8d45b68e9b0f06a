import { Random } from '../../local-azure/src/random.ts';

/** Chance, repeatable from a seed. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
    // The first numbers of neighbouring seeds are alike.
    for (let i = 0; i < 8; i++) this.#random.next();
  }

  /** True so often. */
  maybe(probability: number): boolean {
    return this.#random.next() < probability;
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#random.next() * (to - from + 1));
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.between(0, from.length - 1)];
    if (found === undefined) throw new RangeError('Nothing to choose from');
    return found;
  }

  /** So many different ones, in the order in which they are given. */
  some<T>(from: readonly T[], count: number): T[] {
    const left = from.map((_, index) => index);
    while (left.length > count) left.splice(this.between(0, left.length - 1), 1);
    return left.map((index) => from[index] as T);
  }

  /** The member with this value, or none. */
  optional<T>(probability: number, name: string, value: () => T): Record<string, T> {
    const made = value();
    return this.maybe(probability) ? { [name]: made } : {};
  }

  uuid(): string {
    return this.#random.uuid();
  }
}
