/** What a VM is made from: what kind of image, and whether it can be had where the VM is to be. */
import type { Arm } from '../arm.ts';
import { idKey, parentId, parseId } from '../arm-id.ts';
import { compareVersions, definitionAt } from '../definition-features.ts';
import { armError, concurrentRequest } from '../errors.ts';
import {
  isObject,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../json.ts';
import { diskPropertiesOf, marketplaceTraits } from '../providers/marketplace.ts';
import { compactRegion } from '../regions.ts';
import type { Resource, World } from '../world.ts';

/** What matters of an image to the VM made from it. */
export interface ImageSource {
  readonly osType: string;
  /** Undefined for a disk that is attached. */
  readonly osState: 'Generalized' | 'Specialized' | undefined;
  readonly generation: string;
  readonly exactVersion: string | undefined;
  readonly architecture: string;
  /** How its disks can be attached: SCSI, NVMe or both. */
  readonly diskControllers: readonly string[];
  readonly osDiskSizeGB: number;
  readonly dataDisks: readonly ImageDataDisk[];
  /** The version, managed image or disk that holds the guest; undefined for a marketplace image. */
  readonly contentId: string | undefined;
  /** What the OS disk is called after the VM; `OsDisk_1` when left out. */
  readonly osDiskPart?: string;
  /** What the OS disk takes over from a marketplace image, and says of it. */
  readonly diskProperties?: JsonObject;
  readonly creationData?: JsonObject;
}

/** A data disk that an image brings. */
export interface ImageDataDisk {
  readonly lun: number;
  readonly sizeGB: number;
  readonly caching?: string;
}

/** The VM that is to be made. */
interface Planned {
  readonly id: string;
  readonly location: string;
  readonly plan?: Json | undefined;
}

/** The source named in a VM's storage profile; throws Azure's refusal of an unusable one. */
export function imageSource(arm: Arm, properties: JsonObject, planned: Planned): ImageSource {
  const { world } = arm;
  const reference = objectAt(properties, 'storageProfile', 'imageReference');
  const id = textAt(reference, 'id');
  if (id === undefined) return otherSource(world, properties, planned);
  const { type } = parseId(id);
  if (type.toLowerCase() === 'microsoft.compute/images') return managedImage(world, id, properties);
  const version = galleryVersion(arm, id, planned.location);
  const definition = definitionAt(world.get(parentId(version.id)), version.name);
  checkSecurityType(definition, properties);
  checkPlan(definition, planned);
  checkGeneration(properties, textAt(definition, 'properties', 'hyperVGeneration') ?? 'V2');
  const os = objectAt(version, 'properties', 'storageProfile', 'osDiskImage');
  const data = objectsAt(version, 'properties', 'storageProfile', 'dataDiskImages');
  return {
    osType: textAt(definition, 'properties', 'osType') ?? 'Linux',
    osState: (textAt(definition, 'properties', 'osState') ?? 'Generalized') as 'Generalized',
    generation: textAt(definition, 'properties', 'hyperVGeneration') ?? 'V2',
    exactVersion: version.name,
    contentId: version.id,
    architecture: textAt(definition, 'properties', 'architecture') ?? 'x64',
    diskControllers: controllersOf(featureOf(definition, 'DiskControllerTypes')),
    osDiskSizeGB: numberAt(os, 'sizeInGB') ?? 30,
    dataDisks: data.map((each) => ({
      lun: numberAt(each, 'lun') ?? 0,
      sizeGB: numberAt(each, 'sizeInGB') ?? 32,
    })),
  };
}

/** A marketplace image, or a disk that is attached. */
function otherSource(world: World, properties: JsonObject, planned: Planned): ImageSource {
  const profile = objectAt(properties, 'storageProfile');
  const entry = objectAt(profile, 'osDisk');
  const disk = world.get(textAt(entry, 'managedDisk', 'id') ?? '');
  const reference = objectAt(profile, 'imageReference');
  const traits = marketplaceTraits(reference);
  const isMarketplace = reference.publisher !== undefined;
  const exact = textAt(reference, 'version') === 'latest' ? traits.latest : reference.version;
  return {
    osType: textAt(entry, 'osType') ?? textAt(disk, 'properties', 'osType') ?? traits.osType,
    osState: textAt(entry, 'createOption') === 'Attach' ? undefined : 'Generalized',
    generation:
      textAt(disk, 'properties', 'hyperVGeneration') ??
      (isMarketplace ? traits.hyperVGeneration : 'V1'),
    contentId: disk?.id,
    exactVersion: isMarketplace && typeof exact === 'string' ? exact : undefined,
    architecture:
      textAt(disk, 'properties', 'supportedCapabilities', 'architecture') ?? traits.architecture,
    diskControllers: controllersOf(
      disk === undefined && isMarketplace
        ? traits.hyperVGeneration === 'V2'
          ? 'SCSI, NVMe'
          : undefined
        : textAt(disk, 'properties', 'supportedCapabilities', 'diskControllerTypes'),
    ),
    osDiskSizeGB: numberAt(disk, 'properties', 'diskSizeGB') ?? traits.sizeGB,
    dataDisks: [],
    ...(isMarketplace ? { diskProperties: diskPropertiesOf(traits) } : {}),
    ...(isMarketplace
      ? { creationData: { imageReference: { id: longId(reference, planned, exact) } } }
      : {}),
  };
}

/** How a disk names the marketplace image it is made from (recorded). */
function longId(reference: JsonObject, { id, location }: Planned, version: unknown): string {
  const { subscriptionId } = parseId(id);
  const { publisher, offer, sku } = reference;
  return (
    `/Subscriptions/${subscriptionId}/Providers/Microsoft.Compute/Locations/${compactRegion(location)}` +
    `/Publishers/${publisher}/ArtifactTypes/VMImage/Offers/${offer}/Skus/${sku}/Versions/${version}`
  );
}

function managedImage(world: World, id: string, properties: JsonObject): ImageSource {
  const image = world.get(id);
  if (image === undefined) throw imageNotFound(id);
  const os = objectAt(image, 'properties', 'storageProfile', 'osDisk');
  // (azure-cli, test_vmss_update_image, seen of a scale set.)
  if (textAt(properties, 'securityProfile', 'securityType') === 'TrustedLaunch') {
    const message =
      'Managed Images are not supported for virtual machines with security type TrustedLaunch.';
    throw armError(400, 'BadRequest', message);
  }
  checkGeneration(properties, textAt(image, 'properties', 'hyperVGeneration') ?? 'V1');
  return {
    osType: textAt(os, 'osType') ?? 'Linux',
    osState: (textAt(os, 'osState') ?? 'Generalized') as 'Generalized',
    generation: textAt(image, 'properties', 'hyperVGeneration') ?? 'V1',
    exactVersion: undefined,
    contentId: id,
    // Managed images are of x64 disks (packer-plugin-azure#286), and say nothing of NVMe.
    architecture: 'x64',
    diskControllers: ['SCSI'],
    osDiskSizeGB: numberAt(os, 'diskSizeGB') ?? 30,
    // (Recorded 2018 to 2024 of every VM of a managed image, test_custom_image.)
    osDiskPart: 'disk1',
    dataDisks: objectsAt(image, 'properties', 'storageProfile', 'dataDisks').map((each) => ({
      lun: numberAt(each, 'lun') ?? 0,
      sizeGB: numberAt(each, 'diskSizeGB') ?? 32,
      caching: textAt(each, 'caching') ?? 'None',
    })),
  };
}

/** A definition that says nothing of it has SCSI (azure-docs, enable-nvme-faqs). */
function controllersOf(value: string | undefined): string[] {
  return (value ?? 'SCSI').split(',').map((each) => each.trim());
}

function featureOf(definition: Resource | undefined, name: string): string | undefined {
  const features = objectsAt(definition, 'properties', 'features');
  return textAt(
    features.find((each) => each.name === name),
    'value',
  );
}

/** The version itself, whatever it is excluded from, or the newest that is not excluded from `latest`. */
function galleryVersion(arm: Arm, id: string, location: string): Resource {
  const { world, unknowns } = arm;
  const { names } = parseId(id);
  if (names.length === 3) {
    const version = world.get(id);
    if (version !== undefined && version.properties.provisioningState !== 'Deleting') {
      if (availableIn(version, location)) return version;
      if (unknowns.vmOfUnfinishedVersion === 'conflict' && isOnItsWay(version, location))
        throw concurrentRequest();
    }
    throw notInRegion(id, location);
  }
  const versions = world
    .list(id, 'Microsoft.Compute/galleries/images/versions')
    .filter((each) => textAt(each, 'properties', 'provisioningState') === 'Succeeded')
    .filter((each) => availableIn(each, location) && !excluded(each, location))
    .sort((a, b) => compareVersions(b.name, a.name));
  const [newest] = versions;
  if (newest !== undefined) return newest;
  // (troubleshooting-shared-images.md; status and code inferred.)
  const message = `There is no latest image version exists for "${id}"`;
  throw armError(404, 'GalleryImageNotFound', message, { target: 'imageReference' });
}

function isOnItsWay(version: Resource, location: string): boolean {
  const summary = objectsAt(version, 'properties', 'replicationStatus', 'summary');
  return summary.some(
    (each) =>
      compactRegion(textAt(each, 'region') ?? '') === compactRegion(location) &&
      each.state === 'Replicating',
  );
}

/** A region can lag behind the version's own success (AgentBaker#8373). */
function availableIn(version: Resource, location: string): boolean {
  const isHere = (name: unknown) =>
    typeof name === 'string' && compactRegion(name) === compactRegion(location);
  const summary = objectsAt(version, 'properties', 'replicationStatus', 'summary');
  if (summary.length > 0) {
    return summary.some((each) => isHere(each.region) && each.state === 'Completed');
  }
  // A world's version that says nothing of its replication is where it says it is.
  const targets = objectsAt(version, 'properties', 'publishingProfile', 'targetRegions');
  return targets.some((each) => isHere(each.name));
}

function excluded(version: Resource, location: string): boolean {
  const profile = objectAt(version, 'properties', 'publishingProfile');
  const region = objectsAt(profile, 'targetRegions').find(
    (each) => compactRegion(textAt(each, 'name') ?? '') === compactRegion(location),
  );
  return (region?.excludeFromLatest ?? profile.excludeFromLatest) === true;
}

/**
 * (terraform-provider-azurerm#23148; that an image must support Trusted Launch: terraform-provider-
 * azurerm#21588 and many others, code from memory.)
 */
function checkSecurityType(definition: Resource | undefined, properties: JsonObject): void {
  const allowed = featureOf(definition, 'SecurityType');
  const type = textAt(properties, 'securityProfile', 'securityType');
  const isExact = allowed === 'TrustedLaunch' || allowed === 'ConfidentialVM';
  if (isExact && type !== allowed) {
    const message =
      'The provided gallery image only supports creation of VMs and VM Scale Sets with ' +
      `'${allowed}' security type.`;
    throw armError(400, 'BadRequest', message);
  }
  if (type === 'TrustedLaunch' && !/^TrustedLaunch/.test(allowed ?? '')) {
    const message =
      'Use of TrustedLaunch setting is not supported for the provided image. Please select Trusted ' +
      'Launch Supported Gen2 OS Image. For more information, see https://aka.ms/TrustedLaunch-FAQ.';
    throw armError(400, 'BadRequest', message);
  }
}

/** (missionlz#1192, azure-rest-api-specs#22133; that it comes at once is inferred. The second from memory.) */
function checkPlan(definition: Resource | undefined, { id, plan }: Planned): void {
  const wanted = objectAt(definition, 'properties', 'purchasePlan');
  if (wanted.name === undefined) return;
  if (!isObject(plan)) {
    const message =
      'Creating a virtual machine from Marketplace image or a custom image sourced from a Marketplace ' +
      `image requires Plan information in the request. VM: '${id}'.`;
    throw armError(400, 'VMMarketplaceInvalidInput', message);
  }
  if (['name', 'publisher', 'product'].every((key) => plan[key] === wanted[key])) return;
  const message =
    'Unable to deploy from the Marketplace image or a custom image sourced from Marketplace image. ' +
    `The part number in the purchase information for VM '${id}' is not as expected. Beware that the ` +
    "Purchase object's properties are case-sensitive.";
  throw armError(400, 'VMMarketplaceInvalidInput', message);
}

/** The sizes of the newest series, v6 and v7, boot the second generation only (sizes/overview). */
const secondOnly = /_v[67]$/i;

/** (azure-cli, test_vmss_update_image; redhat-developer/mapt#489.) */
function checkGeneration(properties: JsonObject, generation: string): void {
  if (generation !== 'V1') return;
  if (objectAt(properties, 'securityProfile').uefiSettings !== undefined) {
    const message =
      'UEFI settings are not supported for VMs and VM Scale Sets using Generation 1 Image.';
    throw armError(400, 'BadRequest', message);
  }
  const size = textAt(properties, 'hardwareProfile', 'vmSize') ?? '';
  if (!secondOnly.test(size)) return;
  throw armError(
    400,
    'BadRequest',
    `The selected VM size '${size}' cannot boot Hypervisor Generation '1'. If this was a Create ` +
      'operation please check that the Hypervisor Generation of the Image matches the Hypervisor ' +
      'Generation of the selected VM Size. If this was an Update operation please select a ' +
      "Hypervisor Generation '1' VM Size. For more information, see https://aka.ms/azuregen2vm",
  );
}

/** (cloud-api-adaptor#1709: the quotation marks are in the text.) */
function notInRegion(id: string, location: string): Error {
  const message =
    `"The gallery image ${id} is not available in ${compactRegion(location)} region. Please ` +
    'contact image owner to replicate to this region, or change your requested region."';
  return armError(404, 'GalleryImageNotFound', message, { target: 'imageReference' });
}

function imageNotFound(id: string): Error {
  const name = idKey(id).split('/').at(-1) ?? id;
  return armError(404, 'NotFound', `The Image '${name}' was not found.`);
}
