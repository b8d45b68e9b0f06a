/**
 * The types of the bodies of writes: which members they have, of what kind, since when. Names are
 * from Azure's specifications (gallery 2025-12-03 and 2026-03-03, disks 2026-03-02, VMs 2026-03-01)
 * and include what is only ever answered, because clients send back what they have read.
 */

/** What a member's value is; `texts` is an object of texts, `any` is not looked into. */
export type Kind =
  | 'text'
  | 'number'
  | 'flag'
  | 'object'
  | 'texts'
  | 'list'
  | 'list of texts'
  | 'any';

export interface Member {
  readonly kind: Kind;
  /** Type of the object, or of the list's objects; undefined: not looked into. */
  readonly type: string | undefined;
  /** First API version that has it. */
  readonly since: string;
}

interface Type {
  readonly members: ReadonlyMap<string, Member>;
  /** Whether there are members beside those listed. */
  readonly isOpen: boolean;
}

/**
 * Members, separated by blanks: `name` is a text, `name#` a number, `name?` a flag, `name{}` an object,
 * `name~` one of texts, `name[]` a list, `name[~]` one of texts, `name*` not looked into; `name:Type` is an object of
 * that type and `name:Type[]` a list of such; `@` and the first API version that has it come last.
 * `…` at the end: there are others.
 */
const declared: Readonly<Record<string, string>> = {
  ResourceDefinition:
    'id name type location tags~ sku:Sku kind plan:ImagePurchasePlan properties{} identity:Identity ' +
    'zones[~] scale* ' +
    'managedBy managedByExtended[] extendedLocation{} etag resources[] systemData{} apiVersion ' +
    'placement{}',
  Sku: 'name tier capacity# …',
  Identity: 'type principalId tenantId userAssignedIdentities{} …',
  GalleryProperties:
    'description identifier{} provisioningState sharingProfile{}@2020-09-30 ' +
    'softDeletePolicy:SoftDeletePolicy@2021-07-01 sharingStatus{}',
  SoftDeletePolicy: 'isSoftDeleteEnabled? …',
  SharingUpdate: 'operationType groups:SharingProfileGroup[] …',
  SharingProfileGroup: 'type ids[~] …',
  GalleryImageProperties:
    'description eula privacyStatementUri releaseNoteUri osType osState endOfLifeDate ' +
    'identifier:GalleryImageIdentifier recommended:RecommendedMachineConfiguration ' +
    'disallowed:Disallowed purchasePlan:ImagePurchasePlan provisioningState ' +
    'hyperVGeneration@2019-07-01 features:GalleryImageFeature[]@2020-09-30 architecture@2021-10-01 ' +
    'allowUpdateImage?',
  GalleryImageIdentifier: 'publisher offer sku …',
  RecommendedMachineConfiguration: 'vCPUs:ResourceRange memory:ResourceRange …',
  ResourceRange: 'min# max# …',
  Disallowed: 'diskTypes[~] …',
  ImagePurchasePlan: 'name publisher product …',
  GalleryImageFeature: 'name value startsAtVersion',
  GalleryImageVersionProperties:
    'publishingProfile:GalleryImageVersionPublishingProfile provisioningState replicationStatus{} ' +
    'storageProfile:GalleryImageVersionStorageProfile ' +
    'safetyProfile:GalleryImageVersionSafetyProfile@2022-03-03 securityProfile{} restore? ' +
    'validationsProfile{} imageMetadataProfiles*@2026-03-03',
  GalleryImageVersionPublishingProfile:
    'targetRegions:TargetRegion[] replicaCount# excludeFromLatest? publishedDate endOfLifeDate ' +
    'storageAccountType replicationMode@2021-07-01 targetExtendedLocations[] ' +
    'storageAccountStrategy@2025-03-03 source*',
  TargetRegion:
    'name regionalReplicaCount# storageAccountType encryption:EncryptionImages excludeFromLatest? ' +
    'additionalReplicaSets[]',
  EncryptionImages: 'osDiskImage:OSDiskImageEncryption dataDiskImages:DataDiskImageEncryption[]',
  OSDiskImageEncryption: 'diskEncryptionSetId securityProfile{}',
  DataDiskImageEncryption: 'diskEncryptionSetId lun# securityProfile{}',
  GalleryImageVersionStorageProfile:
    'source:GalleryArtifactVersionFullSource osDiskImage:GalleryDiskImage ' +
    'dataDiskImages:GalleryDiskImage[]',
  GalleryArtifactVersionFullSource: 'id virtualMachineId@2023-07-03 communityGalleryImageId',
  GalleryDiskImage: 'lun# sizeInGB# hostCaching source:GalleryDiskImageSource',
  GalleryDiskImageSource: 'id uri storageAccountId',
  GalleryImageVersionSafetyProfile:
    'allowDeletionOfReplicatedLocations? reportedForPolicyViolation? policyViolations[] ' +
    'blockDeletionBeforeEndOfLife?@2024-03-03',
  DiskProperties:
    'timeCreated osType hyperVGeneration purchasePlan{} supportedCapabilities:SupportedCapabilities ' +
    'creationData:CreationData diskSizeGB# diskSizeBytes# uniqueId encryptionSettingsCollection{} ' +
    'encryptionSettings{} provisioningState diskIOPSReadWrite# diskMBpsReadWrite# diskIOPSReadOnly# ' +
    'diskMBpsReadOnly# diskState encryption:Encryption maxShares# shareInfo[] networkAccessPolicy ' +
    'diskAccessId burstingEnabledTime tier burstingEnabled? propertyUpdatesInProgress{} ' +
    'supportsHibernation? securityProfile:DiskSecurityProfile completionPercent# publicNetworkAccess ' +
    'dataAccessAuthMode optimizedForFrequentAttach? LastOwnershipUpdateTime availabilityPolicy{}',
  SnapshotProperties:
    'timeCreated osType hyperVGeneration purchasePlan{} supportedCapabilities:SupportedCapabilities ' +
    'creationData:CreationData diskSizeGB# diskSizeBytes# diskState uniqueId ' +
    'encryptionSettingsCollection{} encryptionSettings{} provisioningState incremental? ' +
    'incrementalSnapshotFamilyId encryption:Encryption networkAccessPolicy diskAccessId ' +
    'securityProfile:DiskSecurityProfile supportsHibernation? publicNetworkAccess completionPercent# ' +
    'copyCompletionError{} dataAccessAuthMode snapshotAccessState',
  SupportedCapabilities: 'diskControllerTypes acceleratedNetwork? architecture …',
  DiskSecurityProfile: 'securityType secureVMDiskEncryptionSetId …',
  CreationData:
    'createOption storageAccountId imageReference{} galleryImageReference{} sourceUri ' +
    'sourceResourceId sourceUniqueId uploadSizeBytes# logicalSectorSize# securityDataUri ' +
    'securityMetadataUri performancePlus? elasticSanResourceId provisionedBandwidthCopySpeed ' +
    'instantAccessDurationMinutes#',
  Encryption: 'diskEncryptionSetId type …',
  GrantAccessData: 'access durationInSeconds# fileFormat getSecureVMGuestStateSAS? …',
  EncryptionSetProperties:
    'encryptionType activeKey:KeyForDiskEncryptionSet rotationToLatestKeyVersionEnabled? ' +
    'federatedClientId …',
  KeyForDiskEncryptionSet: 'sourceVault:SubResource keyUrl …',
  SubResource: 'id …',
  ImageProperties:
    'sourceVirtualMachine:SubResource storageProfile:ImageStorageProfile provisioningState ' +
    'hyperVGeneration',
  ImageStorageProfile: 'osDisk:ImageDisk dataDisks:ImageDisk[] zoneResilient? …',
  ImageDisk:
    'lun# osType osState snapshot:SubResource managedDisk:SubResource blobUri caching diskSizeGB# ' +
    'storageAccountType diskEncryptionSet:SubResource …',
  VirtualMachineProperties:
    'hardwareProfile:HardwareProfile scheduledEventsPolicy{} storageProfile:StorageProfile ' +
    'additionalCapabilities{} osProfile:OSProfile networkProfile:NetworkProfile ' +
    'securityProfile:SecurityProfile diagnosticsProfile:DiagnosticsProfile ' +
    'availabilitySet:SubResource virtualMachineScaleSet:SubResource ' +
    'proximityPlacementGroup:SubResource priority evictionPolicy billingProfile:BillingProfile ' +
    'host:SubResource hostGroup:SubResource provisioningState instanceView{} licenseType vmId ' +
    'extensionsTimeBudget platformFaultDomain# scheduledEventsProfile{} userData ' +
    'capacityReservation{} applicationProfile{} timeCreated resiliencyProfile{} ' +
    'interconnectBlockProfile{}',
  HardwareProfile: 'vmSize vmSizeProperties{} …',
  BillingProfile: 'maxPrice# …',
  OSProfile:
    'computerName adminUsername adminPassword customData windowsConfiguration{} ' +
    'linuxConfiguration:LinuxConfiguration secrets[] allowExtensionOperations? ' +
    'requireGuestProvisionSignal? …',
  LinuxConfiguration: 'disablePasswordAuthentication? ssh:SshConfiguration provisionVMAgent? …',
  SshConfiguration: 'publicKeys[] …',
  NetworkProfile:
    'networkInterfaces:NetworkInterfaceReference[] networkApiVersion ' +
    'networkInterfaceConfigurations[] …',
  NetworkInterfaceReference: 'id properties:NetworkInterfaceReferenceProperties …',
  NetworkInterfaceReferenceProperties: 'primary? deleteOption …',
  SecurityProfile: 'securityType uefiSettings:UefiSettings encryptionAtHost? …',
  UefiSettings: 'secureBootEnabled? vTpmEnabled? …',
  DiagnosticsProfile: 'bootDiagnostics:BootDiagnostics …',
  BootDiagnostics: 'enabled? storageUri …',
  StorageProfile:
    'imageReference:ImageReference osDisk:VMDisk dataDisks:VMDisk[] diskControllerType ' +
    'alignRegionalDisksToVMZone?',
  ImageReference: 'id publisher offer sku version exactVersion …',
  VMDisk:
    'lun# osType encryptionSettings{} name vhd{} image{} caching writeAcceleratorEnabled? ' +
    'diffDiskSettings{} createOption diskSizeGB# managedDisk:ManagedDiskParameters deleteOption ' +
    'toBeDetached? diskIOPSReadWrite# diskMBpsReadWrite# detachOption sourceResource:SubResource ' +
    'storageFaultDomainAlignment',
  ManagedDiskParameters: 'id storageAccountType diskEncryptionSet:SubResource securityProfile{} …',
  RunCommandInput: 'commandId script[~] parameters:RunCommandInputParameter[] …',
  RunCommandInputParameter: 'name value …',
  RunCommandProperties:
    'source:RunCommandScriptSource parameters:RunCommandInputParameter[] ' +
    'protectedParameters:RunCommandInputParameter[] asyncExecution? runAsUser runAsPassword ' +
    'timeoutInSeconds# outputBlobUri errorBlobUri treatFailureAsDeploymentFailure? …',
  RunCommandScriptSource: 'script scriptUri commandId …',
  AttachDetachDataDisksRequest:
    'dataDisksToAttach:DataDisksToAttach[] dataDisksToDetach:DataDisksToDetach[] …',
  DataDisksToAttach: 'diskId lun# caching deleteOption …',
  DataDisksToDetach: 'diskId detachOption …',
  InstallPatchesInput: 'maximumDuration rebootSetting windowsParameters{} linuxParameters{} …',
  ScaleSetProperties: 'virtualMachineProfile:ScaleSetVMProfile …',
  ScaleSetVMProfile: 'storageProfile:ScaleSetStorageProfile …',
  ScaleSetStorageProfile: 'imageReference:ImageReference …',
  NetworkInterfaceProperties:
    'ipConfigurations:IPConfiguration[] enableAcceleratedNetworking? enableIPForwarding? ' +
    'networkSecurityGroup:SubResource …',
  IPConfiguration: 'id name properties:IPConfigurationProperties …',
  IPConfigurationProperties:
    'subnet:SubResource publicIPAddress:SubResource privateIPAddress privateIPAllocationMethod ' +
    'primary? …',
  VirtualNetworkProperties: 'addressSpace:AddressSpace subnets:Subnet[] …',
  AddressSpace: 'addressPrefixes[~] …',
  Subnet: 'id name properties:SubnetProperties …',
  SubnetProperties: 'addressPrefix networkSecurityGroup:SubResource …',
  LockProperties: 'level notes …',
  RoleAssignmentProperties: 'roleDefinitionId principalId principalType scope …',
  RoleDefinitionProperties:
    'roleName description type assignableScopes[~] permissions:Permission[] …',
  Permission: 'actions[~] notActions[~] dataActions[~] notDataActions[~] …',
  // The resources may be an object by symbolic names; what stands in one may be an expression.
  DeploymentProperties: 'mode parameters{} template:Template …',
  Template: 'parameters{} resources* …',
};

const KINDS: readonly (readonly [ending: string, kind: Kind])[] = [
  ['#', 'number'],
  ['?', 'flag'],
  ['{}', 'object'],
  ['[~]', 'list of texts'],
  ['[]', 'list'],
  ['~', 'texts'],
  ['*', 'any'],
];

/** Every type by its name. */
export const types: ReadonlyMap<string, Type> = new Map(
  Object.entries(declared).map(([name, members]) => [name, parse(members)]),
);

/** Type of `properties` by resource type in lower case; that of any other is not looked into. */
export const propertiesOf: ReadonlyMap<string, string> = new Map([
  ['microsoft.compute/galleries', 'GalleryProperties'],
  ['microsoft.compute/galleries/images', 'GalleryImageProperties'],
  ['microsoft.compute/galleries/images/versions', 'GalleryImageVersionProperties'],
  ['microsoft.compute/disks', 'DiskProperties'],
  ['microsoft.compute/snapshots', 'SnapshotProperties'],
  ['microsoft.compute/diskencryptionsets', 'EncryptionSetProperties'],
  ['microsoft.compute/images', 'ImageProperties'],
  ['microsoft.compute/virtualmachines', 'VirtualMachineProperties'],
  ['microsoft.compute/virtualmachines/runcommands', 'RunCommandProperties'],
  ['microsoft.compute/virtualmachinescalesets', 'ScaleSetProperties'],
  ['microsoft.network/networkinterfaces', 'NetworkInterfaceProperties'],
  ['microsoft.network/virtualnetworks', 'VirtualNetworkProperties'],
  ['microsoft.network/virtualnetworks/subnets', 'SubnetProperties'],
  ['microsoft.authorization/locks', 'LockProperties'],
  ['microsoft.authorization/roleassignments', 'RoleAssignmentProperties'],
  ['microsoft.authorization/roledefinitions', 'RoleDefinitionProperties'],
  ['microsoft.resources/deployments', 'DeploymentProperties'],
]);

/** Type of the body of an action, by its name in lower case. */
export const inputOf: ReadonlyMap<string, string> = new Map([
  ['runcommand', 'RunCommandInput'],
  ['attachdetachdatadisks', 'AttachDetachDataDisksRequest'],
  ['begingetaccess', 'GrantAccessData'],
  ['share', 'SharingUpdate'],
  ['installpatches', 'InstallPatchesInput'],
]);

function parse(text: string): Type {
  const words = text.split(' ');
  const isOpen = words.at(-1) === '…';
  const members = (isOpen ? words.slice(0, -1) : words).map((word): [string, Member] => {
    const [declaration = '', since = ''] = word.split('@');
    const [ending, kind] = KINDS.find(([each]) => declaration.endsWith(each)) ?? ['', undefined];
    const [name = '', type] = declaration.slice(0, declaration.length - ending.length).split(':');
    return [name, { kind: kind ?? (type === undefined ? 'text' : 'object'), type, since }];
  });
  return { members: new Map(members), isOpen };
}
