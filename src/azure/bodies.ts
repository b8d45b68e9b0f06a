import type {
  EncryptionImages,
  GalleryImageVersion,
  GalleryImageVersionPublishingProfile,
  GalleryImageVersionStorageProfile,
  Image,
  Snapshot,
  TargetRegion,
  VirtualMachineRunCommand,
} from '@azure/arm-compute';
import type { RegionEncryption } from '../domain/encryption.ts';
import { isAmong, normaliseRegion, type RegionChoice, regionOf } from '../domain/regions.ts';
import {
  FORBID_AGAIN,
  isAllowedForNow,
  memoryOf,
  remembered,
  withoutMemory,
} from '../domain/removed-regions.ts';
import { MOST_TAGS, type Tags, withTags } from '../domain/tags.ts';
import {
  parted,
  type Source,
  type VersionChange,
  type VersionOrder,
} from '../domain/version-order.ts';
import type { CommandOrder, ImageOrder, SnapshotOrder } from '../run/orders.ts';

/**
 * The snapshot as it is sent. One to go back to is incremental, and closed, because it holds the
 * whole disk: DenyAll forbids exporting it, and public access is switched off besides. Nobody
 * knows whether Azure takes such a one as the source of a version, so one to capture from
 * is left at the defaults, as recorded (test_gallery_specialized); it lives minutes. The SKU is left to Azure, which takes ZRS where the region has it.
 */
export const snapshotBody = ({ disk, location, tags, purpose }: SnapshotOrder): Snapshot => ({
  location,
  tags: { ...tags },
  creationData: { createOption: 'Copy', sourceResourceId: disk },
  ...(purpose === 'rollback' && {
    incremental: true,
    networkAccessPolicy: 'DenyAll',
    publicNetworkAccess: 'Disabled',
  }),
});

/**
 * A managed run command whose operation ends as soon as the script starts, and which is no failed
 * deployment when the script fails (Azure/missionlz sysprepVirtualMachine.bicep).
 */
export const commandBody = (order: CommandOrder): VirtualMachineRunCommand => ({
  location: order.location,
  tags: { ...order.tags },
  source: { script: order.script },
  asyncExecution: true,
  treatFailureAsDeploymentFailure: false,
  timeoutInSeconds: Math.round(order.timeoutSeconds),
});

/** A managed image takes all disks of its VM (recorded: test_shared_gallery). */
export const imageBody = ({ location, tags, vm, generation }: ImageOrder): Image => ({
  location,
  tags: { ...tags },
  sourceVirtualMachine: { id: vm },
  ...(generation && { hyperVGeneration: generation }),
});

/**
 * The version as it is sent. Everything whose default has changed between API versions is said
 * explicitly: storage, mode, replicas, exclusion, safety profile.
 */
export function versionBody(order: VersionOrder): GalleryImageVersion {
  const { storageAccountType } = order;
  return {
    location: order.location,
    tags: { ...order.tags },
    storageProfile: storageProfile(order.source),
    publishingProfile: {
      targetRegions: order.regions.map(regionBody),
      replicaCount: order.replicas,
      excludeFromLatest: order.excludeFromLatest,
      replicationMode: order.replicationMode,
      ...(storageAccountType
        ? { storageAccountType }
        : { storageAccountStrategy: 'PreferStandard_ZRS' }),
      ...(order.endOfLife && { endOfLifeDate: order.endOfLife }),
    },
    safetyProfile: {
      allowDeletionOfReplicatedLocations: false,
      blockDeletionBeforeEndOfLife: false,
    },
  };
}

const regionBody = (region: RegionChoice): TargetRegion => ({
  name: region.name,
  ...(region.replicas !== undefined && { regionalReplicaCount: region.replicas }),
  ...(region.storageAccountType && { storageAccountType: region.storageAccountType }),
  ...(region.excludeFromLatest !== undefined && { excludeFromLatest: region.excludeFromLatest }),
  ...(region.encryption && { encryption: encryptionBody(region.encryption) }),
});

/**
 * The whole version as an update sends it: as it was read, with the change laid over it, since
 * Azure takes regions as a whole and last writers win as a whole. What Azure alone
 * sets is left out; an empty storage profile keeps what the version is made of (recorded).
 * Regions may only go when the change names some to go for good; one that is removed for now
 * only with `mayDelete`, since Azure may count it as replicated.
 */
export function updatedBody(
  found: GalleryImageVersion,
  change: VersionChange,
  { isLent = false, mayDelete = change.remove.length > 0 } = {},
): GalleryImageVersion {
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife } = change;
  const profile = sendable(found.publishingProfile ?? {});
  const { blockDeletionBeforeEndOfLife: blocked, allowDeletionOfReplicatedLocations: allowed } =
    found.safetyProfile ?? {};
  const block = blockDeletionBeforeEndOfLife ?? blocked;
  const { tags = {} } = found;
  // While regions are removed for now, or after a removal, it was the action that allowed it.
  const isOurs = isLent || isAllowedForNow(tags) || remembered(tags).length > 0;
  const isTheirs = (allowed ?? false) && !isOurs;
  const { there, removed } = parted(
    profile.targetRegions ?? [],
    remembered(tags) as readonly TargetRegion[],
    change,
  );
  const after = withTags(memorising(tags, removed), change.tags);
  return {
    location: found.location,
    tags:
      mayDelete && !isTheirs && change.remove.length > 0 ? untilNextChange(after) : { ...after },
    storageProfile: {},
    ...(found.securityProfile && { securityProfile: found.securityProfile }),
    publishingProfile: {
      ...profile,
      targetRegions: mergedRegions(there, change),
      ...(excludeFromLatest !== undefined && { excludeFromLatest }),
      ...(endOfLife && { endOfLifeDate: endOfLife }),
    },
    safetyProfile: {
      allowDeletionOfReplicatedLocations: mayDelete || isTheirs,
      ...(block !== undefined && { blockDeletionBeforeEndOfLife: block }),
    },
  };
}

/**
 * A publishing profile as it was read, without what Azure alone sets. A storage strategy excludes a
 * type (2025-03-03: "storageAccountStrategy … cannot be specified with storageAccountType"), though
 * Azure shows both.
 */
function sendable({
  publishedDate: _,
  storageAccountType,
  ...profile
}: GalleryImageVersionPublishingProfile): GalleryImageVersionPublishingProfile {
  const hasStrategy = profile.storageAccountStrategy !== undefined;
  return { ...profile, ...(!hasStrategy && storageAccountType && { storageAccountType }) };
}

/** These tags, with one more for the next change if there is room: Azure refuses more than fifty. */
const untilNextChange = (tags: Tags): Record<string, string> => ({
  ...tags,
  ...(Object.keys(tags).length < MOST_TAGS && { [FORBID_AGAIN]: 'true' }),
});

function memorising(tags: Tags, removed: readonly TargetRegion[]): Tags {
  const names = remembered(tags).map(({ name }) => name);
  return removed.reduce(
    (sum, region) => withTags(sum, memoryOf({ ...region, name: normaliseRegion(region.name) })),
    withoutMemory(tags, names),
  );
}

/** Regions that stay keep their place and all that is not changed about them; new ones follow. */
function mergedRegions(
  there: readonly TargetRegion[],
  { regions, replicas }: VersionChange,
): TargetRegion[] {
  const changed = there.map((region) => {
    const wanted = regionOf(regions, region.name);
    return wanted ? { ...region, ...regionBody(wanted), name: region.name } : region;
  });
  const added = regions
    .filter(({ name }) => !isAmong(name, there))
    .map((region) => regionBody({ ...(replicas !== undefined && { replicas }), ...region }));
  return [...changed, ...added];
}

function storageProfile(source: Source): GalleryImageVersionStorageProfile {
  switch (source.from) {
    case 'vm':
      return { source: { virtualMachineId: source.vm } };
    case 'image':
      return { source: { id: source.image } };
    case 'version':
      return { source: { id: source.version } };
    case 'disks':
      return {
        osDiskImage: {
          source: { id: source.of.find(({ lun }) => lun === undefined)?.snapshot ?? '' },
        },
        dataDiskImages: source.of.flatMap(({ lun, snapshot: id }) =>
          lun === undefined ? [] : [{ lun, source: { id } }],
        ),
      };
  }
}

/** A copy that the SDK's mutable types take. */
const encryptionBody = ({ osDiskImage, dataDiskImages }: RegionEncryption): EncryptionImages => ({
  ...(osDiskImage && { osDiskImage }),
  ...(dataDiskImages && { dataDiskImages: dataDiskImages.map((disk) => ({ ...disk })) }),
});
