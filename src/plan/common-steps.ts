import type { ImageVersion } from '../domain/observed.ts';
import type { TargetRegion } from '../domain/regions.ts';
import type { WaitFor } from '../domain/request.ts';
import type { CaptureTarget, PromoteTarget } from '../domain/target.ts';
import type { DeleteLabel, WaitLabel } from './labels.ts';
import { type Step, step } from './plan.ts';
import { namesAway } from './replicated.ts';

/* Steps that several operations have. */

/** The deletion of these resources; no step when there are none. */
export const deletion = (label: DeleteLabel, of: readonly string[]): Step[] =>
  of.length > 0 ? [step('delete', { label, of })] : [];

/**
 * Waits for the version that a run makes or changes.
 *
 * @param away names of regions that a repair took away, and that are not waited for
 */
export const waiting = (
  label: WaitLabel,
  { version, location, request }: CaptureTarget | PromoteTarget,
  regions: readonly TargetRegion[],
  until: WaitFor = request.waitFor,
  away: readonly string[] = [],
): Step =>
  step('replicate', {
    label,
    version,
    home: location,
    regions,
    until,
    ...('replicationMode' in request && { shallow: request.replicationMode === 'Shallow' }),
    repair: request.repairRegions ? 're-add' : 'again',
    ...(away.length > 0 && { away }),
  });

/** Waits for what somebody else has begun on a version; what is away by then need not come back. */
export const waitingForEarlier = (
  target: CaptureTarget | PromoteTarget,
  version: ImageVersion,
): Step => waiting('earlier-change', target, version.regions, 'replicated', namesAway(version));
