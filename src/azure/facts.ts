import type {
  Disk as AzureDisk,
  Gallery as AzureGallery,
  Snapshot as AzureSnapshot,
  GalleryImage,
  GalleryImageVersion,
  Image,
  InstanceViewStatus,
  VirtualMachine,
} from '@azure/arm-compute';
import type { RegionEncryption } from '../domain/encryption.ts';
import type {
  AttachedDisk,
  Definition,
  Disk,
  Gallery,
  Generation,
  ImageVersion,
  NetworkPart,
  OsType,
  PowerState,
  Snapshot,
  Temporary,
  VersionState,
  Vm,
  VmSecurityType,
} from '../domain/observed.ts';
import { normaliseRegion, type StorageAccountType, type TargetRegion } from '../domain/regions.ts';
import type { RegionReplication, RegionState } from '../domain/replication.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { ListedSnapshot } from '../domain/retention.ts';

/*
 * From the SDK's models to the project's facts. Fields that Azure leaves out get what their
 * absence means; where that is not obvious, the source is named.
 */

/** A VM read with `$expand=instanceView`. */
export function vmFacts(id: string, vm: VirtualMachine): Vm {
  const view = vm.instanceView;
  const statuses = view?.statuses ?? [];
  const agent = view?.vmAgent?.statuses;
  const storage = vm.storageProfile;
  const generation = generationOf(view?.hyperVGeneration);
  return {
    id: vm.id ?? id,
    name: vm.name ?? nameOf(id),
    location: normaliseRegion(vm.location),
    vmId: vm.vmId ?? '',
    osType: osTypeOf(storage?.osDisk?.osType),
    securityType: (vm.securityProfile?.securityType ?? 'Standard') as VmSecurityType,
    ...(generation && { generation }),
    provisioningState: vm.provisioningState ?? 'Unknown',
    power: powerOf(statuses),
    generalized: statuses.some(({ code }) => code?.toLowerCase() === 'osstate/generalized'),
    ...(agent && { agentReady: agent.some(({ displayStatus }) => displayStatus === 'Ready') }),
    bootDiagnostics: vm.diagnosticsProfile?.bootDiagnostics?.enabled ?? false,
    tags: vm.tags ?? {},
    osDisk: attached(storage?.osDisk ?? {}),
    dataDisks: (storage?.dataDisks ?? []).map(attached),
    nics: (vm.networkProfile?.networkInterfaces ?? []).flatMap((nic) => nic.id ?? []),
  };
}

interface AzureAttachedDisk {
  readonly name?: string;
  readonly lun?: number;
  readonly managedDisk?: { readonly id?: string };
  readonly diffDiskSettings?: object;
}

function attached({ name, lun, managedDisk, diffDiskSettings }: AzureAttachedDisk): AttachedDisk {
  return {
    name: name ?? '',
    ephemeral: diffDiskSettings !== undefined,
    ...(managedDisk?.id && { id: managedDisk.id }),
    ...(lun !== undefined && { lun }),
  };
}

/** Statuses are found by their prefix, never by their place (azure.md §3). */
function powerOf(statuses: readonly InstanceViewStatus[]): PowerState {
  const prefix = 'powerstate/';
  const code = statuses.map((status) => status.code?.toLowerCase() ?? '');
  const state = code.find((text) => text.startsWith(prefix))?.slice(prefix.length);
  return POWER_STATES.find((known) => known === state) ?? 'unknown';
}

const POWER_STATES: readonly PowerState[] = [
  'running',
  'starting',
  'stopping',
  'stopped',
  'deallocating',
  'deallocated',
];

const osTypeOf = (text: string | undefined): OsType => (text === 'Windows' ? 'Windows' : 'Linux');

const generationOf = (text: string | undefined): Generation | undefined =>
  text === 'V1' || text === 'V2' ? text : undefined;

/** A disk without a stated architecture is x64 (azure.md §2). */
export function diskFacts(id: string, disk: AzureDisk): Disk {
  const generation = generationOf(disk.hyperVGeneration);
  return {
    id: disk.id ?? id,
    location: normaliseRegion(disk.location),
    sizeGiB: disk.diskSizeGB ?? 0,
    sku: disk.sku?.name ?? '',
    architecture: disk.supportedCapabilities?.architecture === 'Arm64' ? 'Arm64' : 'x64',
    attachedTo: [...(disk.managedBy ? [disk.managedBy] : []), ...(disk.managedByExtended ?? [])],
    ...(generation && { generation }),
    ...(disk.encryption?.diskEncryptionSetId && {
      encryptionSet: disk.encryption.diskEncryptionSetId,
    }),
  };
}

export const snapshotFacts = (id: string, snapshot: AzureSnapshot): Snapshot => ({
  id: snapshot.id ?? id,
  provisioningState: snapshot.provisioningState ?? 'Unknown',
  tags: snapshot.tags ?? {},
});

/** A snapshot as a listing shows it. */
export const listedSnapshot = (snapshot: AzureSnapshot): ListedSnapshot => ({
  id: snapshot.id ?? '',
  disk: snapshot.creationData?.sourceResourceId ?? '',
  location: normaliseRegion(snapshot.location),
  created: snapshot.timeCreated ?? new Date(0),
  tags: snapshot.tags ?? {},
});

/** What is read of a network interface or public IP address (Microsoft.Network, 2024-05-01). */
export interface AzureNetworkPart {
  readonly id?: string;
  readonly properties?: {
    readonly virtualMachine?: { readonly id?: string };
    readonly ipConfiguration?: { readonly id?: string };
    readonly ipConfigurations?: readonly {
      readonly properties?: { readonly publicIPAddress?: { readonly id?: string } };
    }[];
  };
}

export function networkPartFacts(id: string, { properties = {} }: AzureNetworkPart): NetworkPart {
  const usedBy = properties.virtualMachine?.id ?? properties.ipConfiguration?.id;
  return {
    id,
    ...(usedBy && { usedBy }),
    publicIps: (properties.ipConfigurations ?? []).flatMap(
      (configuration) => configuration.properties?.publicIPAddress?.id ?? [],
    ),
  };
}

/** A managed image. */
export const imageFacts = (id: string, image: Image): Temporary => ({
  id: image.id ?? id,
  provisioningState: image.provisioningState ?? 'Unknown',
  tags: image.tags ?? {},
});

export const galleryFacts = (id: string, gallery: AzureGallery): Gallery => ({
  id: gallery.id ?? id,
  location: normaliseRegion(gallery.location),
  softDelete: gallery.softDeletePolicy?.isSoftDeleteEnabled ?? false,
});

/** Definitions of before 2025 may lack generation (then V1) and architecture (then x64): §2. */
export function definitionFacts(id: string, image: GalleryImage): Definition {
  const security = image.features?.find(({ name }) => name?.toLowerCase() === 'securitytype');
  return {
    id: image.id ?? id,
    location: normaliseRegion(image.location),
    osType: osTypeOf(image.osType),
    osState: image.osState === 'Specialized' ? 'Specialized' : 'Generalized',
    generation: generationOf(image.hyperVGeneration) ?? 'V1',
    architecture: image.architecture === 'Arm64' ? 'Arm64' : 'x64',
    securityType: security?.value ?? 'Standard',
    provisioningState: image.provisioningState ?? 'Unknown',
  };
}

/** A version, with its replication where that was asked for. */
export function versionFacts(id: string, version: GalleryImageVersion): ImageVersion {
  const profile = version.publishingProfile;
  const status = version.replicationStatus;
  const source = version.storageProfile?.source;
  const sourceId = source?.id ?? source?.virtualMachineId;
  return {
    id: version.id ?? id,
    name: version.name ?? nameOf(id),
    location: normaliseRegion(version.location),
    provisioningState: (version.provisioningState ?? 'Creating') as VersionState,
    excludeFromLatest: profile?.excludeFromLatest ?? false,
    deletionBlocked: version.safetyProfile?.blockDeletionBeforeEndOfLife ?? false,
    ...(profile?.endOfLifeDate && { endOfLife: profile.endOfLifeDate }),
    regions: (profile?.targetRegions ?? []).map((region): TargetRegion => {
      const type = region.storageAccountType as StorageAccountType | undefined;
      return {
        name: normaliseRegion(region.name),
        replicas: region.regionalReplicaCount ?? profile?.replicaCount ?? 1,
        ...(type && { storageAccountType: type }),
        ...(region.excludeFromLatest !== undefined && {
          excludeFromLatest: region.excludeFromLatest,
        }),
        ...(region.encryption && { encryption: region.encryption as RegionEncryption }),
      };
    }),
    tags: version.tags ?? {},
    ...(sourceId && { sourceId }),
    replicationMode: profile?.replicationMode === 'Shallow' ? 'Shallow' : 'Full',
    ...(profile?.storageAccountType && {
      storageAccountType: profile.storageAccountType as StorageAccountType,
    }),
    ...(profile?.publishedDate && { published: profile.publishedDate }),
    ...(status && { replication: (status.summary ?? []).map(replicationFacts) }),
  };
}

const replicationFacts = (entry: {
  readonly region?: string;
  readonly state?: string;
  readonly progress?: number;
  readonly details?: string;
}): RegionReplication => ({
  region: normaliseRegion(entry.region ?? ''),
  state: (entry.state ?? 'Unknown') as RegionState,
  progress: entry.progress ?? 0,
  ...(entry.details && { details: entry.details }),
});
