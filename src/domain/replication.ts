import { normaliseRegion, sameRegion } from './regions.ts';

export type RegionState = 'Unknown' | 'Replicating' | 'Completed' | 'Failed';

/** How far one region has come, as `$expand=ReplicationStatus` shows it. */
export interface RegionReplication {
  /** Compact name. */
  readonly region: string;
  readonly state: RegionState;
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
