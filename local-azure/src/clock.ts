/**
 * The emulated time. Nothing here keeps a timer: what is due is worked out from `now` whenever
 * somebody looks, so that vitest's fake clock, a manual clock and a speeded-up one are all exact.
 */

/** A source of emulated time in milliseconds since the epoch. */
export interface Clock {
  /** How many emulated seconds pass in a real one. */
  readonly speed: number;
  now(): number;
  /** Moves emulated time forward; token lifetimes, which follow `Date`, do not move. */
  advance(seconds: number): void;
}

/**
 * A clock that follows the global `Date` (looked up at each call), `speed` times as fast. At speed
 * 1 nothing is captured at all; otherwise the moment of creation is where both times agree.
 */
export function systemClock(speed = 1): Clock {
  const start = speed === 1 ? 0 : Date.now();
  let advanced = 0;
  return {
    speed,
    now: () => start + (Date.now() - start) * speed + advanced,
    advance: (seconds) => {
      advanced += seconds * 1000;
    },
  };
}

/** A clock that does not run until it is moved; for playing recordings. `start` in milliseconds. */
export function manualClock(start: number): Clock & { set(now: number): void } {
  let now = start;
  return {
    speed: 1,
    now: () => now,
    advance: (seconds) => {
      now += seconds * 1000;
    },
    set: (to) => {
      now = to;
    },
  };
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly effect: () => void;
}

/**
 * What is going to happen. Effects run in the order of their time when `settle` is called, each
 * seeing as `now` the moment it was due and not the moment somebody looked.
 */
export class Timeline {
  readonly clock: Clock;
  #events: Event[] = [];
  #order = 0;
  #effectTime: number | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Milliseconds since the epoch: of the effect being applied, else of the clock. */
  now(): number {
    return this.#effectTime ?? this.clock.now();
  }

  /** Lets `effect` happen `seconds` from now; returns how to call it off. */
  after(seconds: number, effect: () => void): () => void {
    const event = { at: this.now() + seconds * 1000, order: this.#order++, effect };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** Applies everything that is due. Effects may bring about others, which are applied as well. */
  settle(): void {
    if (this.#effectTime !== undefined) return;
    try {
      for (let next = this.#due(); next !== undefined; next = this.#due()) {
        const event = next;
        this.#events = this.#events.filter((other) => other !== event);
        this.#effectTime = event.at;
        event.effect();
      }
    } finally {
      this.#effectTime = undefined;
    }
  }

  /** Forgets all that was going to happen. */
  clear(): void {
    this.#events = [];
  }

  #due(): Event | undefined {
    const now = this.clock.now();
    let first: Event | undefined;
    for (const event of this.#events) {
      if (event.at > now) continue;
      const earlier =
        first === undefined ||
        event.at < first.at ||
        (event.at === first.at && event.order < first.order);
      if (earlier) first = event;
    }
    return first;
  }
}

/** A moment as Azure writes it: seven fractional digits and an offset (recorded throughout). */
export function stamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '0000+00:00');
}
