/** What Microsoft.Compute offers and allows: SKUs and usages. */
import { type Arm, type ArmRequest, inSubscription, type Reply } from '../arm.ts';
import { armError } from '../errors.ts';
import { type JsonObject, textAt } from '../json.ts';
import { compactRegion, findRegion, type Region, regions } from '../regions.ts';
import { page } from '../world.ts';

/** Registers the routes. */
export function registerComputeCatalog(arm: Arm): void {
  arm.route('GET', inSubscription('Microsoft.Compute/skus'), 'specification', listSkus);
  const usages = inSubscription('Microsoft.Compute/locations/{location}/usages');
  arm.route('GET', usages, 'specification', (request) => listUsages(arm, request));
  const sizes = inSubscription('Microsoft.Compute/locations/{location}/vmSizes');
  arm.route('GET', sizes, 'specification', () => ({ status: 200, body: page(SIZES.map(vmSize)) }));
}

/** Members: Microsoft.Compute's specification, `VirtualMachineSize`; disk sizes invented. */
const vmSize = ([name, , vCPUs, memoryGB]: (typeof SIZES)[number]): JsonObject => ({
  name,
  numberOfCores: vCPUs,
  osDiskSizeInMB: 1_047_552,
  resourceDiskSizeInMB: 0,
  memoryInMB: memoryGB * 1024,
  maxDataDiskCount: vCPUs * 2,
});

/** Sizes that the default world and tests use; capabilities as the real list names them. */
const SIZES: readonly (readonly [name: string, family: string, vCPUs: number, memoryGB: number])[] =
  [
    ['Standard_B2s', 'standardBSFamily', 2, 4],
    ['Standard_DS1_v2', 'standardDSv2Family', 1, 3.5],
    ['Standard_D2s_v5', 'standardDSv5Family', 2, 8],
    ['Standard_D4s_v5', 'standardDSv5Family', 4, 16],
    ['Standard_D2ps_v5', 'standardDPSv5Family', 2, 8],
  ];

const DISK_SKUS = [
  'Standard_LRS',
  'StandardSSD_LRS',
  'Premium_LRS',
  'PremiumV2_LRS',
  'UltraSSD_LRS',
];
const ZONE_DISK_SKUS = ['StandardSSD_ZRS', 'Premium_ZRS'];
const SNAPSHOT_SKUS = ['Standard_LRS', 'Premium_LRS'];

/** `location eq '…'` is the one filter the real list knows. */
function listSkus(request: ArmRequest): Reply {
  const wanted = /location eq '([^']+)'/i.exec(request.query.get('$filter') ?? '')?.[1];
  const chosen =
    wanted === undefined ? regions : [findRegion(wanted)].filter((each) => each !== undefined);
  return { status: 200, body: page(chosen.flatMap(skusOf)) };
}

function skusOf(region: Region): JsonObject[] {
  const disks = [...DISK_SKUS, ...(region.hasZones ? ZONE_DISK_SKUS : [])];
  const snapshots = [...SNAPSHOT_SKUS, ...(region.hasZones ? ['Standard_ZRS'] : [])];
  return [
    ...SIZES.map(([name, family, vCPUs, memoryGB]) => ({
      ...sku('virtualMachines', name, region),
      tier: 'Standard',
      family,
      capabilities: sizeCapabilities(name, vCPUs, memoryGB),
    })),
    ...disks.map((name) => sku('disks', name, region)),
    ...snapshots.map((name) => sku('snapshots', name, region)),
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

function sizeCapabilities(name: string, vCPUs: number, memoryGB: number): JsonObject[] {
  const arm64 = /ps_v5$/.test(name);
  const values: Record<string, string> = {
    vCPUs: String(vCPUs),
    MemoryGB: String(memoryGB),
    MaxDataDiskCount: String(vCPUs * 2),
    CpuArchitectureType: arm64 ? 'Arm64' : 'x64',
    HyperVGenerations: arm64 ? 'V2' : 'V1,V2',
    PremiumIO: 'True',
    AcceleratedNetworkingEnabled: 'True',
    EncryptionAtHostSupported: 'True',
    TrustedLaunchDisabled: arm64 ? 'True' : 'False',
  };
  return Object.entries(values).map(([key, value]) => ({ name: key, value }));
}

/** Limits are a fresh subscription's, from memory; what is used is counted. */
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
  const vms = count('virtualmachines');
  return {
    status: 200,
    body: page([
      usage('cores', 'Total Regional vCPUs', vms * 2, 100),
      usage('virtualMachines', 'Virtual Machines', vms, 25_000),
      usage('standardDSv5Family', 'Standard DSv5 Family vCPUs', vms * 2, 100),
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
