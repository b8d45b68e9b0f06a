import { allRegions, type ImageVersion } from '../../domain/gallery.ts';
import { latestByRegion } from '../../domain/latest.ts';
import { type Inventory, NOTHING_SEEN, type State, stateOf } from '../../domain/observed.ts';
import { defined } from '../../domain/plain-objects.ts';
import { isAmong } from '../../domain/regions.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { parentId, sameId, versionId } from '../../domain/resource-id.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { passedVerification } from '../../domain/verification.ts';
import { holds } from '../../domain/version-change.ts';
import { neededRights } from '../../plan/needed-rights.ts';
import type { Origin } from '../../plan/origin.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import { forecastLatest, planPromote, regionsOf } from '../../plan/promote.ts';
import { reportFacts } from '../../plan/reported.ts';
import { isAnothers, resolvePromote } from '../../plan/resolve-promote.ts';
import { meantVersion, nearestNames } from '../meant-resource.ts';
import { encryptionSetsFor, galleryWithBin, rightsAt } from '../observe.ts';
import type { Operation, Prepared } from '../operation.ts';
import type { Reads } from '../ports.ts';
import { allReads, ifAllowed } from '../reading.ts';
import { lookAround } from '../surroundings.ts';
import { sourceVmOf, throwAwaysFor } from '../verify/throw-aways.ts';

/** A version that exists is copied into another definition, or changed where it is. */
export const promoteOperation = (
  request: PromoteRequest,
  origin: Origin,
): Operation<PromoteTarget> => ({
  async prepare(compute, dryRun): Promise<Prepared<PromoteTarget>> {
    const inventory = await takeInventory(compute, request);
    const target = resolvePromote(request, origin, inventory);
    const seen = target && (await observe(compute, target, inventory));
    const found = target && seen && { target, seen, steps: planPromote(target, seen) };
    const around = await lookAround(compute, found, inventory);
    const isFree = target && seen && !isAnothers(target, seen.version);
    return {
      ...preflight('promote', { request, target, dryRun, origin, ...around }),
      found,
      shown: reportFacts(inventory, target),
      ...(isFree && { latest: forecastLatest(target, inventory.versions) }),
    };
  },
  observe,
  plan: planPromote,
  isLost: (target, { version }) => isAnothers(target, version),
  async latest(compute, target) {
    return latestByRegion(await compute.versions(parentId(target.version)), regionsOf(target, []));
  },
});

/** Looks at everything that resolving a promotion and its rules need; reads only. */
async function takeInventory(compute: Reads, request: PromoteRequest): Promise<Inventory> {
  const now = new Date();
  const [{ version: source }, place] = await allReads([
    meantVersion(compute, request.source),
    request.destination ? destinationOf(compute, request.destination) : besides(compute, request),
  ]);
  const own = request.destination ?? request.source.definition;
  const [sourceDefinition, definition, regions, encryptionSets, rights] = await allReads([
    request.destination && source ? compute.definition(request.source.definition) : undefined,
    // What is to be verified is made as its definition demands: that cannot be done without.
    request.verify
      ? compute.definition(own)
      : concernsDefinition(request, source)
        ? ifAllowed(compute.definition(own))
        : place.definition,
    addsRegions(request, source) ? ifAllowed(compute.galleryRegions(own)) : undefined,
    encryptionSetsFor(compute, request.regions),
    rightsAt(
      compute,
      neededRights(request, { regions: [...request.regions, ...keyed(request, source)] }),
    ),
  ]);
  const sourceVm = request.verify && source ? await sourceVmOf(compute, source) : undefined;
  const { destination } = request;
  const nearest = await nearestNames(compute, {
    source: source ? undefined : sourceIdOf(request),
    definition: place.definition ? undefined : destination,
  });
  return {
    ...NOTHING_SEEN,
    now,
    nearest,
    source,
    sourceDefinition,
    ...place,
    definition,
    rights,
    encryptionSets,
    ...defined({ sourceVm, regions }),
  };
}

/** What has to exist for the source to be found: the definition of `latest`. */
const sourceIdOf = ({ source: { definition, version } }: PromoteRequest): string =>
  version === 'latest' ? definition : versionId(definition, version);

/** Where a copy is to go. */
async function destinationOf(compute: Reads, destination: string) {
  const [[gallery, softDeleted], definition, versions] = await allReads([
    galleryWithBin(compute, destination),
    compute.definition(destination),
    compute.versions(destination),
  ]);
  return { gallery, definition, versions, softDeleted };
}

/** What stands beside a version that is changed where it is. */
async function besides(compute: Reads, { source }: PromoteRequest) {
  return { ...NOTHING_SEEN, versions: await compute.versions(source.definition) };
}

const addsRegions = ({ destination, regions }: PromoteRequest, source: ImageVersion | undefined) =>
  destination !== undefined || regions.some(({ name }) => !isAmong(name, source?.regions ?? []));

/** Whether a change in place is one that the definition has a say in; a copy reads it anyway. */
const concernsDefinition = (request: PromoteRequest, source: ImageVersion | undefined): boolean =>
  !request.destination && (request.endOfLife !== undefined || addsRegions(request, source));

/** Regions whose keys are named again with every change. */
const keyed = ({ destination }: PromoteRequest, source: ImageVersion | undefined) =>
  destination || !source ? [] : allRegions(source);

/**
 * Looks at the version of a promotion as it is now; reads only.
 *
 * @param known what has been seen this very moment, and need not be asked again
 */
async function observe(compute: Reads, target: PromoteTarget, known?: Inventory): Promise<State> {
  const version = await versionOf(compute, target, known);
  const { verify } = target;
  if (!verify) {
    const recorded = version && passedVerification(version);
    return { ...stateOf(version), ...(recorded && { verification: recorded }) };
  }
  // A record counts only when nothing is left to change: it can be forged.
  const counts = version && holds(version, target.goal);
  const passed = counts && passedVerification(version, verify.script);
  return {
    ...stateOf(version),
    ...(await throwAwaysFor(compute, version ?? target.version, verify)),
    ...(passed && { verification: passed }),
  };
}

async function versionOf(
  compute: Reads,
  { version: id, request }: PromoteTarget,
  known: Inventory | undefined,
): Promise<ImageVersion | undefined> {
  if (known && !request.destination) return known.source;
  const isThere = !known || known.versions.some((version) => sameId(version.id, id));
  return isThere ? compute.version(id) : undefined;
}
