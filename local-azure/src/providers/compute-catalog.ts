/** What Microsoft.Compute offers and allows: SKUs and usages. */
import { type Arm, type ArmRequest, inSubscription, type Reply } from '../arm.ts';
import { armError } from '../errors.ts';
import { type JsonObject, textAt } from '../json.ts';
import { compactRegion, findRegion, type Region, regions } from '../regions.ts';
import { DISK_SKUS, ZONE_DISK_SKUS } from '../vm/filled.ts';
import { coreUsages } from '../vm/quota.ts';
import { type OfferedSize, sizesIn, type VmSize } from '../vm/sizes.ts';
import { page } from '../world.ts';

/** Registers the routes. */
export function registerComputeCatalog(arm: Arm): void {
  const skus = inSubscription('Microsoft.Compute/skus');
  arm.route('GET', skus, 'specification', (request) => listSkus(arm, request));
  const usages = inSubscription('Microsoft.Compute/locations/{location}/usages');
  arm.route('GET', usages, 'specification', (request) => listUsages(arm, request));
  const sizes = inSubscription('Microsoft.Compute/locations/{location}/vmSizes');
  arm.route('GET', sizes, 'specification', (request) => {
    const offered = sizesIn(arm.world, request.subscriptionId, request.name);
    return { status: 200, body: page(offered.map(vmSize)) };
  });
}

/** Members: Microsoft.Compute's specification, `VirtualMachineSize`; disk sizes invented. */
const vmSize = ({ name, vCPUs, memoryGB }: VmSize): JsonObject => ({
  name,
  numberOfCores: vCPUs,
  osDiskSizeInMB: 1_047_552,
  resourceDiskSizeInMB: 0,
  memoryInMB: memoryGB * 1024,
  maxDataDiskCount: vCPUs * 2,
});

const SNAPSHOT_SKUS = ['Standard_LRS', 'Premium_LRS'];

/** `location eq '…'` is the one filter the real list knows. */
function listSkus(arm: Arm, request: ArmRequest): Reply {
  const wanted = /location eq '([^']+)'/i.exec(request.query.get('$filter') ?? '')?.[1];
  const chosen =
    wanted === undefined ? regions : [findRegion(wanted)].filter((each) => each !== undefined);
  const skus = chosen.flatMap((region) =>
    skusOf(region, sizesIn(arm.world, request.subscriptionId, region.name)),
  );
  return { status: 200, body: page(skus) };
}

function skusOf(region: Region, sizes: readonly OfferedSize[]): JsonObject[] {
  const disks = [...DISK_SKUS, ...(region.hasZones ? ZONE_DISK_SKUS : [])];
  const snapshots = [...SNAPSHOT_SKUS, ...(region.hasZones ? ['Standard_ZRS'] : [])];
  return [
    ...sizes.map((size) => ({
      ...sku('virtualMachines', size.name, region),
      tier: 'Standard',
      family: size.family,
      capabilities: sizeCapabilities(size),
      restrictions: restrictionsOf(size, region),
    })),
    ...disks.map((name) => sku('disks', name, region)),
    ...snapshots.map((name) => sku('snapshots', name, region)),
  ];
}

/** (azure-rest-api-specs, ComputeRP/skus: `ResourceSkuRestrictions`.) */
function restrictionsOf(size: OfferedSize, { name }: Region): JsonObject[] {
  const { restriction, restrictedZones: zones } = size;
  const reasonCode = restriction ?? 'NotAvailableForSubscription';
  const location = { type: 'Location', values: [name], restrictionInfo: { locations: [name] } };
  const zone = {
    type: 'Zone',
    values: [name],
    restrictionInfo: { locations: [name], zones: [...zones] },
  };
  return [
    ...(restriction === undefined ? [] : [{ ...location, reasonCode }]),
    ...(zones.length === 0 ? [] : [{ ...zone, reasonCode }]),
  ];
}

function sku(resourceType: string, name: string, region: Region): JsonObject {
  const zones = region.hasZones ? ['1', '2', '3'] : [];
  return {
    resourceType,
    name,
    locations: [region.name],
    locationInfo: [{ location: region.name, zones, zoneDetails: [] }],
    capabilities: [],
    restrictions: [],
  };
}

function sizeCapabilities(size: VmSize): JsonObject[] {
  const isArm = size.architecture === 'Arm64';
  const values: Record<string, string> = {
    vCPUs: String(size.vCPUs),
    MemoryGB: String(size.memoryGB),
    MaxDataDiskCount: String(size.vCPUs * 2),
    CpuArchitectureType: size.architecture,
    HyperVGenerations: size.generations,
    DiskControllerTypes: size.diskControllers,
    PremiumIO: /\d[a-z]*s(_v\d)?$|DS\d/.test(size.name) ? 'True' : 'False',
    AcceleratedNetworkingEnabled: 'True',
    EncryptionAtHostSupported: 'True',
    // (azure-docs, trusted-launch-faq: sizes that lack it say so.)
    TrustedLaunchDisabled: isArm ? 'True' : 'False',
    ...(size.isConfidential ? { ConfidentialComputingType: 'SNP' } : {}),
  };
  return Object.entries(values).map(([key, value]) => ({ name: key, value }));
}

/** Limits are a fresh subscription's, from memory, or the world's; what is used is counted. */
function listUsages(arm: Arm, request: ArmRequest): Reply {
  const region = findRegion(request.name);
  if (region === undefined) {
    const message = `The location '${request.name}' is not valid.`;
    throw armError(400, 'InvalidLocation', message);
  }
  const here = arm.world.all().filter((each) => {
    return compactRegion(textAt(each, 'location') ?? '') === region.name;
  });
  const count = (type: string): number =>
    here.filter((each) => each.type.toLowerCase() === `microsoft.compute/${type}`).length;
  const usages = coreUsages(arm.world, request.subscriptionId, region.name);
  return {
    status: 200,
    body: page([
      ...usages.map(({ name, shown, used, limit }) => usage(name, shown, used, limit)),
      usage('StandardSnapshotCount', 'Standard Storage Snapshots', count('snapshots'), 75_000),
      usage('PremiumDiskCount', 'Premium Storage Managed Disks', count('disks'), 50_000),
      usage('Galleries', 'Gallery', count('galleries'), 100),
      usage('GalleryImages', 'Gallery Image', count('galleries/images'), 1_000),
      usage(
        'GalleryImageVersions',
        'Gallery Image Version',
        count('galleries/images/versions'),
        10_000,
      ),
    ]),
  };
}

function usage(
  value: string,
  localizedValue: string,
  currentValue: number,
  limit: number,
): JsonObject {
  return { unit: 'Count', currentValue, limit, name: { value, localizedValue } };
}
