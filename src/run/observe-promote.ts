import {
  allRegions,
  type ImageVersion,
  type Inventory,
  NOTHING_SEEN,
  type State,
  stateOf,
} from '../domain/observed.ts';
import { isAmong } from '../domain/regions.ts';
import type { PromoteRequest } from '../domain/request.ts';
import { childId, resourceIdOf, sameId } from '../domain/resource-id.ts';
import type { PromoteTarget } from '../domain/target.ts';
import { passedVerification } from '../domain/verification.ts';
import { holds } from '../domain/version-order.ts';
import { neededRights, scopesOf } from '../plan/needed-rights.ts';
import { allReads } from './all-reads.ts';
import { ifAllowed } from './if-allowed.ts';
import { nearestNames } from './nearest-name.ts';
import { encryptionSetsFor, galleryWithBin, rightsAt } from './observe.ts';
import { meantVersion } from './pinned-version.ts';
import type { Reads } from './ports.ts';
import { sourceVmOf, throwAwaysFor } from './verify/throw-aways.ts';

/** Looks at everything that resolving a promotion and its rules need; reads only. */
export async function takePromotionInventory(
  compute: Reads,
  request: PromoteRequest,
): Promise<Inventory> {
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
    addsRegions(request, source)
      ? ifAllowed(compute.galleryRegions(resourceIdOf(own).subscriptionId))
      : undefined,
    encryptionSetsFor(compute, request.regions),
    rightsAt(
      compute,
      scopesOf(neededRights(request, { regions: [...request.regions, ...keyed(request, source)] })),
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
    ...(sourceVm && { sourceVm }),
    ...(regions && regions.length > 0 && { regions }),
  };
}

/** What has to exist for the source to be found: the definition of `latest`. */
const sourceIdOf = ({ source: { definition, version } }: PromoteRequest): string =>
  version === 'latest' ? definition : childId(definition, 'versions', version);

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
export async function observePromotion(
  compute: Reads,
  target: PromoteTarget,
  known?: Inventory,
): Promise<State> {
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
