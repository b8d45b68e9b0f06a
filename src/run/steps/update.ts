import { Failure } from '../../domain/failure.ts';
import type { ImageVersion } from '../../domain/observed.ts';
import { type RegionChoice, sameRegion } from '../../domain/regions.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { holds } from '../../domain/version-order.ts';
import type { StepOf } from '../../plan/plan.ts';
import { hasFailed, progressOf } from '../../plan/replicated.ts';
import type { Bench } from '../ports.ts';
import { isStaleList, StaleFacts } from '../stale-facts.ts';

/**
 * Changes a version that exists: what is there is read, the change laid over it, the whole sent,
 * and read again. Azure has no conditional PUT for versions, and the last writer wins as a whole;
 * so what another one did in between is looked for, told, and mended in the next round.
 */
export async function update(step: StepOf<'update'>, { compute, report, target }: Bench) {
  const before = await present(step, compute);
  if (!hasFailed(before) && holds(before, step.change)) return;
  const { setAside = [] } = step.change;
  await compute.updateVersion(step.version, step.change).catch((failure: unknown) => {
    if (failure instanceof Failure && isStaleList(failure))
      throw new StaleFacts('another writer changed the regions of the version meanwhile');
    throw failure;
  });
  const after = await present(step, compute);
  const gone = [...step.change.remove, ...setAside.map(({ name }) => name)];
  for (const { name } of lost(before, after, gone))
    report.warn(
      `Another writer removed ${name} from image version ${nameOf(step.version)} while it was being changed. Regions that this run was asked for are added again; others are left to whoever removed them.`,
    );
  for (const name of recopied(before, after, step.change.regions))
    report.warn(
      `Another writer had removed ${name} from image version ${nameOf(step.version)} between our look and our change, which brought it back: Azure copies it there again. If the removal was meant, remove it once more.`,
    );
  if (!holds(after, step.change))
    throw new StaleFacts(`another writer changed image version ${nameOf(step.version)} meanwhile`);
  report.say(step, 'Azure accepted it.');
  report.replication(progressOf(after));
  report.versionKnown(target);
}

async function present(
  { version }: StepOf<'update'>,
  compute: Bench['compute'],
): Promise<ImageVersion> {
  const found = await compute.version(version);
  if (found) return found;
  throw new StaleFacts(`image version ${nameOf(version)} disappeared`);
}

/** Regions that were there before our write and are gone after it, though we did not remove them. */
const lost = (before: ImageVersion, after: ImageVersion, removed: readonly string[]) =>
  before.regions.filter(
    ({ name }) =>
      !after.regions.some((region) => sameRegion(region.name, name)) &&
      !removed.some((other) => sameRegion(other, name)),
  );

/** Regions that were complete when we looked and have to be copied anew, though our write did not touch them. */
function recopied(
  { replication = [] }: ImageVersion,
  { replication: now = [] }: ImageVersion,
  changed: readonly RegionChoice[],
): string[] {
  const complete = replication.filter(
    ({ region, state }) =>
      state === 'Completed' && !changed.some(({ name }) => sameRegion(name, region)),
  );
  return complete
    .filter(({ region }) =>
      now.some(
        (entry) =>
          sameRegion(entry.region, region) && entry.state !== 'Completed' && entry.progress === 0,
      ),
    )
    .map(({ region }) => region);
}
