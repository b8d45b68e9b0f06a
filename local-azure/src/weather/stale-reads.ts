/** Reads that show the state of some seconds ago, as those of a replica that lags behind. */
import { idKey } from '../arm-id.ts';
import type { Timeline } from '../clock.ts';
import type { Resource, World } from '../world.ts';
import { Chance, fitsGlob } from './chance.ts';
import type { StaleReads as Rule } from './document.ts';

/** What stood under an ID until a write; undefined: nothing did. */
interface Before {
  readonly until: number;
  readonly id: string;
  readonly resource: Resource | undefined;
  /** Whether this write is slow to arrive everywhere, in any weather. */
  readonly isSlow: boolean;
}

/** Without weather one write in so many is slow, for so many milliseconds. */
const SLOW_ONE_IN = 50;
const SLOW_MS = 2000;

interface Armed {
  readonly rule: Rule;
  readonly chance: Chance;
  readonly fitsType: (type: string) => boolean;
}

/** Remembers what writes replaced, for as long as a read may show it. */
export class StaleReads {
  readonly #world: World;
  readonly #timeline: Timeline;
  readonly #rules: readonly Armed[];
  readonly #longest: number;
  readonly #slow: Chance;
  #history: Before[] = [];

  /** @param mayBeSlow whether writes are slow by chance too, whatever the rules say */
  constructor(
    world: World,
    timeline: Timeline,
    rules: readonly Rule[],
    { seed, mayBeSlow }: { readonly seed: string; readonly mayBeSlow: boolean },
  ) {
    this.#slow = new Chance({ probability: mayBeSlow ? 1 / SLOW_ONE_IN : 0 }, `${seed} slow`);
    this.#world = world;
    this.#timeline = timeline;
    this.#rules = rules.map((rule, index) => ({
      rule,
      chance: new Chance(rule, `${seed} stale ${index}`),
      fitsType: fitsGlob(rule.types),
    }));
    this.#longest = Math.max(
      mayBeSlow ? SLOW_MS : 0,
      ...rules.map(({ seconds }) => seconds * 1000),
    );
  }

  /** Call before a write of the resource; what it returns makes that write known to later reads. */
  beforeWrite(id: string): () => void {
    const isSlow = this.#slow.applies('write', id);
    if (this.#rules.length === 0 && !isSlow) return () => undefined;
    const resource = structuredClone(this.#world.get(id));
    const until = this.#timeline.now();
    return () => this.#history.push({ until, id, resource, isSlow });
  }

  /** Lets `act` see the world as a read with this path sees it. */
  during<T>(read: { readonly method: string; readonly path: string }, act: () => T): T {
    const now = this.#timeline.now();
    this.#history = this.#history.filter(({ until }) => until > now - this.#longest);
    if (this.#history.length === 0) return act();
    const due = this.#rules.filter(({ chance }) => chance.applies(read.method, read.path));
    const seen = new Map<string, Before>();
    for (const before of this.#history) {
      const type = this.#typeOf(before);
      const isOld =
        (before.isSlow && before.until > now - SLOW_MS) ||
        due.some(
          ({ rule, fitsType }) => fitsType(type) && before.until > now - rule.seconds * 1000,
        );
      if (isOld && !seen.has(idKey(before.id))) seen.set(idKey(before.id), before);
    }
    return seen.size === 0 ? act() : this.#world.seenAs([...seen.values()], act);
  }

  #typeOf({ id, resource }: Before): string {
    return resource?.type ?? this.#world.get(id)?.type ?? '';
  }
}
