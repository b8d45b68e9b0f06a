import type {
  Disk as AzureDisk,
  Snapshot as AzureSnapshot,
  Image,
  ImageReference,
  InstanceViewStatus,
  VirtualMachine,
  VirtualMachineExtension,
  VirtualMachineRunCommand,
} from '@azure/arm-compute';
import type {
  AttachedDisk,
  Disk,
  DiskCopy,
  Generation,
  NetworkPart,
  OsType,
  PowerState,
  PurchasePlan,
  Vm,
} from '../domain/observed.ts';
import { normaliseRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { ListedSnapshot } from '../domain/retention.ts';
import type { CommandReport } from '../run/ports.ts';

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
    ...(vm.timeCreated && { created: vm.timeCreated }),
    osType: osTypeOf(storage?.osDisk?.osType),
    securityType: vm.securityProfile?.securityType ?? 'Standard',
    ...(generation && { generation }),
    provisioningState: vm.provisioningState ?? 'Unknown',
    power: powerOf(statuses),
    ...lastOperationOf(statuses),
    generalized: statuses.some(({ code }) => code?.toLowerCase() === 'osstate/generalized'),
    ...(agent && { agentReady: agent.some(({ displayStatus }) => displayStatus === 'Ready') }),
    extensionsAllowed:
      (vm.osProfile?.allowExtensionOperations ?? true) &&
      (vm.osProfile?.linuxConfiguration?.provisionVMAgent ?? true),
    busyExtensions: (view?.extensions ?? []).flatMap(({ name, statuses: states = [] }) =>
      name && states.some(({ code }) => BUSY.test(code ?? '')) ? [name] : [],
    ),
    extensions: (vm.resources ?? []).flatMap(extensionOf),
    hibernation: vm.additionalCapabilities?.hibernationEnabled ?? false,
    size: vm.hardwareProfile?.vmSize ?? '',
    ...(storage?.diskControllerType && { diskController: storage.diskControllerType }),
    ...planFacts(vm.plan),
    bootDiagnostics: vm.diagnosticsProfile?.bootDiagnostics?.enabled ?? false,
    tags: vm.tags ?? {},
    ...(storage?.imageReference?.id && { image: storage.imageReference.id }),
    ...baseOf(storage?.imageReference),
    osDisk: attached(storage?.osDisk ?? {}),
    dataDisks: (storage?.dataDisks ?? []).map(attached),
    nics: (vm.networkProfile?.networkInterfaces ?? []).flatMap((nic) => nic.id ?? []),
    ...nicsThatGo(vm),
  };
}

function nicsThatGo({ networkProfile }: VirtualMachine): Pick<Vm, 'nicsGoWithVm'> {
  const going = (networkProfile?.networkInterfaces ?? []).flatMap(({ id, deleteOption }) =>
    id && deleteOption === 'Delete' ? [id] : [],
  );
  return going.length > 0 ? { nicsGoWithVm: going } : {};
}

/** The child resources of a VM are its extensions, and run commands beside them. */
function extensionOf({ id = '', name, type, typePropertiesType }: VirtualMachineExtension) {
  const shown = name ?? nameOf(id);
  if (/runCommands$/i.test(type ?? '') || !shown) return [];
  return [{ name: shown, type: typePropertiesType ?? shown }];
}

/** The time of `ProvisioningState/…`, which Azure leaves out while an operation is at work. */
function lastOperationOf(statuses: readonly InstanceViewStatus[]): { lastOperation?: Date } {
  const status = statuses.find(({ code }) => /^provisioningstate\//i.test(code ?? ''));
  const time = status?.time && new Date(status.time);
  return time && !Number.isNaN(time.getTime()) ? { lastOperation: time } : {};
}

/** States of an extension that is not done (PKG `InstanceViewStatus.code`: `ProvisioningState/…`). */
const BUSY = /^ProvisioningState\/(creating|updating|transitioning)/i;

/** A plan without all its parts is none. */
export function planFacts(plan: Partial<PurchasePlan> | undefined): { plan?: PurchasePlan } {
  const { name, publisher, product } = plan ?? {};
  return name && publisher && product ? { plan: { name, publisher, product } } : {};
}

interface AzureAttachedDisk {
  readonly name?: string;
  readonly lun?: number;
  readonly managedDisk?: { readonly id?: string };
  readonly diffDiskSettings?: object;
  readonly writeAcceleratorEnabled?: boolean;
  readonly caching?: string;
  readonly deleteOption?: string;
}

function attached(disk: AzureAttachedDisk): AttachedDisk {
  const { name, lun, managedDisk, diffDiskSettings, writeAcceleratorEnabled, caching } = disk;
  return {
    name: name ?? '',
    ephemeral: diffDiskSettings !== undefined,
    ...(managedDisk?.id && { id: managedDisk.id }),
    ...(lun !== undefined && { lun }),
    ...(writeAcceleratorEnabled === true && { writeAccelerator: true }),
    ...(caching && { caching }),
    ...(disk.deleteOption === 'Delete' && { goesWithVm: true }),
  };
}

/** Statuses are found by their prefix, never by their place. */
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

/** Azure names only these two. */
export const osTypeOf = (text: string | undefined): OsType =>
  text === 'Windows' ? 'Windows' : 'Linux';

export const generationOf = (text: string | undefined): Generation | undefined =>
  text === 'V1' || text === 'V2' ? text : undefined;

/** A disk without a stated architecture is x64. */
export function diskFacts(id: string, disk: AzureDisk): Disk {
  const generation = generationOf(disk.hyperVGeneration);
  const { diskControllerTypes, acceleratedNetwork } = disk.supportedCapabilities ?? {};
  return {
    id: disk.id ?? id,
    location: normaliseRegion(disk.location),
    sizeGiB: disk.diskSizeGB ?? 0,
    sku: disk.sku?.name ?? '',
    architecture: disk.supportedCapabilities?.architecture === 'Arm64' ? 'Arm64' : 'x64',
    attachedTo: [...(disk.managedBy ? [disk.managedBy] : []), ...(disk.managedByExtended ?? [])],
    maxShares: disk.maxShares ?? 1,
    guestEncrypted: disk.encryptionSettingsCollection?.enabled ?? false,
    ...planFacts(disk.purchasePlan),
    ...(diskControllerTypes && { controllers: listed(diskControllerTypes) }),
    ...(acceleratedNetwork !== undefined && { acceleratedNetwork }),
    ...(generation && { generation }),
    ...(disk.encryption?.diskEncryptionSetId && {
      encryptionSet: disk.encryption.diskEncryptionSetId,
    }),
    ...(disk.provisioningState && { provisioningState: disk.provisioningState }),
    ...(disk.uniqueId && { uniqueId: disk.uniqueId }),
    ...(disk.lastOwnershipUpdateTime && { ownedSince: disk.lastOwnershipUpdateTime }),
    ...(disk.creationData?.sourceResourceId && { sourceId: disk.creationData.sourceResourceId }),
    ...(disk.tags && { tags: disk.tags }),
  };
}

/** A list in one text: `SCSI, NVMe`. */
export const listed = (text: string): string[] => text.split(',').map((entry) => entry.trim());

export const snapshotFacts = (id: string, snapshot: AzureSnapshot): DiskCopy => ({
  id: snapshot.id ?? id,
  provisioningState: snapshot.provisioningState ?? 'Unknown',
  ...(snapshot.creationData?.sourceResourceId && {
    sourceId: snapshot.creationData.sourceResourceId,
  }),
  ...(snapshot.timeCreated && { published: snapshot.timeCreated }),
  ...(snapshot.location && { location: normaliseRegion(snapshot.location) }),
  ...(snapshot.creationData?.sourceUniqueId && {
    sourceUniqueId: snapshot.creationData.sourceUniqueId,
  }),
  tags: snapshot.tags ?? {},
});

/** A managed run command read with `$expand=instanceView`. */
export const commandFacts = ({ instanceView }: VirtualMachineRunCommand): CommandReport => ({
  state: instanceView?.executionState ?? '',
  output: instanceView?.output ?? '',
  error: instanceView?.error ?? '',
  ...(instanceView?.exitCode !== undefined && { exitCode: instanceView.exitCode }),
});

/** A snapshot as a listing shows it. */
export const listedSnapshot = (snapshot: AzureSnapshot): ListedSnapshot => ({
  id: snapshot.id ?? '',
  disk: snapshot.creationData?.sourceResourceId ?? '',
  location: normaliseRegion(snapshot.location),
  created: snapshot.timeCreated ?? new Date(0),
  incremental: snapshot.incremental ?? false,
  ...(snapshot.provisioningState && { provisioningState: snapshot.provisioningState }),
  ...(snapshot.creationData?.sourceUniqueId && {
    diskUniqueId: snapshot.creationData.sourceUniqueId,
  }),
  tags: snapshot.tags ?? {},
});

/** What is read of a network interface or public IP address (Microsoft.Network, 2024-05-01). */
export interface AzureNetworkPart {
  readonly id?: string;
  readonly properties?: {
    readonly resourceGuid?: string;
    readonly virtualMachine?: { readonly id?: string };
    readonly ipConfiguration?: { readonly id?: string };
    readonly ipConfigurations?: readonly {
      readonly properties?: {
        readonly publicIPAddress?: {
          readonly id?: string;
          readonly properties?: { readonly deleteOption?: string };
        };
      };
    }[];
  };
}

export function networkPartFacts(id: string, { properties = {} }: AzureNetworkPart): NetworkPart {
  const usedBy = properties.virtualMachine?.id ?? properties.ipConfiguration?.id;
  const addresses = (properties.ipConfigurations ?? []).flatMap(
    (each) => each.properties?.publicIPAddress ?? [],
  );
  return {
    id,
    ...(properties.resourceGuid && { uniqueId: properties.resourceGuid }),
    ...(usedBy && { usedBy }),
    publicIps: addresses.flatMap((address) => address.id ?? []),
    ipsGoWithNic: addresses.flatMap((address) =>
      address.id && address.properties?.deleteOption === 'Delete' ? [address.id] : [],
    ),
  };
}

/** What a VM was made of: a resource ID, or an image of the Marketplace as a URN. */
function baseOf(from: ImageReference | undefined): { baseImage?: string } {
  const { publisher, offer, sku, version, exactVersion } = from ?? {};
  const id = from?.id ?? from?.communityGalleryImageId ?? from?.sharedGalleryImageId;
  const urn = publisher && [publisher, offer, sku, exactVersion ?? version].join(':');
  const baseImage = id ?? urn;
  return baseImage ? { baseImage } : {};
}

/** A managed image. */
export const imageFacts = (id: string, image: Image): DiskCopy => ({
  id: image.id ?? id,
  provisioningState: image.provisioningState ?? 'Unknown',
  ...(image.sourceVirtualMachine?.id && { sourceId: image.sourceVirtualMachine.id }),
  tags: image.tags ?? {},
});
