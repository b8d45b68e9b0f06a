import type { ImageVersion } from '../domain/gallery.ts';
import type { WaitFor } from '../domain/request.ts';
import type { CaptureTarget, PromoteTarget } from '../domain/target.ts';
import { NO_CHANGE, type VersionChange } from '../domain/version-change.ts';
import type { DeleteLabel, WaitLabel } from './labels.ts';
import { type Step, step } from './plan.ts';

/* Steps that several operations have. */

/** A plan, or a part of one: the steps whose conditions hold, in this order. */
export const inOrder = (
  ...parts: readonly (Step | readonly Step[] | false | undefined)[]
): Step[] => parts.flatMap((part) => part || []);

/** The deletion of these resources; no step when there are none. */
export const deletion = (label: DeleteLabel, of: readonly string[]): Step[] =>
  of.length > 0 ? [step('delete', { label, of })] : [];

/** What a version has by then, and what it is to have again. */
type Regions = Pick<ImageVersion, 'regions'> & Partial<Pick<ImageVersion, 'removed'>>;

/**
 * Waits for the version that a run makes or changes, by what it has then: regions that are removed need
 * not be back.
 */
export const waiting = (
  label: WaitLabel,
  { version, location, request }: CaptureTarget | PromoteTarget,
  { regions, removed = [] }: Regions,
  until: WaitFor = request.waitFor,
): Step =>
  step('replicate', {
    label,
    version,
    home: location,
    regions,
    until,
    ...('replicationMode' in request && { shallow: request.replicationMode === 'Shallow' }),
    reAdds: request.repairRegions,
    ...(removed.length > 0 && { without: removed }),
  });

/**
 * Waits as far as asked, then makes the change that must come last, and waits until Azure has taken it in.
 *
 * @param then what the version has by then
 * @param last `undefined` when nothing must, or the replication is not known to have ended
 * @param forbids that change allows Azure to delete regions, which the run forbids again
 */
export function ending(
  target: CaptureTarget | PromoteTarget,
  then: Regions,
  waits: boolean,
  last: VersionChange | undefined,
  forbids = false,
): Step[] {
  const { version } = target;
  const waited = waits && waiting('replicate', target, then);
  if (!last) return inOrder(waited);
  const regions = then.regions.filter(({ name }) => !last.remove.includes(name));
  const forbidden = { ...NO_CHANGE, forbidRegionDeletion: true } as const;
  return inOrder(
    waited,
    step('update', { label: 'finish', version, change: last }),
    forbids && [
      waiting('removed', target, { regions }),
      step('update', { label: 'forbid-region-deletion', version, change: forbidden }),
    ],
    waiting('last-change', target, { regions }),
  );
}
