/** Whether a rule applies to a request: repeatable from the seed, whatever else is asked meanwhile. */
import picomatch from 'picomatch';
import { isArmPath, matcherOf } from '../faults.ts';
import { Random } from '../random.ts';
import type { Odds, RequestMatch } from './document.ts';

const MOST_SEEN = 10_000;
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Whether a request fits; any request to ARM when there is nothing to fit. */
export function fits(match: RequestMatch | undefined): (method: string, path: string) => boolean {
  if (match === undefined) return (_, path) => isArmPath(path);
  return matcherOf(match);
}

/** Whether a name or a type fits one of the globs; any does when there are none. */
export function fitsGlob(globs: readonly string[] | undefined): (name: string) => boolean {
  if (globs === undefined) return () => true;
  return picomatch([...globs], { nocase: true, dot: true });
}

/**
 * Decides for one rule. The dice are thrown by the request's own name and how often it came, not in
 * the order of all requests: requests that are sent side by side change places from run to run.
 */
export class Chance {
  readonly #odds: Odds;
  readonly #fits: (method: string, path: string) => boolean;
  readonly #seed: string;
  readonly #seen = new Map<string, number>();
  #matched = 0;
  #applied = 0;

  constructor(odds: Odds, seed: string) {
    this.#odds = odds;
    this.#fits = fits(odds.match);
    this.#seed = seed;
  }

  /** Whether the rule applies to this request, which counts as seen. */
  applies(method: string, path: string): boolean {
    const { after = 0, times = Number.POSITIVE_INFINITY, probability = 1 } = this.#odds;
    if (!this.#fits(method, path)) return false;
    this.#matched += 1;
    if (this.#matched <= after || this.#applied >= times) return false;
    const key = `${method} ${path.toLowerCase().replace(GUID, '*')}`;
    const count = this.#seen.get(key) ?? 0;
    // Bounded for a local Azure that runs for days; a request that comes again later has new dice.
    if (this.#seen.size > MOST_SEEN) this.#seen.clear();
    this.#seen.set(key, count + 1);
    const applies = diceOf(`${this.#seed} ${key} ${count}`) < probability;
    if (applies) this.#applied += 1;
    return applies;
  }
}

/** A number from 0 to 1 that belongs to the text (its FNV-1a hash as a seed). */
function diceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return new Random(hash).next();
}
