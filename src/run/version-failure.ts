import { Failure } from '../domain/failure.ts';
import type { ImageVersion } from '../domain/observed.ts';
import { failedRegions, type RegionReplication } from '../domain/replication.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { Compute } from './ports.ts';

/**
 * What a version is reported with that Azure has given up, with Azure's own reason.
 *
 * @param mends whether the run that reports it is one that can send the version again
 */
export async function versionFailure(
  { id, provisioningState }: ImageVersion,
  regions: readonly RegionReplication[],
  compute: Pick<Compute, 'whyFailed'>,
  mends: boolean,
): Promise<Failure> {
  // What Azure gives no reason for may pass: the run that can make it again tries that once.
  const { words: reason, mayPass = mends } = (await compute.whyFailed(id)) ?? {};
  const name = nameOf(id);
  const failed = failedRegions(regions);
  const again = mends ? 'Re-run the failed job' : 'Re-run the job that created it';
  return new Failure({
    kind: mayPass ? 'transient' : 'refused',
    what:
      provisioningState === 'Failed'
        ? `Azure could not create image version ${name}.`
        : `Azure calls image version ${name} Succeeded, but could not create it in ${failed.map(({ region }) => region).join(', ')}.`,
    why: [reason, ...failed.filter(untold(reason)).map(describeFailed)].filter(Boolean).join(' '),
    remedy: isAnywhere(regions)
      ? `${again}; it retries the regions that failed. Complete regions stay.`
      : `${again}; it deletes the failed version, which no region can use, and creates it again.`,
  });
}

/** Whether a version is complete in any region. */
export const isAnywhere = (regions: readonly RegionReplication[]): boolean =>
  regions.some((region) => region.state === 'Completed');

/** Azure's reason often quotes the failed regions and their details; once is enough. */
const untold =
  (reason = '') =>
  ({ region, details = '' }: RegionReplication): boolean =>
    !(reason.includes(region) && reason.includes(details));

/** A failed region in Azure's words. */
export const describeFailed = ({ region, details }: RegionReplication): string =>
  `${region} failed${details ? `: ${details}` : '.'}`;
