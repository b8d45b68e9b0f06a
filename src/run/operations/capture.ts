import type { Disk, DiskCopy, Inventory, State } from '../../domain/observed.ts';
import { isProvenOurs } from '../../domain/owner.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { type CaptureTarget, claimToTemporary } from '../../domain/target.ts';
import { areThoseTaken } from '../../plan/after-capture.ts';
import { asEphemeral, isTaken, planCapture } from '../../plan/capture.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import { reportFacts } from '../../plan/reported.ts';
import {
  type Origin,
  ownVersion,
  resolveCapture,
  SUFFIXES,
  sketchCapture,
} from '../../plan/resolve.ts';
import { observe, takeInventory } from '../observe.ts';
import type { Operation, Situation } from '../operation.ts';
import type { Reads } from '../ports.ts';
import { lookAround } from '../surroundings.ts';

/**
 * Resolves with names under which nothing stands, or what this owner made itself: names are the same
 * on each attempt, and who knows them can put something else there beforehand. Where all are taken,
 * the rules refuse the plan, and the names are beside it.
 */
async function named(
  compute: Reads,
  inventory: Inventory,
  resolve: (suffix: string) => CaptureTarget | undefined,
): Promise<{ found?: Situation<CaptureTarget>; namesTaken?: readonly string[] }> {
  const taken = new Set<string>();
  let sketch: Situation<CaptureTarget> | undefined;
  for (const suffix of SUFFIXES) {
    const resolved = resolve(suffix);
    if (!resolved) return {};
    const seen = await observe(compute, resolved, inventory);
    const isFree = namesAreFree(resolved, seen, inventory.disks);
    // A version that is there is completed; the VM gets no disks of what nothing proves.
    const target = isFree ? resolved : { ...resolved, newDisks: [] };
    if (isFree || (seen.version && suffix === SUFFIXES.at(-1)))
      return { found: { target, seen, steps: planCapture(target, seen) } };
    const without = { ...seen, snapshots: [], temporaries: [], disks: [] };
    sketch ??= { target: resolved, seen: without, steps: planCapture(resolved, without) };
    for (const { id } of [...seen.snapshots, ...seen.temporaries, ...newDisksIn(resolved, seen)])
      taken.add(nameOf(id));
  }
  return { ...(sketch && { found: sketch }), namesTaken: [...taken] };
}

const newDisksIn = ({ newDisks }: CaptureTarget, { disks = [] }: State): Disk[] =>
  disks.filter(({ id }) => newDisks.some(({ disk }) => sameId(disk, id)));

/** Dates count until there is a version: from then on the VM may start again. */
const namesAreFree = (target: CaptureTarget, seen: State, disks: readonly Disk[]): boolean => {
  const areOurs = (found: readonly DiskCopy[]) =>
    found.every((each) =>
      isProvenOurs(claimToTemporary(target, each.id, seen.version ? undefined : disks), each),
    );
  const isOfSnapshot = ({ id, sourceId }: Disk) =>
    target.newDisks.some((one) => sameId(one.disk, id) && sameId(one.snapshot, sourceId));
  return (
    (areOurs(seen.snapshots) || areThoseTaken(target, seen)) &&
    areOurs(seen.temporaries) &&
    newDisksIn(target, seen).every(isOfSnapshot)
  );
};

const operationFor = (request: CaptureRequest, origin: Origin): Operation<CaptureTarget> => ({
  async prepare(compute, dryRun) {
    const inventory = await takeInventory(compute, request, origin);
    const mine = ownVersion(request, origin, inventory);
    const resolve = dryRun && !inventory.vm && !mine ? sketchCapture : resolveCapture;
    const { found, namesTaken } = await named(compute, inventory, (suffix) =>
      resolve(request, origin, inventory, suffix),
    );
    const target = found?.target;
    const around = await lookAround(compute, found, {
      ...inventory,
      ...(namesTaken && { namesTaken }),
    });
    return {
      ...preflight('capture', { request, target, dryRun, origin, ...around }),
      found,
      shown: reportFacts(inventory, target),
    };
  },
  observe: (compute, target) => observe(compute, target),
  plan: planCapture,
  isLost: isTaken,
});

/** A build VM becomes an image version. */
export const captureOperation = (
  request: CaptureRequest,
  origin: Origin,
): Operation<CaptureTarget> =>
  operationFor(request.ephemeral ? asEphemeral(request, origin.runId) : request, origin);
