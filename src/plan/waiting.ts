import { awayFrom, type ImageVersion } from '../domain/observed.ts';
import type { TargetRegion } from '../domain/regions.ts';
import type { CaptureTarget, PromoteTarget } from '../domain/target.ts';
import type { WaitLabel } from './labels.ts';
import { type Step, type StepOf, step } from './plan.ts';

/** Which version to wait for, where, and how far. */
interface Waiting
  extends Pick<
    StepOf<'replicate'>,
    'version' | 'home' | 'regions' | 'until' | 'shallow' | 'repair'
  > {
  /** Regions that a repair took away, and that are not waited for. */
  readonly away?: readonly TargetRegion[];
}

/** How a run waits for the version that it makes or changes. */
export const waitingFor = (
  { version, location, request }: CaptureTarget | PromoteTarget,
  regions: readonly TargetRegion[],
  away: readonly TargetRegion[] = [],
): Waiting => ({
  version,
  home: location,
  regions,
  away,
  until: request.waitFor,
  ...('replicationMode' in request && { shallow: request.replicationMode === 'Shallow' }),
  repair: request.repairRegions ? 're-add' : 'again',
});

/** Waits for a version. */
export const wait = (label: WaitLabel, { away = [], ...waiting }: Waiting): Step =>
  step('replicate', {
    label,
    ...waiting,
    ...(away.length > 0 && { away: away.map(({ name }) => name) }),
  });

/** Waits for what somebody else has begun on a version; what is away by then need not come back. */
export const waitForEarlier = (
  target: CaptureTarget | PromoteTarget,
  version: ImageVersion,
): Step =>
  wait('earlier-change', {
    ...waitingFor(target, version.regions, awayFrom(version)),
    until: 'replicated',
  });
