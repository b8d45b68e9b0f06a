import type {
  Disk as AzureDisk,
  Snapshot as AzureSnapshot,
  DataDisk,
  Image,
  ImageReference,
  InstanceViewStatus,
  OSDisk,
  VirtualMachine,
  VirtualMachineExtension,
  VirtualMachineRunCommand,
} from '@azure/arm-compute';
import { defined, membersOf } from '../domain/plain-objects.ts';
import { normaliseRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type {
  AttachedDisk,
  Disk,
  DiskCopy,
  Generation,
  NetworkPart,
  OsType,
  PowerState,
  PurchasePlan,
  Snapshot,
  Vm,
} from '../domain/vm.ts';
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
  const nics = vm.networkProfile?.networkInterfaces ?? [];
  const going = nics.flatMap(({ id, deleteOption }) =>
    id && deleteOption === 'Delete' ? [id] : [],
  );
  return defined({
    id: vm.id ?? id,
    name: vm.name ?? nameOf(id),
    location: normaliseRegion(vm.location),
    vmId: vm.vmId ?? '',
    created: vm.timeCreated,
    osType: osTypeOf(storage?.osDisk?.osType),
    securityType: vm.securityProfile?.securityType ?? 'Standard',
    generation: generationOf(view?.hyperVGeneration),
    provisioningState: vm.provisioningState ?? 'Unknown',
    power: powerOf(statuses),
    lastOperation: lastOperationOf(statuses),
    generalized: statuses.some(({ code }) => code?.toLowerCase() === 'osstate/generalized'),
    agentReady: agent?.some(({ displayStatus }) => displayStatus === 'Ready'),
    extensionsAllowed:
      (vm.osProfile?.allowExtensionOperations ?? true) &&
      (vm.osProfile?.linuxConfiguration?.provisionVMAgent ?? true),
    busyExtensions: (view?.extensions ?? []).flatMap(({ name, statuses: states = [] }) =>
      name && states.some(({ code }) => BUSY.test(code ?? '')) ? [name] : [],
    ),
    extensions: (vm.resources ?? []).flatMap(extensionOf),
    hibernation: vm.additionalCapabilities?.hibernationEnabled ?? false,
    size: vm.hardwareProfile?.vmSize ?? '',
    diskController: storage?.diskControllerType || undefined,
    plan: planFacts(vm.plan),
    bootDiagnostics: vm.diagnosticsProfile?.bootDiagnostics?.enabled ?? false,
    tags: vm.tags ?? {},
    image: storage?.imageReference?.id || undefined,
    baseImage: baseOf(storage?.imageReference),
    osDisk: attached(storage?.osDisk ?? {}),
    dataDisks: (storage?.dataDisks ?? []).map(attached),
    nics: nics.flatMap((nic) => nic.id ?? []),
    nicsGoWithVm: going.length > 0 ? going : undefined,
  });
}

/** The child resources of a VM are its extensions, and run commands beside them. */
function extensionOf({ id = '', name, type, typePropertiesType }: VirtualMachineExtension) {
  const shown = name ?? nameOf(id);
  if (/runCommands$/i.test(type ?? '') || !shown) return [];
  return [{ name: shown, type: typePropertiesType ?? shown }];
}

/** The time of `ProvisioningState/…`, which Azure leaves out while an operation is at work. */
function lastOperationOf(statuses: readonly InstanceViewStatus[]): Date | undefined {
  const status = statuses.find(({ code }) => /^provisioningstate\//i.test(code ?? ''));
  const time = status?.time && new Date(status.time);
  return time && !Number.isNaN(time.getTime()) ? time : undefined;
}

/** States of an extension that is not done (PKG `InstanceViewStatus.code`: `ProvisioningState/…`). */
const BUSY = /^ProvisioningState\/(creating|updating|transitioning)/i;

/** A plan without all its parts is none. */
export function planFacts(plan: Partial<PurchasePlan> | undefined): PurchasePlan | undefined {
  const { name, publisher, product } = plan ?? {};
  return name && publisher && product ? { name, publisher, product } : undefined;
}

function attached(disk: Partial<DataDisk> & Pick<OSDisk, 'diffDiskSettings'>): AttachedDisk {
  return defined({
    name: disk.name ?? '',
    ephemeral: disk.diffDiskSettings !== undefined,
    id: disk.managedDisk?.id || undefined,
    lun: disk.lun,
    writeAccelerator: disk.writeAcceleratorEnabled || undefined,
    caching: disk.caching || undefined,
    goesWithVm: disk.deleteOption === 'Delete' || undefined,
  });
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
  const { diskControllerTypes, acceleratedNetwork } = disk.supportedCapabilities ?? {};
  return defined({
    id: disk.id ?? id,
    location: normaliseRegion(disk.location),
    sizeGiB: disk.diskSizeGB ?? 0,
    sku: disk.sku?.name ?? '',
    architecture: disk.supportedCapabilities?.architecture === 'Arm64' ? 'Arm64' : 'x64',
    attachedTo: [...(disk.managedBy ? [disk.managedBy] : []), ...(disk.managedByExtended ?? [])],
    maxShares: disk.maxShares ?? 1,
    guestEncrypted: disk.encryptionSettingsCollection?.enabled ?? false,
    plan: planFacts(disk.purchasePlan),
    controllers: diskControllerTypes ? listed(diskControllerTypes) : undefined,
    acceleratedNetwork,
    generation: generationOf(disk.hyperVGeneration),
    encryptionSet: disk.encryption?.diskEncryptionSetId || undefined,
    provisioningState: disk.provisioningState || undefined,
    uniqueId: disk.uniqueId || undefined,
    ownedSince: disk.lastOwnershipUpdateTime,
    sourceId: disk.creationData?.sourceResourceId || undefined,
    sourceUniqueId: disk.creationData?.sourceUniqueId || undefined,
    tags: disk.tags,
  });
}

/** A list in one text: `SCSI, NVMe`. */
export const listed = (text: string): string[] => text.split(',').map((entry) => entry.trim());

export const snapshotFacts = (id: string, snapshot: AzureSnapshot): Snapshot =>
  defined({
    id: snapshot.id ?? id,
    incremental: snapshot.incremental ?? false,
    provisioningState: snapshot.provisioningState || undefined,
    sourceId: snapshot.creationData?.sourceResourceId || undefined,
    published: snapshot.timeCreated,
    sourceUniqueId: snapshot.creationData?.sourceUniqueId || undefined,
    uniqueId: snapshot.uniqueId || undefined,
    tags: snapshot.tags ?? {},
  });

/**
 * What the operation that has made a disk or a snapshot puts out of it, beside its source's ID: both IDs that
 * Azure gives by itself (recorded: azure-cli, test_snapshot_incremental). Nothing of another output.
 */
export function copyIn(output: unknown) {
  const { uniqueId, creationData } = membersOf(membersOf(output).properties);
  const { sourceUniqueId } = membersOf(creationData);
  return typeof uniqueId === 'string' && typeof sourceUniqueId === 'string'
    ? { uniqueId, sourceUniqueId }
    : undefined;
}

/** A managed run command read with `$expand=instanceView`. */
export const commandFacts = ({ instanceView }: VirtualMachineRunCommand): CommandReport =>
  defined({
    state: instanceView?.executionState ?? '',
    output: instanceView?.output ?? '',
    error: instanceView?.error ?? '',
    exitCode: instanceView?.exitCode,
  });

/** What is read of a network interface or public IP address (Microsoft.Network, 2024-05-01). */
interface AzureNetworkPart {
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

export function networkPartFacts({ properties = {} }: AzureNetworkPart): NetworkPart {
  const addresses = (properties.ipConfigurations ?? []).flatMap(
    (each) => each.properties?.publicIPAddress ?? [],
  );
  return defined({
    uniqueId: properties.resourceGuid || undefined,
    usedBy: (properties.virtualMachine?.id ?? properties.ipConfiguration?.id) || undefined,
    publicIps: addresses.flatMap((address) => address.id ?? []),
    ipsGoWithNic: addresses.flatMap((address) =>
      address.id && address.properties?.deleteOption === 'Delete' ? [address.id] : [],
    ),
  });
}

/** What a VM was made of: a resource ID, or an image of the Marketplace as a URN. */
function baseOf(from: ImageReference | undefined): string | undefined {
  const { publisher, offer, sku, version, exactVersion } = from ?? {};
  const id = from?.id ?? from?.communityGalleryImageId ?? from?.sharedGalleryImageId;
  const urn = publisher && [publisher, offer, sku, exactVersion ?? version].join(':');
  return (id ?? urn) || undefined;
}

/** A managed image. */
export const imageFacts = (id: string, image: Image): DiskCopy =>
  defined({
    id: image.id ?? id,
    provisioningState: image.provisioningState || undefined,
    sourceId: image.sourceVirtualMachine?.id || undefined,
    tags: image.tags ?? {},
  });
