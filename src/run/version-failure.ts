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
  const { words: reason, mayPass = false } = (await compute.whyFailed(id)) ?? {};
  const name = nameOf(id);
  const failed = failedRegions(regions);
  const again = mends ? 'Run the failed job again' : 'Run the job that made it again';
  return new Failure({
    kind: mayPass ? 'transient' : 'refused',
    what:
      provisioningState === 'Failed'
        ? `Azure could not make image version ${name}.`
        : `Azure calls image version ${name} Succeeded, but could not make it in ${failed.map(({ region }) => region).join(', ')}.`,
    why: [reason, ...failed.filter(untold(reason)).map(describeFailed)].filter(Boolean).join(' '),
    remedy: isAnywhere(regions)
      ? `${again}: the same request repairs a version that is complete in some region.`
      : `${again}: it deletes the failed version, which is usable nowhere, and makes it anew.`,
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
