/** Chance, repeatable from a seed, so that a failing run can be run again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 (inclusive) to 1 (exclusive), by the mulberry32 generator. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** `digits` hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += Math.floor(this.next() * 16).toString(16);
    return text;
  }

  /** A version 4 UUID, as Azure uses for request, operation and VM ids. */
  uuid(): string {
    const variant = '89ab'[Math.floor(this.next() * 4)] ?? '8';
    const groups = [this.hex(8), this.hex(4), `4${this.hex(3)}`, variant + this.hex(3)];
    return [...groups, this.hex(12)].join('-');
  }
}
