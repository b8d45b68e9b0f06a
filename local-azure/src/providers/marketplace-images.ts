/**
 * The marketplace, as far as clients ask it about an image before they make a VM of it: every image
 * has one version. Shapes are recorded (test_vm_create_state_modifications); versions are invented.
 */
import { type Arm, type ArmRequest, inSubscription, type Reply } from '../arm.ts';
import { type ImageTraits, marketplaceTraits } from './marketplace.ts';

const SKU =
  'Microsoft.Compute/locations/{location}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}';

/** Registers the list of an image's versions and the GET of one. */
export function registerMarketplaceImages(arm: Arm): void {
  arm.route('GET', inSubscription(`${SKU}/versions`), 'recordings', (request) => {
    const image = read(request);
    const name = image.traits.latest;
    // A bare array: the oldest lists of Compute have no `value`.
    return { status: 200, body: [{ location: image.location, name, id: image.idOf(name) }] };
  });
  arm.route('GET', inSubscription(`${SKU}/versions/{version}`), 'recordings', show);
}

function show(request: ArmRequest): Reply {
  const { location, traits, idOf } = read(request);
  const { name } = request;
  const features =
    traits.hyperVGeneration === 'V2'
      ? [
          ...(traits.securityType === undefined
            ? []
            : [{ name: 'SecurityType', value: traits.securityType }]),
          { name: 'IsAcceleratedNetworkSupported', value: 'True' },
          { name: 'DiskControllerTypes', value: 'SCSI, NVMe' },
        ]
      : [];
  const properties = {
    hyperVGeneration: traits.hyperVGeneration,
    architecture: traits.architecture,
    replicaType: traits.hyperVGeneration === 'V2' ? 'Managed' : 'Unmanaged',
    disallowed: { vmDiskType: traits.hyperVGeneration === 'V2' ? 'Unmanaged' : 'None' },
    automaticOSUpgradeProperties: { automaticOSUpgradeSupported: true },
    imageDeprecationStatus: { imageState: 'Active' },
    ...(features.length === 0 ? {} : { features }),
    osDiskImage: { operatingSystem: traits.osType, ...sizes(traits) },
    dataDiskImages: [],
  };
  return { status: 200, body: { properties, location, name, id: idOf(name) } };
}

/** A VHD has a footer of 512 bytes; a managed replica begins at 1 MB, and says whole gigabytes. */
function sizes({ sizeGB, hyperVGeneration }: ImageTraits) {
  const bytes = sizeGB * 2 ** 30 + 512;
  if (hyperVGeneration === 'V1') return { sizeInBytes: bytes };
  return { sizeInGb: sizeGB + 1, sizeInBytes: bytes + 2 ** 20 };
}

/** The image that is asked for; its ID in the service's own capitals. */
function read({ id, subscriptionId }: ArmRequest) {
  const part = (name: string): string => new RegExp(`/${name}/([^/]+)`, 'i').exec(id)?.[1] ?? '';
  const [publisher, offer, sku] = [part('publishers'), part('offers'), part('skus')];
  const location = part('locations');
  return {
    location,
    traits: marketplaceTraits({ publisher, offer, sku }),
    idOf: (version: string): string =>
      `/Subscriptions/${subscriptionId}/Providers/Microsoft.Compute/Locations/${location}` +
      `/Publishers/${publisher}/ArtifactTypes/VMImage/Offers/${offer}/Skus/${sku}/Versions/${version}`,
  };
}
