import { BY_CLOSE_MEDIAN, BY_PROGRESS } from './polling.ts';
import type { RegionReplication } from './replication.ts';

/** When something is likely to end, in seconds of the clock that `elapsed` counts. */
export interface Forecast {
  readonly since: number;
  /** Seconds from then until the likely end. */
  readonly expected: number;
  /** See `Waiting`. */
  readonly certainty: number;
}

/** Seconds that a region was seen to lack a version after it was `Succeeded`: AgentBaker#8373. */
const LAG_SECONDS = 600;

/** Percent at which progress stays until the region is complete: no measure of its speed. */
const ALL_BUT = 99;

interface Seen {
  readonly at: number;
  readonly progress: number;
}

/** Reckons from the progress seen so far when every region is likely to have a version. */
export class ReplicationForecast {
  readonly #first = new Map<string, Seen>();
  readonly #last = new Map<string, Seen>();
  #open: readonly string[] = [];
  #succeededAt: number | undefined;

  /** @param elapsed seconds since the first look */
  note(elapsed: number, regions: readonly RegionReplication[], hasSucceeded: boolean): void {
    for (const { region, progress } of regions) {
      const seen = { at: elapsed, progress };
      if (!this.#first.has(region)) this.#first.set(region, seen);
      const last = this.#last.get(region);
      if (!last || (last.progress !== progress && progress < ALL_BUT)) this.#last.set(region, seen);
    }
    this.#open = regions.flatMap(({ region, state }) => (state === 'Completed' ? [] : region));
    this.#succeededAt = hasSucceeded ? (this.#succeededAt ?? elapsed) : undefined;
  }

  /** @param usual seconds that it usually takes, which counts while there is no progress */
  end(usual: number): Forecast {
    if (this.#succeededAt !== undefined)
      return { since: this.#succeededAt, expected: LAG_SECONDS, certainty: BY_CLOSE_MEDIAN };
    const ends = this.#open.flatMap((region) => this.#endOf(region) ?? []);
    if (ends.length === 0 || ends.length < this.#open.length)
      return { since: 0, expected: usual, certainty: BY_CLOSE_MEDIAN };
    return { since: 0, expected: Math.max(...ends), certainty: BY_PROGRESS };
  }

  /** Seconds that are left after so many; `undefined` while there is no progress to tell it from. */
  left(elapsed: number): number | undefined {
    const { since, expected, certainty } = this.end(0);
    return certainty === BY_PROGRESS ? Math.max(0, since + expected - elapsed) : undefined;
  }

  #endOf(region: string): number | undefined {
    const [first, last] = [this.#first.get(region), this.#last.get(region)];
    if (!first || !last || last.progress <= first.progress) return undefined;
    const perSecond = (last.progress - first.progress) / (last.at - first.at);
    return last.at + (100 - last.progress) / perSecond;
  }
}
