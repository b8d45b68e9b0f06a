import type { ImageVersion } from '../domain/gallery.ts';
import { isAmong, sameRegion, type TargetRegion } from '../domain/regions.ts';
import { isReplicated, type RegionReplication, replicationOf } from '../domain/replication.ts';
import type { WaitFor } from '../domain/request.ts';

/**
 * Whether a version is as far as the run is to wait for: accepted (`none`), complete in its home
 * region (`home`), or Succeeded and complete in every region, those that a repair removed
 * included (`replicated`).
 *
 * @param without removed regions that need not be back
 */
export function hasWaited(
  waitFor: WaitFor,
  home: string,
  version: ImageVersion,
  without: readonly TargetRegion[] = [],
): boolean {
  const { provisioningState, regions, removed, replication = [] } = version;
  const states = replicationOf(regions, replication);
  switch (waitFor) {
    case 'none':
      return true;
    case 'home':
      return states.some(({ region, state }) => sameRegion(region, home) && state === 'Completed');
    case 'replicated':
      return (
        provisioningState === 'Succeeded' &&
        isReplicated(states) &&
        removed.every(({ name }) => isAmong(name, without))
      );
  }
}

/**
 * How far the version has come in these regions, and in those that a repair removed: a region
 * that is removed for now is not one that is well.
 */
export function progressOf(
  { regions, removed, replication = [] }: ImageVersion,
  wanted: readonly { readonly name: string }[] = regions,
): RegionReplication[] {
  const others = removed.filter(({ name }) => !isAmong(name, wanted));
  return replicationOf([...wanted, ...others], replication).map((row) =>
    isAmong(row.region, removed) ? { ...row, details: 'Removed, to be added again.' } : row,
  );
}

/**
 * Whether Azure has given up: the version failed, or it is called Succeeded though it is complete in
 * some regions and failed in all others, so that none is under way. Whether Azure ever shows the
 * latter is not known; state and replication status are two fields.
 */
export function hasFailed({ provisioningState, regions, replication = [] }: ImageVersion): boolean {
  if (provisioningState !== 'Succeeded') return provisioningState === 'Failed';
  const states = replicationOf(regions, replication).map(({ state }) => state);
  return (
    states.includes('Completed') &&
    states.includes('Failed') &&
    states.every((state) => state === 'Completed' || state === 'Failed')
  );
}

/**
 * Whether a version failed, yet is complete in some region. It can be repaired, and as it may be in
 * use there, it is never deleted.
 */
export const isOnlyPartlyThere = (version: ImageVersion): boolean =>
  hasFailed(version) && (version.replication ?? []).some(({ state }) => state === 'Completed');

/** How a version stands: as Azure says, but that one which failed is `Incomplete` where it is there. */
export function standingOf(
  version: ImageVersion,
): ImageVersion['provisioningState'] | 'Incomplete' {
  if (isOnlyPartlyThere(version)) return 'Incomplete';
  return hasFailed(version) ? 'Failed' : version.provisioningState;
}

/** Whether a version has an ID to give on: not one that failed, or is about to be deleted. */
export const isOfUse = ({ provisioningState }: ImageVersion): boolean =>
  provisioningState !== 'Failed' && provisioningState !== 'Deleting';
