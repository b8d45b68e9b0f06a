/**
 * The marketplace, as far as clients ask it about an image before they make a VM of it: every image
 * has one version. Shapes are the specification's (`VirtualMachineImage`); versions are invented.
 */
import { type Arm, type ArmRequest, inSubscription, type Reply } from '../arm.ts';
import { latestOf, marketplaceTraits } from './marketplace.ts';

const SKU =
  'Microsoft.Compute/locations/{location}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}';

/** Registers the list of an image's versions and the GET of one. */
export function registerMarketplaceImages(arm: Arm): void {
  arm.route('GET', inSubscription(`${SKU}/versions`), 'recordings', (request) => {
    const { location, traits } = read(request.id);
    const name = latestOf(traits);
    // A bare array: the oldest lists of Compute have no `value`.
    return { status: 200, body: [{ location, name, id: `${request.id}/Versions/${name}` }] };
  });
  arm.route('GET', inSubscription(`${SKU}/versions/{version}`), 'recordings', show);
}

function show(request: ArmRequest): Reply {
  const { location, traits } = read(request.id);
  const { osType, hyperVGeneration, sizeGB, architecture } = traits;
  const security = hyperVGeneration === 'V2' ? [{ name: 'SecurityType', value: SUPPORTED }] : [];
  const properties = {
    architecture,
    hyperVGeneration,
    features: [...security, { name: 'DiskControllerTypes', value: 'SCSI, NVMe' }],
    osDiskImage: { operatingSystem: osType, sizeInGb: sizeGB, sizeInBytes: sizeGB * 2 ** 30 + 512 },
    dataDiskImages: [],
    automaticOSUpgradeProperties: { automaticOSUpgradeSupported: true },
  };
  return { status: 200, body: { location, name: request.name, id: request.id, properties } };
}

/** What images of the second generation say of Trusted Launch. */
const SUPPORTED = 'TrustedLaunchAndConfidentialVmSupported';

function read(id: string) {
  const part = (name: string): string => new RegExp(`/${name}/([^/]+)`, 'i').exec(id)?.[1] ?? '';
  const [publisher, offer, sku] = [part('publishers'), part('offers'), part('skus')];
  return { location: part('locations'), traits: marketplaceTraits({ publisher, offer, sku }) };
}
