import type { ImageVersion } from '../domain/observed.ts';
import type { WaitFor } from '../domain/request.ts';
import type { CaptureTarget, PromoteTarget } from '../domain/target.ts';
import type { DeleteLabel, WaitLabel } from './labels.ts';
import { type Step, step } from './plan.ts';

/* Steps that several operations have. */

/** The deletion of these resources; no step when there are none. */
export const deletion = (label: DeleteLabel, of: readonly string[]): Step[] =>
  of.length > 0 ? [step('delete', { label, of })] : [];

/**
 * Waits for the version that a run makes or changes.
 *
 * @param of what it has by then: regions that are removed need not be back
 */
export const waiting = (
  label: WaitLabel,
  { version, location, request }: CaptureTarget | PromoteTarget,
  { regions, removed = [] }: Pick<ImageVersion, 'regions'> & Partial<Pick<ImageVersion, 'removed'>>,
  until: WaitFor = request.waitFor,
): Step =>
  step('replicate', {
    label,
    version,
    home: location,
    regions,
    until,
    ...('replicationMode' in request && { shallow: request.replicationMode === 'Shallow' }),
    repair: request.repairRegions ? 're-add' : 'again',
    ...(removed.length > 0 && { away: removed.map(({ name }) => name) }),
  });
