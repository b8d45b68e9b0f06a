import {
  formatVersion,
  parseVersion,
  pickVersion,
  type VersionChoice,
} from '../domain/image-version.ts';
import { definitionAt, type ImageVersion, type Inventory, type Vm } from '../domain/observed.ts';
import {
  byOwner,
  type Claim,
  OWNER_TAG,
  ownerKey,
  ownerOf,
  SOURCE_TAG,
  verdictOn,
} from '../domain/owner.ts';
import { targetRegions, withReplicas } from '../domain/regions.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { childId } from '../domain/resource-id.ts';
import { LONGEST_TAG_VALUE, type Tags, withTags } from '../domain/tags.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { temporariesOf } from '../domain/version-order.ts';
import { asCaptured, hasBegun, newDisksOf } from './after-capture.ts';
import { assumedVm, captureNames, rollbackSnapshotsAmong, sourceKind } from './source.ts';
import { verifyPlanOf } from './verify.ts';

/** Where a run comes from: goes into owner and provenance tags. */
export interface Origin {
  readonly repository: string;
  readonly runId: string;
  /** Who, what and when, as tags without the owner's own. */
  readonly provenance: Tags;
}

/** The request's owner when this machine is its source. */
export const captureOwner = (
  { operation, vm: source, definition, requestedVersion }: CaptureRequest,
  origin: Origin,
  { vmId: sourceInstance }: Pick<Vm, 'vmId'>,
): string =>
  ownerKey({ ...origin, operation, source, sourceInstance, definition, requestedVersion });

/** What is made of this source for this owner carries these tags beside those that were asked for. */
export const makingTags = (provenance: Tags, source: string, owner: string): Tags =>
  Object.fromEntries(
    Object.entries({ ...provenance, [SOURCE_TAG]: source, [OWNER_TAG]: owner }).map(
      ([name, value]) => [name, value.slice(0, LONGEST_TAG_VALUE)],
    ),
  );

/**
 * The version this owner has made already, if any. When the VM is gone, a finished version of the
 * same request is taken: a later step of the workflow may have deleted the VM.
 */
export function ownVersion(
  request: CaptureRequest,
  origin: Origin,
  inventory: Inventory,
): ImageVersion | undefined {
  const { vm } = inventory;
  if (vm) {
    const claim = claimWith(vm, captureOwner(request, origin, vm));
    const verdicts: readonly string[] = ['ours', 'unproven', 'contradicted'];
    return inventory.versions.find((version) => verdicts.includes(verdictOn(claim, version)));
  }
  const asked = captureOwner(request, origin, { vmId: '' }).replace(/[^.]*$/, '');
  return inventory.versions.find(
    (version) =>
      ownerOf(version.tags)?.startsWith(asked) && version.provisioningState === 'Succeeded',
  );
}

/** Put into names: each when something else stands under those before it. */
export const SUFFIXES = ['', '-b', '-c'];

/** What a version of this VM looks like. */
const claimWith = (vm: Vm, owner: string): Claim => ({
  owner,
  // Whatever the definition asks for.
  sources: SUFFIXES.flatMap((suffix) => {
    const { image, disks } = captureNames(vm, owner, suffix).sources;
    return [vm.id, image.image, ...temporariesOf(disks).slice(0, 1)];
  }),
  ...(vm.created && { since: vm.created }),
  sourceIsFinal: vm.generalized,
});

/**
 * Pins what the request leaves open: the version's number, the home region, the names of the
 * snapshots.
 *
 * @param suffix goes into the names of what is made, see `SUFFIXES`
 * @returns `undefined` when the inventory lacks what a target is made of; the preflight rules then
 * say what is missing
 */
export function resolveCapture(
  request: CaptureRequest,
  origin: Origin,
  inventory: Inventory,
  suffix = '',
): CaptureTarget | undefined {
  const { vm } = inventory;
  const mine = ownVersion(request, origin, inventory);
  const owner = vm ? captureOwner(request, origin, vm) : mine && ownerOf(mine.tags);
  if (!owner || !(vm ?? mine)?.location) return undefined;
  return pinned(request, origin, inventory, { owner, mine, suffix });
}

/**
 * What the request resolves to while the build VM does not exist, for the plan of a dry run: the
 * VM is taken to be as the definition wants it. What nobody can know stays open: the home region
 * is empty, the regions are those that were named, and names that depend on the machine say
 * `<owner>`.
 */
export function sketchCapture(
  request: CaptureRequest,
  origin: Origin,
  inventory: Inventory,
): CaptureTarget | undefined {
  const { definition } = inventory;
  const number = chooseNumber(request, inventory);
  if (!definition || !number) return undefined;
  const vm = assumedVm(request.vm, definitionAt(definition, number));
  const target = pinned(request, origin, { ...inventory, vm }, { owner: '<owner>' });
  const regions = withReplicas(request.regions, request.replicas);
  return target && { ...target, regions, assumedVm: vm };
}

/** @param known `mine`: the version that this owner has made already */
function pinned(
  request: CaptureRequest,
  origin: Origin,
  inventory: Inventory,
  known: {
    readonly owner: string;
    readonly mine?: ImageVersion | undefined;
    readonly suffix?: string;
  },
): CaptureTarget | undefined {
  const { definition, vm: now } = inventory;
  const { owner, mine, suffix } = known;
  const number = mine ? mine.name : chooseNumber(request, inventory);
  if (!definition || !number) return undefined;
  const { osState } = definition;
  const vm = now && asCaptured(now, inventory, owner);
  const location = (vm ?? mine)?.location ?? '';
  const kind = vm && sourceKind(definitionAt(definition, number), vm, request.captureFrom);
  const id = childId(definition.id, 'versions', number);
  const tags = withTags(request.tags, makingTags(origin.provenance, request.vm, owner));
  const settings = request.verify;
  const names = vm && captureNames(vm, owner, suffix);
  // When the VM is gone already, those that were taken of it.
  const rollback =
    names?.rollback ?? rollbackSnapshotsAmong(inventory.snapshotsBeside, request.vm, owner);
  const snapshots = request.snapshot ? rollback : [];
  const isChanged =
    mine !== undefined || (now !== undefined && hasBegun({ osState, request, owner }, now));
  return {
    operation: 'capture',
    request,
    owner,
    claim: vm ? claimWith(vm, owner) : byOwner(owner),
    vmId: vm?.vmId ?? '',
    location,
    osState,
    version: id,
    regions: targetRegions(location, request.regions, request.replicas),
    snapshots,
    newDisks:
      vm && request.afterCapture === 'restore'
        ? newDisksOf(vm, inventory, { snapshots, owner, isChanged })
        : [],
    ...(kind && names && { source: names.sources[kind] }),
    tags,
    ...(settings && {
      verify: verifyPlanOf({ settings, version: id, location, definition, buildVm: vm, tags }),
    }),
  };
}

/** The number the request means; `undefined` when the next one would not fit into 32 bits. */
export function chooseNumber(
  { version }: { readonly version: VersionChoice },
  { versions, softDeleted, now }: Inventory,
): string | undefined {
  const taken = [...versions.map(({ name }) => name), ...softDeleted]
    .map(parseVersion)
    .filter((number) => typeof number === 'object');
  const number = pickVersion(version, taken, now);
  return number && formatVersion(number);
}
