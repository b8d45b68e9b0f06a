import type { ImageVersion } from '../domain/observed.ts';
import { sameRegion } from '../domain/regions.ts';
import { isReplicated, replicationOf } from '../domain/replication.ts';
import type { WaitFor } from '../domain/request.ts';

/**
 * Whether a version is as far as the run is to wait for: accepted (`none`), complete in its home
 * region (`home`), or complete in every region and Succeeded besides (`replicated`).
 */
export function hasWaited(
  waitFor: WaitFor,
  home: string,
  { provisioningState, regions, replication = [] }: ImageVersion,
): boolean {
  const states = replicationOf(regions, replication);
  switch (waitFor) {
    case 'none':
      return true;
    case 'home':
      return states.some(({ region, state }) => sameRegion(region, home) && state === 'Completed');
    case 'replicated':
      return provisioningState === 'Succeeded' && isReplicated(states);
  }
}

/** Whether a version has an ID to give on: not one that failed, or is about to be deleted. */
export const isOfUse = ({ provisioningState }: ImageVersion): boolean =>
  provisioningState !== 'Failed' && provisioningState !== 'Deleting';
