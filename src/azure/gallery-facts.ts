import type {
  Gallery as AzureGallery,
  TargetRegion as AzureRegion,
  GalleryImage,
  GalleryImageFeature,
  GalleryImageVersion,
  RegionalReplicationStatus,
} from '@azure/arm-compute';
import type { RegionEncryption } from '../domain/encryption.ts';
import type { Definition, Features, Gallery, ImageVersion, Range } from '../domain/gallery.ts';
import { defined } from '../domain/plain-objects.ts';
import {
  DEFAULT_REPLICAS,
  isAmong,
  normaliseRegion,
  type StorageAccountType,
  type TargetRegion,
} from '../domain/regions.ts';
import { isAllowedForNow, remembered } from '../domain/removed-regions.ts';
import type { RegionReplication } from '../domain/replication.ts';
import { nameOf } from '../domain/resource-id.ts';
import { compareVersions, parseVersion, type VersionNumber } from '../domain/version-number.ts';
import { generationOf, listed, osTypeOf, planFacts } from './facts.ts';

/* Galleries, definitions and versions: from the SDK's models to the project's facts. */

export const galleryFacts = (id: string, gallery: AzureGallery): Gallery => ({
  id: gallery.id ?? id,
  softDelete: gallery.softDeletePolicy?.isSoftDeleteEnabled ?? false,
  provisioningState: gallery.provisioningState ?? 'Unknown',
  sharedAs: [
    ...(gallery.identifier?.uniqueName
      ? [`/SharedGalleries/${gallery.identifier.uniqueName}`]
      : []),
    ...(gallery.sharingProfile?.communityGalleryInfo?.publicNames ?? []).map(
      (name) => `/CommunityGalleries/${name}`,
    ),
  ],
});

/**
 * Definitions of before 2025 may lack generation (then V1) and architecture (then x64). One
 * without `DiskControllerTypes` is not tagged for NVMe (shared-image-galleries.md, "Features").
 */
export function definitionFacts(id: string, image: GalleryImage): Definition {
  const stages = stagesOf(image.features ?? []);
  const { vCPUs, memory } = image.recommended ?? {};
  return defined({
    id: image.id ?? id,
    location: normaliseRegion(image.location),
    osType: osTypeOf(image.osType),
    osState: image.osState === 'Specialized' ? 'Specialized' : 'Generalized',
    generation: generationOf(image.hyperVGeneration) ?? 'V1',
    architecture: image.architecture === 'Arm64' ? 'Arm64' : 'x64',
    provisioningState: image.provisioningState ?? 'Unknown',
    ...featuresAt(image.features ?? [], START),
    stages: stages.length > 1 ? stages : undefined,
    plan: planFacts(image.purchasePlan),
    endOfLife: image.endOfLifeDate,
    recommended: defined({ vCPUs: vCPUs && rangeOf(vCPUs), memoryGiB: memory && rangeOf(memory) }),
    disallowedDiskTypes: image.disallowed?.diskTypes ?? [],
  });
}

const START = { major: 0, minor: 0, patch: 0 };

/** From which version on a feature holds (azure-cli#33172); from the first one when it says none. */
function startOf({ startsAtVersion = '' }: GalleryImageFeature): VersionNumber {
  const start = parseVersion(startsAtVersion);
  return typeof start === 'object' ? start : START;
}

function stagesOf(features: readonly GalleryImageFeature[]): NonNullable<Definition['stages']> {
  const starts = [START, ...features.map(startOf)].sort(compareVersions);
  const distinct = starts.filter(
    (start, index) => compareVersions(start, starts[index - 1] ?? { ...START, patch: -1 }) > 0,
  );
  return distinct.map((from) => ({ from, ...featuresAt(features, from) }));
}

/** The features of a version; of several of a name the one that starts last before it. */
function featuresAt(features: readonly GalleryImageFeature[], version: VersionNumber): Features {
  const begun = features
    .filter((each) => compareVersions(startOf(each), version) <= 0)
    .sort((a, b) => compareVersions(startOf(b), startOf(a)));
  const feature = (wanted: string) =>
    begun.find(({ name }) => name?.toLowerCase() === wanted.toLowerCase())?.value;
  return {
    securityType: feature('SecurityType') ?? 'Standard',
    diskControllers: listed(feature('DiskControllerTypes') ?? 'SCSI'),
    acceleratedNetwork: feature('IsAcceleratedNetworkSupported')?.toLowerCase() === 'true',
    hibernation: feature('IsHibernateSupported')?.toLowerCase() === 'true',
  };
}

const rangeOf = ({ min, max }: { readonly min?: number; readonly max?: number }): Range =>
  defined({ min, max });

/** A version, with its replication where that was asked for. */
export function versionFacts(id: string, version: GalleryImageVersion): ImageVersion {
  const profile = version.publishingProfile;
  const status = version.replicationStatus;
  // Read as "complete nowhere", it would be deleted: asked again like any body that cannot be read.
  const isBroken = version.provisioningState === 'Failed' && !status?.summary?.length;
  if (isBroken && status?.aggregatedState === 'Completed')
    throw new TypeError('`replicationStatus` is `Completed` and shows no region');
  const images = version.storageProfile;
  const regions = (profile?.targetRegions ?? []).map(regionFacts(profile?.replicaCount));
  const removed = remembered(version.tags ?? {}).filter(({ name }) => !isAmong(name, regions));
  const sourceId =
    images?.source?.id ?? images?.source?.virtualMachineId ?? images?.osDiskImage?.source?.id;
  return defined({
    id: version.id ?? id,
    name: version.name ?? nameOf(id),
    location: normaliseRegion(version.location),
    provisioningState: (version.provisioningState ??
      'Creating') as ImageVersion['provisioningState'],
    excludeFromLatest: profile?.excludeFromLatest ?? false,
    deletionBlocked: version.safetyProfile?.blockDeletionBeforeEndOfLife ?? false,
    ...(version.safetyProfile?.allowDeletionOfReplicatedLocations && {
      regionDeletion: isAllowedForNow(version.tags ?? {}) ? 'for-now' : 'allowed',
    }),
    endOfLife: profile?.endOfLifeDate,
    regions,
    removed: removed.map(regionFacts(profile?.replicaCount)),
    dataDisks: images?.osDiskImage && (images.dataDiskImages ?? []).map(({ lun }) => lun),
    sizeGiB: sizeOf(images),
    tags: version.tags ?? {},
    sourceId: sourceId || undefined,
    replicationMode: profile?.replicationMode === 'Shallow' ? 'Shallow' : 'Full',
    storageAccountType: storageTypeOf(profile?.storageAccountType),
    published: profile?.publishedDate,
    replication: status && (status.summary ?? []).map(replicationFacts),
  });
}

/** Azure shows the size of each disk once it has copied it. */
function sizeOf(images: GalleryImageVersion['storageProfile'] | undefined): number | undefined {
  const disks = [images?.osDiskImage, ...(images?.dataDiskImages ?? [])];
  const sizes = disks.flatMap((disk) => disk?.sizeInGB ?? []);
  return sizes.length > 0 && sizes.length === disks.length
    ? sizes.reduce((sum, size) => sum + size, 0)
    : undefined;
}

const storageTypeOf = (text: string | undefined) =>
  (text || undefined) as StorageAccountType | undefined;

const regionFacts =
  (replicaCount = DEFAULT_REPLICAS) =>
  (region: AzureRegion): TargetRegion =>
    defined({
      name: normaliseRegion(region.name),
      replicas: region.regionalReplicaCount ?? replicaCount,
      storageAccountType: storageTypeOf(region.storageAccountType),
      excludeFromLatest: region.excludeFromLatest,
      encryption: region.encryption as RegionEncryption | undefined,
    });

const replicationFacts = (entry: RegionalReplicationStatus): RegionReplication =>
  defined({
    region: normaliseRegion(entry.region ?? ''),
    state: (entry.state ?? 'Unknown') as RegionReplication['state'],
    progress: entry.progress ?? 0,
    details: entry.details || undefined,
  });
