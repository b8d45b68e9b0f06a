import { byOwner, type Claim, fitOf, isOurs } from '../domain/claim.ts';
import { allRegions, type ImageVersion } from '../domain/gallery.ts';
import type { Inventory } from '../domain/observed.ts';
import { JOB_TAG, ownerKey, RUN_TAG } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import {
  DEFAULT_REPLICAS,
  isAmong,
  type RegionChoice,
  regionOf,
  sameRegion,
  type TargetRegion,
} from '../domain/regions.ts';
import { isMemory } from '../domain/removed-regions.ts';
import type { PromoteRequest } from '../domain/request.ts';
import { versionId } from '../domain/resource-id.ts';
import { OUR_PREFIX, type Tags, tagsWhere, tagValue, withTags } from '../domain/tags.ts';
import type { PromoteTarget } from '../domain/target.ts';
import { reached, type VersionChange } from '../domain/version-change.ts';
import { formatVersion } from '../domain/version-number.ts';
import { asMade, type VersionOrder } from '../domain/version-order.ts';
import { chooseNumber } from './choose-number.ts';
import { makingTags, type Origin } from './origin.ts';
import { isOfUse } from './replicated.ts';
import { verifyPlanOf } from './resolve-verify.ts';

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
  if (request.destination) return resolveCopy(request, origin, source, inventory);
  // A version that is changed where it is: no number is chosen, and nobody owns it.
  return {
    ...promoted(request, source, inPlaceGoal(request, source)),
    owner: '',
    claim: byOwner(''),
    source: source.id,
    location: source.location,
    tags: {},
    ...verifying(request, inventory, source, origin.provenance),
  };
}

/** Pins a copy; `undefined` when there is no definition, number or home region for it. */
function resolveCopy(
  request: PromoteRequest,
  origin: Origin,
  source: ImageVersion,
  inventory: Inventory,
): PromoteTarget | undefined {
  const owner = copyOwner(request, origin, source);
  const claim = { owner, ...copyOf(source) };
  const mine = inventory.versions.find((version) => isOurs(claim, version));
  const known = mine ?? earlierCopy(request, source, inventory.versions);
  const { version } = request;
  const chosen = version ? chooseNumber({ version }, inventory) : source.name;
  const number = known?.name ?? chosen;
  const regions = copiedRegions(request, source);
  const location = known?.location ?? homeOf(source, regions);
  if (!inventory.definition || !number || !location) return undefined;
  const tags = copyTags(request, origin, source, owner);
  const storageAccountType = request.storageAccountType ?? source.storageAccountType;
  const endOfLife = request.endOfLife ?? source.endOfLife;
  const order: VersionOrder = {
    id: versionId(inventory.definition.id, number),
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

function copyOwner(
  { operation, requestedVersion, destination: definition = '' }: PromoteRequest,
  origin: Origin,
  { id: source, published }: ImageVersion,
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
  source: ImageVersion,
  versions: readonly ImageVersion[],
): ImageVersion | undefined {
  const number = version?.choose === 'exactly' ? formatVersion(version.number) : undefined;
  const wanted = version ? number : source.name;
  return versions.find(
    (copy) =>
      fitOf(copyOf(source), copy) === 'fits' &&
      (wanted === undefined || copy.name === wanted) &&
      isOfUse(copy),
  );
}

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
  const builtBy = tagValue(source.tags, BUILT_BY_TAG) ?? tagValue(source.tags, RUN_TAG);
  const { [RUN_TAG]: run, [JOB_TAG]: job } = provenance;
  const promotedBy = { ...(run && { [RUN_TAG]: run }), ...(job && { [JOB_TAG]: job }) };
  return withTags(withTags(carried, request.tags), {
    ...(builtBy && { [BUILT_BY_TAG]: builtBy }),
    ...makingTags(promotedBy, source.id, owner),
  });
}

/** How the version of a promotion is verified, if it is. */
function verifying(
  { verify: settings }: PromoteRequest,
  { definition, sourceVm: buildVm }: Inventory,
  { id: version, location }: Pick<ImageVersion, 'id' | 'location'>,
  tags: Tags,
) {
  if (!settings) return {};
  if (!definition) throw new Error('A version to verify has no definition');
  return { verify: verifyPlanOf({ settings, version, location, definition, buildVm, tags }) };
}

/** What a target says of its version, whether that is to be made or changed. */
function promoted(request: PromoteRequest, version: ImageVersion, goal: VersionChange) {
  const { regions, excludeFromLatest, endOfLife } = reached(version, goal);
  return defined({
    operation: 'promote' as const,
    request,
    version: version.id,
    regions,
    goal,
    excludeFromLatest,
    endOfLife,
  });
}

/** What is given, and nothing else. */
function inPlaceGoal(request: PromoteRequest, source: ImageVersion): VersionChange {
  const { regions, regionChanges, replicas, storageAccountType, excludeFromLatest } = request;
  const there = allRegions(source);
  const wanted = regions.map((region) => ({
    ...defined({ replicas }),
    ...(storageAccountType && !isAmong(region.name, there) && { storageAccountType }),
    ...(excludeFromLatest === false && { excludeFromLatest }),
    ...region,
  }));
  const isUnlisted = ({ name }: RegionChoice) => !isAmong(name, wanted);
  // A region that says `excludeFromLatest: false` would overrule the exclusion of the whole version.
  const overruled = there
    .filter((region) => excludeFromLatest === true && region.excludeFromLatest === false)
    .map(({ name }) => ({ name, excludeFromLatest: true }));
  // Without regions, a number of replicas concerns those that are there.
  const everywhere = regions.length === 0 && replicas !== undefined ? there : [];
  return {
    ...given(request),
    regions: [
      ...wanted.map((region) => ({ ...regionOf(overruled, region.name), ...region })),
      ...everywhere.map(({ name }) => ({ name, ...defined({ replicas }) })),
      ...overruled.filter(isUnlisted),
    ],
    remove:
      regionChanges === 'replace' && regions.length > 0
        ? there.filter(isUnlisted).map(({ name }) => name)
        : [],
  };
}

/** What the request says of the version as a whole. */
function given(request: PromoteRequest) {
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife, tags, replicas } = request;
  return defined({ tags, replicas, excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife });
}
