/**
 * Which members the bodies of writes may have: Azure refuses what it does not know. Names are from
 * Azure's specifications (gallery 2025-12-03 and 2026-03-03, disks 2026-03-02, VMs 2026-03-01) and
 * include what is only ever answered, because clients send back what they have read.
 */
import { armError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** Member → type of its value (undefined: not looked into) and the first API version that has it. */
interface Member {
  readonly type: string | undefined;
  readonly since: string;
}

/**
 * `name`, `name:Type` or `name:Type@version`, separated by blanks. A type in lists is written like
 * one that is not.
 */
const types: Readonly<Record<string, ReadonlyMap<string, Member>>> = Object.fromEntries(
  Object.entries({
    ResourceDefinition:
      'id name type location tags sku kind plan properties identity zones scale managedBy ' +
      'managedByExtended extendedLocation etag resources systemData apiVersion placement',
    GalleryProperties:
      'description identifier provisioningState sharingProfile@2020-09-30 softDeletePolicy@2021-07-01 ' +
      'sharingStatus',
    GalleryImageProperties:
      'description eula privacyStatementUri releaseNoteUri osType osState endOfLifeDate identifier ' +
      'recommended disallowed purchasePlan provisioningState hyperVGeneration@2019-07-01 ' +
      'features:GalleryImageFeature@2020-09-30 architecture@2021-10-01 allowUpdateImage',
    GalleryImageFeature: 'name value startsAtVersion',
    GalleryImageVersionProperties:
      'publishingProfile:GalleryImageVersionPublishingProfile provisioningState replicationStatus ' +
      'storageProfile:GalleryImageVersionStorageProfile safetyProfile:GalleryImageVersionSafetyProfile@2022-03-03 ' +
      'securityProfile restore validationsProfile imageMetadataProfiles@2026-03-03',
    GalleryImageVersionPublishingProfile:
      'targetRegions:TargetRegion replicaCount excludeFromLatest publishedDate endOfLifeDate ' +
      'storageAccountType replicationMode@2021-07-01 targetExtendedLocations ' +
      'storageAccountStrategy@2025-03-03 source',
    TargetRegion:
      'name regionalReplicaCount storageAccountType encryption:EncryptionImages excludeFromLatest ' +
      'additionalReplicaSets',
    EncryptionImages: 'osDiskImage:OSDiskImageEncryption dataDiskImages:DataDiskImageEncryption',
    OSDiskImageEncryption: 'diskEncryptionSetId securityProfile',
    DataDiskImageEncryption: 'diskEncryptionSetId lun securityProfile',
    GalleryImageVersionStorageProfile:
      'source:GalleryArtifactVersionFullSource osDiskImage:GalleryDiskImage dataDiskImages:GalleryDiskImage',
    GalleryArtifactVersionFullSource: 'id virtualMachineId@2023-07-03 communityGalleryImageId',
    GalleryDiskImage: 'lun sizeInGB hostCaching source:GalleryDiskImageSource',
    GalleryDiskImageSource: 'id uri storageAccountId',
    GalleryImageVersionSafetyProfile:
      'allowDeletionOfReplicatedLocations reportedForPolicyViolation policyViolations ' +
      'blockDeletionBeforeEndOfLife@2024-03-03',
    DiskProperties:
      'timeCreated osType hyperVGeneration purchasePlan supportedCapabilities creationData:CreationData ' +
      'diskSizeGB diskSizeBytes uniqueId encryptionSettingsCollection encryptionSettings provisioningState ' +
      'diskIOPSReadWrite diskMBpsReadWrite diskIOPSReadOnly diskMBpsReadOnly diskState encryption maxShares ' +
      'shareInfo networkAccessPolicy diskAccessId burstingEnabledTime tier burstingEnabled ' +
      'propertyUpdatesInProgress supportsHibernation securityProfile completionPercent publicNetworkAccess ' +
      'dataAccessAuthMode optimizedForFrequentAttach LastOwnershipUpdateTime availabilityPolicy',
    SnapshotProperties:
      'timeCreated osType hyperVGeneration purchasePlan supportedCapabilities creationData:CreationData ' +
      'diskSizeGB diskSizeBytes diskState uniqueId encryptionSettingsCollection encryptionSettings ' +
      'provisioningState incremental incrementalSnapshotFamilyId encryption networkAccessPolicy diskAccessId ' +
      'securityProfile supportsHibernation publicNetworkAccess completionPercent copyCompletionError ' +
      'dataAccessAuthMode snapshotAccessState',
    CreationData:
      'createOption storageAccountId imageReference galleryImageReference sourceUri sourceResourceId ' +
      'sourceUniqueId uploadSizeBytes logicalSectorSize securityDataUri securityMetadataUri performancePlus ' +
      'elasticSanResourceId provisionedBandwidthCopySpeed instantAccessDurationMinutes',
    ImageProperties: 'sourceVirtualMachine storageProfile provisioningState hyperVGeneration',
    VirtualMachineProperties:
      'hardwareProfile scheduledEventsPolicy storageProfile:StorageProfile additionalCapabilities osProfile ' +
      'networkProfile securityProfile diagnosticsProfile availabilitySet virtualMachineScaleSet ' +
      'proximityPlacementGroup priority evictionPolicy billingProfile host hostGroup provisioningState ' +
      'instanceView licenseType vmId extensionsTimeBudget platformFaultDomain scheduledEventsProfile userData ' +
      'capacityReservation applicationProfile timeCreated resiliencyProfile interconnectBlockProfile',
    StorageProfile:
      'imageReference osDisk:VMDisk dataDisks:VMDisk diskControllerType alignRegionalDisksToVMZone',
    VMDisk:
      'lun osType encryptionSettings name vhd image caching writeAcceleratorEnabled diffDiskSettings ' +
      'createOption diskSizeGB managedDisk deleteOption toBeDetached diskIOPSReadWrite diskMBpsReadWrite ' +
      'detachOption sourceResource storageFaultDomainAlignment',
  }).map(([name, members]) => [name, parse(members)]),
);

/** Type of `properties` by resource type; a resource type that is not here is not checked. */
const propertiesOf: Readonly<Record<string, string>> = {
  'microsoft.compute/galleries': 'GalleryProperties',
  'microsoft.compute/galleries/images': 'GalleryImageProperties',
  'microsoft.compute/galleries/images/versions': 'GalleryImageVersionProperties',
  'microsoft.compute/disks': 'DiskProperties',
  'microsoft.compute/snapshots': 'SnapshotProperties',
  'microsoft.compute/images': 'ImageProperties',
  'microsoft.compute/virtualmachines': 'VirtualMachineProperties',
};

function parse(members: string): Map<string, Member> {
  return new Map(
    members.split(' ').map((each) => {
      const [declared = '', since = ''] = each.split('@');
      const [name = '', type] = declared.split(':');
      return [name, { type, since }];
    }),
  );
}

/** A body that is about to be written. */
export interface WrittenBody {
  readonly resourceType: string;
  readonly apiVersion: string;
  readonly body: JsonObject;
  /** The body as it was sent, for the position in the refusal. */
  readonly text: string;
}

/**
 * Throws Azure's refusal of the first member it does not know, at any depth. At the top ARM itself
 * answers `InvalidRequestContent` (azure-powershell#4309); what the provider answers for members of
 * `properties` is from memory: the same words with code `BadRequest`.
 */
export function requireKnownMembers(written: WrittenBody): void {
  const properties = propertiesOf[written.resourceType.toLowerCase()];
  if (properties === undefined) return;
  const top = unknownMember(written.body, 'ResourceDefinition', '', written.apiVersion);
  if (top !== undefined) {
    const message = `The request content was invalid and could not be deserialized: '${told(top, written.text)}'.`;
    throw armError(400, 'InvalidRequestContent', message);
  }
  const sent = written.body.properties;
  if (!isObject(sent)) return;
  const found = unknownMember(sent, properties, 'properties', written.apiVersion);
  if (found === undefined) return;
  throw armError(400, 'BadRequest', told(found, written.text), { target: found.path });
}

interface Unknown {
  readonly name: string;
  readonly type: string;
  readonly path: string;
}

function unknownMember(
  value: Json | undefined,
  type: string,
  path: string,
  apiVersion: string,
): Unknown | undefined {
  if (Array.isArray(value)) {
    return first(
      value.map((each, index) => () => unknownMember(each, type, `${path}[${index}]`, apiVersion)),
    );
  }
  if (!isObject(value)) return undefined;
  return first(
    Object.entries(value).map(([name, inner]) => () => {
      const own = path === '' ? name : `${path}.${name}`;
      const member = memberOf(type, name);
      if (member === undefined || member.since > apiVersion) return { name, type, path: own };
      return member.type === undefined
        ? undefined
        : unknownMember(inner, member.type, own, apiVersion);
    }),
  );
}

/** Azure's deserialiser pays no attention to case. */
function memberOf(type: string, name: string): Member | undefined {
  for (const [known, member] of types[type] ?? []) {
    if (known.toLowerCase() === name.toLowerCase()) return member;
  }
  return undefined;
}

function first<T>(attempts: readonly (() => T | undefined)[]): T | undefined {
  for (const attempt of attempts) {
    const found = attempt();
    if (found !== undefined) return found;
  }
  return undefined;
}

function told({ name, type, path }: Unknown, text: string): string {
  const end = Math.max(0, text.indexOf(`"${name}"`)) + name.length + 2;
  const before = text.slice(0, end).split('\n');
  const position = before.at(-1)?.length ?? 0;
  return (
    `Could not find member '${name}' on object of type '${type}'. Path '${path}', ` +
    `line ${before.length}, position ${position}.`
  );
}
