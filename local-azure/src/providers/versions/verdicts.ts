/** What stands in the way of a version: of its deletion, and of its success. */
import type { ErrorBody } from '../../errors.ts';
import { objectAt, textAt } from '../../json.ts';
import type { Resource } from '../../world.ts';

/**
 * Why Azure refuses to delete the version at `now`, in milliseconds (troubleshooting-shared-images.md).
 */
export function deletionBlock(version: Resource, now: number): ErrorBody | undefined {
  const safety = objectAt(version, 'properties', 'safetyProfile');
  const profile = objectAt(version, 'properties', 'publishingProfile');
  const end = Date.parse(textAt(profile, 'endOfLifeDate') ?? '');
  if (safety.blockDeletionBeforeEndOfLife !== true || !(end > now)) return undefined;
  return {
    code: 'DeleteGalleryImageVersionBlockedBeforeEndOfLife',
    message:
      'Deletion of Gallery image version is not allowed because the image is enabled for ' +
      'blockDeletionBeforeEndOfLife and its endOfLifeDate has not reached yet',
  };
}

/** (azure-cli#15539; the code is what az made of it.) */
export function partialFailure(failed: readonly { region: string; details: string }[]): ErrorBody {
  const listed = failed
    .map(({ region, details }) => `{region:${region}, detail:${details}}`)
    .join(', ');
  return {
    code: 'ValidationError',
    message:
      "Gallery replication jobs failed in one or more regions. The failing regions' details are as follows: " +
      `'${listed}'. If retry does not work, then please do an update by removing the failed regions and update ` +
      'again by adding them back.',
  };
}
