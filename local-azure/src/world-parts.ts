/**
 * Builders of ARM resources in the shape the service returns them (recorded in test_vm_trusted_launch,
 * test_specialized_image and test_gallery_e2e), for the default world and for tests' own worlds.
 */
import type { JsonObject } from './json.ts';
import type { Resource } from './world.ts';
import { asResource } from './world.ts';

/** Where a resource lives. */
export interface Place {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
}

/** When what the builders make was made. */
export const CREATED = '2025-11-03T08:14:26.1178230+00:00';

/** The ID of a resource: `type` as in `Microsoft.Compute/galleries/images`, one name for each part. */
export function idOf(place: Place, type: string, ...names: string[]): string {
  const [namespace, ...types] = type.split('/');
  const pairs = types.map((each, index) => `${each}/${names[index] ?? ''}`).join('/');
  const { subscriptionId, resourceGroup } = place;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${namespace}/${pairs}`;
}

/** A resource from its parts; `more` holds what stands beside `properties`, e.g. tags or sku. */
export function resource(
  place: Place,
  type: string,
  names: readonly string[],
  properties: JsonObject,
  more: JsonObject = {},
): Resource {
  const id = idOf(place, type, ...names);
  return asResource({ id, location: place.location, ...more, properties });
}

interface DiskParts {
  readonly name: string;
  readonly sizeGB: number;
  /** ID of the VM it is attached to; unattached when left out. */
  readonly managedBy?: string;
  /** Left out for a data disk. */
  readonly osType?: 'Linux' | 'Windows';
  readonly hyperVGeneration?: 'V1' | 'V2';
  readonly securityType?: string;
  readonly sku?: string;
  readonly uniqueId: string;
}

/** A managed disk. */
export function disk(place: Place, parts: DiskParts): Resource {
  const sku = parts.sku ?? 'Premium_LRS';
  const os: JsonObject = {
    osType: parts.osType,
    hyperVGeneration: parts.hyperVGeneration ?? 'V2',
    supportsHibernation: true,
    supportedCapabilities: {
      diskControllerTypes: 'SCSI, NVMe',
      acceleratedNetwork: true,
      architecture: 'x64',
    },
    ...(parts.securityType === undefined
      ? {}
      : { securityProfile: { securityType: parts.securityType } }),
  };
  const attached = parts.managedBy !== undefined;
  const properties: JsonObject = {
    ...(parts.osType === undefined ? {} : os),
    creationData: { createOption: parts.osType === undefined ? 'Empty' : 'FromImage' },
    diskSizeGB: parts.sizeGB,
    diskIOPSReadWrite: 120,
    diskMBpsReadWrite: 25,
    encryption: { type: 'EncryptionAtRestWithPlatformKey' },
    networkAccessPolicy: 'AllowAll',
    publicNetworkAccess: 'Enabled',
    timeCreated: CREATED,
    provisioningState: 'Succeeded',
    diskState: attached ? 'Attached' : 'Unattached',
    ...(attached ? { LastOwnershipUpdateTime: CREATED } : {}),
    diskSizeBytes: parts.sizeGB * 1024 ** 3,
    uniqueId: parts.uniqueId,
  };
  const more: JsonObject = {
    tags: {},
    ...(attached ? { managedBy: parts.managedBy } : {}),
    sku: { name: sku, tier: sku.split('_')[0] ?? sku },
  };
  return resource(place, 'Microsoft.Compute/disks', [parts.name], properties, more);
}

interface DefinitionParts {
  readonly name: string;
  readonly osType: 'Linux' | 'Windows';
  readonly osState: 'Generalized' | 'Specialized';
  /** Value of the feature `SecurityType`. */
  readonly securityType: string;
}

/** A gallery image definition: generation 2, x64, SCSI and NVMe, accelerated networking. */
export function definition(place: Place, gallery: string, parts: DefinitionParts): Resource {
  const properties: JsonObject = {
    hyperVGeneration: 'V2',
    architecture: 'x64',
    features: [
      { name: 'SecurityType', value: parts.securityType },
      { name: 'DiskControllerTypes', value: 'SCSI, NVMe' },
      { name: 'IsAcceleratedNetworkSupported', value: 'True' },
    ],
    osType: parts.osType,
    osState: parts.osState,
    identifier: { publisher: 'contoso', offer: 'golden', sku: parts.name },
    provisioningState: 'Succeeded',
  };
  const names = [gallery, parts.name];
  return resource(place, 'Microsoft.Compute/galleries/images', names, properties, { tags: {} });
}

/** A private gallery without versions. */
export function gallery(place: Place, name: string): Resource {
  const uniqueName = `${place.subscriptionId}-${name.toUpperCase()}`;
  const properties: JsonObject = { identifier: { uniqueName }, provisioningState: 'Succeeded' };
  return resource(place, 'Microsoft.Compute/galleries', [name], properties, { tags: {} });
}
