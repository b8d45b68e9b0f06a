import { Failure, refused } from '../../domain/failure.ts';
import { allRegions, type ImageVersion } from '../../domain/gallery.ts';
import { isAmong } from '../../domain/regions.ts';
import {
  describeProgress,
  failedRegions,
  hasMoved,
  type RegionReplication,
  ReplicationForecast,
} from '../../domain/replication.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { joined } from '../../domain/words.ts';
import type { StepOf } from '../../plan/plan.ts';
import { mends } from '../../plan/region-repair.ts';
import { hasFailed, hasWaited, isOnlyPartlyThere, progressOf } from '../../plan/replicated.ts';
import { type Interruption, stale } from '../interruption.ts';
import type { Compute } from '../ports.ts';
import type { StepContext } from '../step-context.ts';
import { watch } from '../wait.ts';

/**
 * Seconds without any progress, after Azure called the version Succeeded, until we stop believing
 * that it will come: regions were seen to need ten minutes more (AgentBaker#8373, #8374).
 */
const STALL_SECONDS = 20 * 60;

/**
 * Waits until every region is `Completed`. That the operation ended, or that the version is
 * `Succeeded`, is not enough: a region may lack the image for minutes more.
 */
export async function replicate(
  step: StepOf<'replicate'>,
  context: StepContext,
): Promise<Interruption | undefined> {
  const { compute, report } = context;
  let seen: readonly RegionReplication[] = [];
  let movedAt = Date.now();
  const forecast = new ReplicationForecast();
  const ended = await watch<'complete' | Interruption>(
    async (elapsed) => {
      const version = await compute.version(step.version);
      if (!version) return stale(`image version ${nameOf(step.version)} disappeared`);
      const gone = step.regions.filter(({ name }) => !isAmong(name, allRegions(version)));
      if (gone.length > 0)
        return stale(`another writer removed ${gone.map(({ name }) => name).join(', ')}`);
      const regions = progressOf(version, step.regions);
      const moved = hasMoved(seen, regions);
      if (moved || version.provisioningState !== 'Succeeded') movedAt = Date.now();
      const before = seen;
      seen = regions;
      forecast.note(elapsed, regions, version.provisioningState === 'Succeeded');
      if (moved)
        report.say(
          step,
          `${describeProgress(regions)}${timeLeft(regions, forecast.left(elapsed))}`,
        );
      if (moved) tellFailed(step, before, regions, report);
      report.learned({ replication: regions });
      return verdict(step, version, regions, Date.now() - movedAt, context);
    },
    {
      ...context,
      expectedSeconds: step.expectedSeconds,
      forecast: () => forecast.end(step.expectedSeconds),
    },
  );
  return ended === 'complete' ? undefined : ended;
}

/** An estimate from the progress so far, to whole minutes. */
function timeLeft(regions: readonly RegionReplication[], seconds: number | undefined): string {
  if (seconds === undefined || failedRegions(regions).length > 0) return '';
  return seconds < 60 ? ', less than a minute left' : `, about ${Math.ceil(seconds / 60)} min left`;
}

/** A region that has just failed is told at once; the others may go on for hours. */
function tellFailed(
  { version }: StepOf<'replicate'>,
  before: readonly RegionReplication[],
  now: readonly RegionReplication[],
  report: StepContext['report'],
): void {
  const known = failedRegions(before).map(({ region }) => region);
  for (const failed of failedRegions(now).filter(({ region }) => !known.includes(region)))
    report.warn(`Image version ${nameOf(version)}: ${describeFailed(failed)}`);
}

/** `undefined` to look again; throws when it will not come. */
async function verdict(
  step: StepOf<'replicate'>,
  version: ImageVersion,
  regions: readonly RegionReplication[],
  stalledMs: number,
  { compute, target }: StepContext,
): Promise<'complete' | Interruption | undefined> {
  const name = nameOf(version.id);
  if (hasFailed(version)) {
    const canMend = mends(target);
    const failure = await versionFailure(version, regions, compute, canMend);
    if (canMend && (isOnlyPartlyThere(version) || failure.kind === 'transient'))
      return { is: 'failed', failure, version };
    throw failure;
  }
  if (version.provisioningState === 'Deleting')
    throw refused({
      what: `Somebody is deleting image version ${name}.`,
      remedy: 'Find out who in the activity log of the gallery, then run again.',
    });
  if (hasWaited(step.until, step.home, version, step.without)) return 'complete';
  if (version.provisioningState !== 'Succeeded') return undefined;
  if (stalledMs < STALL_SECONDS * 1000) return undefined;
  throw notAddedAgain(version) ?? standstill(version, regions);
}

/** What a version is reported with that a repair left without regions, if any; nobody is at it. */
function notAddedAgain(version: ImageVersion): Failure | undefined {
  const removed = version.removed.map(({ name }) => name);
  if (removed.length === 0) return undefined;
  return new Failure({
    kind: 'timeout',
    what: `Image version ${nameOf(version.id)} is missing in ${removed.join(', ')}: a repair removed it, and no run is adding it again.`,
    why: 'A run with `repair-regions` removed it because it kept failing there, and ended before it added it again. Tags of the version (`golden-image-removed-…`) record its settings.',
    remedy:
      'Re-run that job, or run `operation: promote` of this version with no other change. Both add it again.',
  });
}

function standstill(version: ImageVersion, regions: readonly RegionReplication[]): Failure {
  const name = nameOf(version.id);
  const open = regions.filter((region) => region.state !== 'Completed');
  return new Failure({
    kind: 'timeout',
    what: `Replication of image version ${name} makes no progress: ${open.map((region) => `${region.region} is ${region.state} at ${region.progress} %`).join(', ')}.`,
    why: `Azure calls the version Succeeded, but nothing changed for ${STALL_SECONDS / 60} minutes. VMs cannot be created from it in ${open.length === 1 ? 'that region' : 'those regions'} yet.`,
    remedy:
      'Re-run the failed job later; it resumes here. If nothing changes, open a support case with the ID of the version.',
  });
}

/**
 * What a version is reported with that Azure has given up, with Azure's own reason.
 *
 * @param mends whether the run that reports it is one that can send the version again
 */
export async function versionFailure(
  version: ImageVersion,
  regions: readonly RegionReplication[],
  compute: Pick<Compute, 'whyFailed'>,
  mends: boolean,
): Promise<Failure> {
  const { id, provisioningState } = version;
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
    why: joined(' ', [reason, ...failed.filter(untold(reason)).map(describeFailed)]),
    remedy: isOnlyPartlyThere(version)
      ? `${again}; it retries the regions that failed. Complete regions stay.`
      : `${again}; it deletes the failed version, which no region can use, and creates it again.`,
  });
}

/** Azure's reason often quotes the failed regions and their details; once is enough. */
const untold =
  (reason = '') =>
  ({ region, details = '' }: RegionReplication): boolean =>
    !(reason.includes(region) && reason.includes(details));

/** A failed region in Azure's words. */
const describeFailed = ({ region, details }: RegionReplication): string =>
  `${region} failed${details ? `: ${details}` : '.'}`;
