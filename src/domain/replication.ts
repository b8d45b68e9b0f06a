import { BY_CLOSE_MEDIAN, BY_PROGRESS, type Forecast } from './polling.ts';
import { normaliseRegion, sameRegion } from './regions.ts';

/** How far one region has come, as `$expand=ReplicationStatus` shows it. */
export interface RegionReplication {
  /** Compact name. */
  readonly region: string;
  readonly state: 'Unknown' | 'Replicating' | 'Completed' | 'Failed';
  /** 0 to 100. */
  readonly progress: number;
  /** Azure's words when the region failed. */
  readonly details?: string;
}

/**
 * The state of every region that is wanted, in that order. A region that Azure does not mention
 * yet is `Unknown`: target regions are an intent, replication status is the fact.
 */
export function replicationOf(
  wanted: readonly { readonly name: string }[],
  status: readonly RegionReplication[],
): RegionReplication[] {
  return wanted.map(({ name }) => {
    const found = status.find((entry) => sameRegion(entry.region, name));
    return found
      ? { ...found, region: normaliseRegion(name) }
      : { region: normaliseRegion(name), state: 'Unknown', progress: 0 };
  });
}

/** Whether a VM can be made from the version in every one of these regions. */
export const isReplicated = (regions: readonly RegionReplication[]): boolean =>
  regions.length > 0 && regions.every((region) => region.state === 'Completed');

/** Those that Azure has given up. */
export const failedRegions = (regions: readonly RegionReplication[]): RegionReplication[] =>
  regions.filter((region) => region.state === 'Failed');

/** Whether any region is in another state, or at another progress, than at the last look. */
export const hasMoved = (
  before: readonly RegionReplication[],
  now: readonly RegionReplication[],
): boolean =>
  now.some((region) => {
    const last = before.find((entry) => entry.region === region.region);
    return last?.state !== region.state || last.progress !== region.progress;
  });

/** All regions in one line: what a log of hours should hold, once for each change. */
export const describeProgress = (regions: readonly RegionReplication[]): string =>
  regions.map(describeRegion).join(', ');

function describeRegion({ region, state, progress, details }: RegionReplication): string {
  switch (state) {
    case 'Completed':
      return `${region} ✓`;
    case 'Failed':
      return `${region} ✗ failed${details ? ` (Azure says: ${details})` : ''}`;
    case 'Replicating':
      return `${region} ${progress} %`;
    case 'Unknown':
      return `${region} ${details ? 'removed' : 'not started'}`;
  }
}

/** Seconds that a region was seen to lack a version after it was `Succeeded`: AgentBaker#8373. */
const LAG_SECONDS = 600;

/** Percent at which progress stays until the region is complete: no measure of its speed. */
const ALL_BUT = 99;

/** Reckons from the progress seen so far when every region is likely to have a version. */
export class ReplicationForecast {
  /** By region: the first look, and the last one that showed news. */
  readonly #seen = new Map<string, readonly { readonly at: number; readonly progress: number }[]>();
  #open: readonly string[] = [];
  #succeededAt: number | undefined;

  /** @param elapsed seconds since the first look */
  note(elapsed: number, regions: readonly RegionReplication[], hasSucceeded: boolean): void {
    for (const { region, progress } of regions) {
      const now = { at: elapsed, progress };
      const [first = now, last = now] = this.#seen.get(region) ?? [];
      const isNews = last.progress !== progress && progress < ALL_BUT;
      this.#seen.set(region, [first, isNews ? now : last]);
    }
    this.#open = regions.flatMap(({ region, state }) => (state === 'Completed' ? [] : region));
    this.#succeededAt = hasSucceeded ? (this.#succeededAt ?? elapsed) : undefined;
  }

  /** @param usual seconds that it usually takes, which counts while there is no progress */
  end(usual: number): Required<Forecast> {
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
    const [first, last] = this.#seen.get(region) ?? [];
    if (!first || !last || last.progress <= first.progress) return undefined;
    const perSecond = (last.progress - first.progress) / (last.at - first.at);
    return last.at + (100 - last.progress) / perSecond;
  }
}
