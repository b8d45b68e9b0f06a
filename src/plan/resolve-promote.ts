import { formatVersion } from '../domain/image-version.ts';
import { allRegions, type ImageVersion, type Inventory } from '../domain/observed.ts';
import { type Claim, fitOf, isOurs, JOB_TAG, ownerKey, RUN_TAG } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import {
  DEFAULT_REPLICAS,
  type RegionChoice,
  regionOf,
  sameRegion,
  type TargetRegion,
} from '../domain/regions.ts';
import { isMemory } from '../domain/removed-regions.ts';
import type { PromoteRequest } from '../domain/request.ts';
import { childId, nameOf } from '../domain/resource-id.ts';
import { OUR_PREFIX, type Tags, tagsWhere, withTags } from '../domain/tags.ts';
import type { PromoteTarget } from '../domain/target.ts';
import type { VersionChange, VersionOrder } from '../domain/version-order.ts';
import { isOfUse } from './replicated.ts';
import { chooseNumber, makingTags, type Origin } from './resolve.ts';
import { given, inPlaceGoal, promoted, resolveInPlace, verifying } from './resolve-in-place.ts';

/** An inventory that has found the source. */
type Found = Inventory & { readonly source: ImageVersion };

/** The run that built the image, kept beside the run that promotes it. */
const BUILT_BY_TAG = `${OUR_PREFIX}built-by`;

/** Of a source's tags that tell of its own making, and would be untrue of a copy. */
const NOT_CARRIED = new RegExp(`^${OUR_PREFIX}(owner|source|run|job|verification|verify-vm)$`, 'i');

/** Pins what the request leaves open; `undefined` when the inventory lacks what a target is made of. */
export function resolvePromote(
  request: PromoteRequest,
  origin: Origin,
  inventory: Inventory,
): PromoteTarget | undefined {
  const { source } = inventory;
  if (!source) return undefined;
  return request.destination
    ? resolveCopy(request, origin, { ...inventory, source }, request.destination)
    : resolveInPlace(request, source, inventory, origin.provenance);
}

/** Pins a copy; `undefined` when there is no definition, number or home region for it. */
function resolveCopy(
  request: PromoteRequest,
  origin: Origin,
  inventory: Found,
  destination: string,
): PromoteTarget | undefined {
  const { source, versions } = inventory;
  const owner = copyOwner(request, origin, source, destination);
  const claim = { owner, ...copyOf(source) };
  const mine = versions.find((version) => isOurs(claim, version));
  const known = mine ?? earlierCopy(request, inventory);
  const number = known?.name ?? numberOf(request, inventory);
  const regions = copiedRegions(request, source);
  const location = known?.location ?? homeOf(source, regions);
  if (!inventory.definition || !number || !location) return undefined;
  const tags = copyTags(request, origin, source, owner);
  const storageAccountType = request.storageAccountType ?? source.storageAccountType;
  const endOfLife = request.endOfLife ?? source.endOfLife;
  const order: VersionOrder = {
    id: childId(inventory.definition.id, 'versions', number),
    location,
    source: { from: 'version', version: source.id },
    regions,
    replicas: request.replicas ?? DEFAULT_REPLICAS,
    replicationMode: 'Full',
    excludeFromLatest: request.excludeFromLatest ?? source.excludeFromLatest,
    tags,
    ...defined({ storageAccountType, endOfLife }),
  };
  const base = known && !mine ? inPlaceGoal(request, known) : copyGoal(request, order);
  return {
    ...promoted(request, known ?? asMade(order), base),
    owner,
    claim,
    source: source.id,
    version: order.id,
    location,
    order,
    tags,
    ...verifying(request, inventory, order, tags),
    ...defined({ storageAccountType }),
  };
}

/** Everything the order says, so that an attempt that finds the version half made completes it. */
const copyGoal = (request: PromoteRequest, order: VersionOrder): VersionChange => ({
  ...given(request),
  tags: {},
  remove: [],
  excludeFromLatest: order.excludeFromLatest,
  regions: order.regions.map(({ storageAccountType: _, encryption: __, ...region }) => ({
    ...region,
    ...(order.excludeFromLatest ? {} : { excludeFromLatest: region.excludeFromLatest ?? false }),
  })),
});

const asMade = ({
  id,
  location,
  excludeFromLatest,
  regions,
  tags,
  endOfLife,
}: VersionOrder): ImageVersion =>
  defined({
    id,
    name: nameOf(id),
    location,
    provisioningState: 'Creating',
    excludeFromLatest,
    deletionBlocked: false,
    regions,
    removed: [],
    tags,
    endOfLife,
  });

function copyOwner(
  { operation, requestedVersion }: PromoteRequest,
  origin: Origin,
  { id: source, published }: ImageVersion,
  definition: string,
): string {
  const sourceInstance = `${source} ${published?.toISOString() ?? ''}`;
  return ownerKey({ ...origin, operation, source, sourceInstance, definition, requestedVersion });
}

/** What a copy of a version looks like: an older one is of another version that had the number before. */
export const copyOf = ({ id, published }: ImageVersion): Omit<Claim, 'owner'> => ({
  sources: [id],
  ...(published && { since: published }),
});

/** A copy of the same version that another run has made: the goal is reached, or nearly. */
function earlierCopy(
  { version }: PromoteRequest,
  { source, versions }: Found,
): ImageVersion | undefined {
  const number = version?.choose === 'exactly' ? formatVersion(version.number) : undefined;
  return versions.find(
    (copy) =>
      fitOf(copyOf(source), copy) === 'fits' &&
      (version ? number === undefined || copy.name === number : copy.name === source.name) &&
      isOfUse(copy),
  );
}

/** The number of the copy; `undefined` when the next one would not fit into 32 bits. */
const numberOf = ({ version }: PromoteRequest, inventory: Found): string | undefined =>
  version ? chooseNumber({ version }, inventory) : inventory.source.name;

/** Whether a version with the number of the copy is somebody else's, and no copy of the source. */
export const isAnothers = (
  { order, claim }: PromoteTarget,
  version: ImageVersion | undefined,
): boolean =>
  order !== undefined &&
  version !== undefined &&
  !isOurs(claim, version) &&
  fitOf(claim, version) !== 'fits';

/** Whether a copy of this source, to where it is asked for, has a region to begin in. */
export const canBegin = (request: PromoteRequest, source: ImageVersion): boolean =>
  homeOf(source, copiedRegions(request, source)) !== undefined;

/** The regions of a copy: those given, else the source's; what one does not say the source says. */
export function copiedRegions(request: PromoteRequest, source: ImageVersion): TargetRegion[] {
  const { replicas, storageAccountType, excludeFromLatest } = request;
  const all = allRegions(source);
  const choices: readonly RegionChoice[] =
    request.regions.length > 0 ? request.regions : all.map(({ name }) => ({ name }));
  return choices.map((choice) => {
    const { encryption: _, ...there } = regionOf(all, choice.name) ?? { name: choice.name };
    return {
      replicas: DEFAULT_REPLICAS,
      ...there,
      ...defined({ replicas, storageAccountType, excludeFromLatest }),
      ...choice,
    };
  });
}

/** The source's own region if it is among the targets, else the first where the source is complete. */
function homeOf(source: ImageVersion, regions: readonly TargetRegion[]): string | undefined {
  const complete = ({ name }: TargetRegion): boolean =>
    (source.replication ?? []).some(
      ({ region, state }) => sameRegion(region, name) && state === 'Completed',
    );
  return (regionOf(regions, source.location) ?? regions.find(complete))?.name;
}

/** The source's provenance, who promotes it, and whose the copy is. */
function copyTags(
  request: PromoteRequest,
  { provenance }: Origin,
  source: ImageVersion,
  owner: string,
): Tags {
  const carried = tagsWhere(source.tags, (name) => !NOT_CARRIED.test(name) && !isMemory(name));
  const builtBy = source.tags[BUILT_BY_TAG] ?? source.tags[RUN_TAG];
  const { [RUN_TAG]: run, [JOB_TAG]: job } = provenance;
  const promotedBy = { ...(run && { [RUN_TAG]: run }), ...(job && { [JOB_TAG]: job }) };
  return withTags(withTags(carried, request.tags), {
    ...(builtBy && { [BUILT_BY_TAG]: builtBy }),
    ...makingTags(promotedBy, source.id, owner),
  });
}
