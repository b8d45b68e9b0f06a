/** What a VM is made from: what kind of image, and whether it can be had where the VM is to be. */
import type { Arm } from '../arm.ts';
import { parentId, parseId } from '../arm-id.ts';
import { compareVersions, definitionAt } from '../definition-features.ts';
import { armError, concurrentRequest } from '../errors.ts';
import { type Json, type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { diskPropertiesOf, marketplaceTraits } from '../providers/marketplace.ts';
import { compactRegion } from '../regions.ts';
import type { Resource, World } from '../world.ts';
import {
  checkGeneration,
  checkPlan,
  checkSecurityType,
  featureOf,
  imageNotFound,
  notInRegion,
} from './image-refusals.ts';

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
  /** The SKU that a managed image names for its OS disk. */
  readonly osDiskSku?: string | undefined;
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
  readonly sku?: string | undefined;
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
  // A version that is being made does not tell its disks yet, and has them.
  const profile = arm.contents.profileOf(version.id) ?? version.properties.storageProfile;
  const os = objectAt(profile, 'osDiskImage');
  const data = objectsAt(profile, 'dataDiskImages');
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
    // A VM that names no SKU takes the image's (recorded 2024, azure-cli's test_vm_custom_image).
    osDiskSku: textAt(os, 'storageAccountType'),
    // (Recorded 2018 to 2024 of every VM of a managed image, test_custom_image.)
    osDiskPart: 'disk1',
    dataDisks: objectsAt(image, 'properties', 'storageProfile', 'dataDisks').map((each) => ({
      lun: numberAt(each, 'lun') ?? 0,
      sizeGB: numberAt(each, 'diskSizeGB') ?? 32,
      caching: textAt(each, 'caching') ?? 'None',
      sku: textAt(each, 'storageAccountType'),
    })),
  };
}

/** A definition that says nothing of it has SCSI (azure-docs, enable-nvme-faqs). */
function controllersOf(value: string | undefined): string[] {
  return (value ?? 'SCSI').split(',').map((each) => each.trim());
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
