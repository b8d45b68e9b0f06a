import { Failure } from '../../domain/failure.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import { isAmong, type RegionChoice, sameRegion } from '../../domain/regions.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { applied, holds, type VersionChange } from '../../domain/version-change.ts';
import type { StepOf } from '../../plan/plan.ts';
import { hasFailed, progressOf } from '../../plan/replicated.ts';
import { type Interruption, isStaleList, StaleFacts, stale } from '../interruption.ts';
import type { StepContext } from '../step-context.ts';

/**
 * Changes a version that exists: what is there is read, the change laid over it, the whole sent,
 * and read again. Azure has no conditional PUT for versions, and the last writer wins as a whole;
 * so what another one did in between is looked for, told, and mended in the next round.
 */
export async function update(
  step: StepOf<'update'>,
  { compute, report }: StepContext,
): Promise<Interruption | undefined> {
  const name = nameOf(step.version);
  const before = await compute.version(step.version);
  if (!before) return stale(`image version ${name} disappeared`);
  if (!hasFailed(before) && holds(before, step.change)) return undefined;
  const refused = await send(step, compute);
  if (refused) return refused;
  const after = await compute.version(step.version);
  if (!after) return stale(`image version ${name} disappeared`);
  tellOthers(before, after, step, report);
  // Tags alone can be a tool's or another writer's: they are sent again, until their loss is settled.
  if (!holds(after, { ...step.change, tags: {} }))
    return stale(`another writer changed image version ${name} meanwhile`);
  report.say(step, 'Azure accepted it.');
  report.learned({ replication: progressOf(after), versionKnown: true });
  return undefined;
}

async function send(
  { version, change }: StepOf<'update'>,
  compute: StepContext['compute'],
): Promise<Interruption | undefined> {
  try {
    await compute.updateVersion(version, change);
    return undefined;
  } catch (failure) {
    if (failure instanceof StaleFacts) return stale(failure.message);
    if (failure instanceof Failure && isStaleList(failure))
      return stale('another writer changed the regions of the version meanwhile');
    throw failure;
  }
}

/** What another writer has done to the version's regions meanwhile. */
function tellOthers(
  before: ImageVersion,
  after: ImageVersion,
  { version, change }: StepOf<'update'>,
  report: StepContext['report'],
): void {
  for (const { name } of lost(before, after, change))
    report.warn(
      `Another writer removed ${name} from image version ${nameOf(version)} while it was being changed. Regions that this run was asked for are added again; others stay removed.`,
    );
  for (const name of recopied(before, after, change.regions))
    report.warn(
      `Another writer had removed ${name} from image version ${nameOf(version)} between the read and the write of this run, which added it again. If the removal was intended, remove it once more.`,
    );
}

/** Regions that were there before our write and are gone after it, though we did not remove them. */
const lost = (before: ImageVersion, after: ImageVersion, change: VersionChange) =>
  applied(before, change).regions.filter(
    ({ name }) => isAmong(name, before.regions) && !isAmong(name, after.regions),
  );

/** Regions that were complete when we looked and have to be copied anew, though our write did not touch them. */
function recopied(
  { replication = [] }: ImageVersion,
  { replication: now = [] }: ImageVersion,
  changed: readonly RegionChoice[],
): string[] {
  const complete = replication.filter(
    ({ region, state }) => state === 'Completed' && !isAmong(region, changed),
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
