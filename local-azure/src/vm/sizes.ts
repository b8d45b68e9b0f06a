/**
 * The sizes of VMs that every region offers, but for what a world says. Families, memory and what they
 * support are those of the series' pages (azure-compute-docs, articles/virtual-machines/sizes).
 */
import { at, type JsonObject, objectAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import type { World } from '../world.ts';

/** A size of VMs. */
export interface VmSize {
  readonly name: string;
  /** Name of the quota that its cores count for. */
  readonly family: string;
  readonly vCPUs: number;
  readonly memoryGB: number;
  readonly architecture: 'x64' | 'Arm64';
  readonly generations: 'V1,V2' | 'V2';
  /** As the list of SKUs writes them, without blanks. */
  readonly diskControllers: 'SCSI' | 'NVMe' | 'SCSI,NVMe';
  /** Whether confidential VMs can be of it; no others can then. */
  readonly isConfidential: boolean;
}

/** Series: name with `#` for the number of cores, family, GB for a core, and how many cores there are. */
const SERIES: readonly (readonly [
  name: string,
  family: string,
  memory: number,
  cores: readonly number[],
])[] = [
  ['Standard_D#s_v3', 'standardDSv3Family', 4, [2, 4, 8]],
  ['Standard_D#s_v4', 'standardDSv4Family', 4, [2, 4, 8]],
  ['Standard_D#as_v4', 'standardDASv4Family', 4, [2, 4, 8]],
  ['Standard_D#s_v5', 'standardDSv5Family', 4, [2, 4, 8, 16]],
  ['Standard_D#ds_v5', 'standardDDSv5Family', 4, [2, 4, 8]],
  ['Standard_D#as_v5', 'standardDASv5Family', 4, [2, 4, 8]],
  ['Standard_D#ads_v5', 'standardDADSv5Family', 4, [2, 4, 8]],
  ['Standard_D#ls_v5', 'standardDLSv5Family', 2, [2, 4, 8]],
  ['Standard_D#ps_v5', 'standardDPSv5Family', 4, [2, 4, 8]],
  ['Standard_D#pds_v5', 'standardDPDSv5Family', 4, [2, 4, 8]],
  ['Standard_D#s_v6', 'standardDsv6Family', 4, [2, 4, 8]],
  ['Standard_D#ds_v6', 'standardDdsv6Family', 4, [2, 4, 8]],
  ['Standard_D#as_v6', 'standardDav6Family', 4, [2, 4, 8]],
  ['Standard_D#ads_v6', 'standardDadv6Family', 4, [2, 4, 8, 16]],
  ['Standard_D#ps_v6', 'standardDpsv6Family', 4, [2, 4, 8]],
  ['Standard_DC#as_v5', 'standardDCASv5Family', 4, [2, 4, 8]],
  ['Standard_DC#ads_v5', 'standardDCADSv5Family', 4, [2, 4, 8]],
  ['Standard_DC#es_v5', 'standardDCESv5Family', 4, [2, 4, 8]],
  ['Standard_E#s_v3', 'standardESv3Family', 8, [2, 4]],
  ['Standard_E#as_v4', 'standardEASv4Family', 8, [2, 4, 8]],
  ['Standard_E#s_v5', 'standardESv5Family', 8, [2, 4, 8]],
  ['Standard_E#bs_v5', 'standardEBSv5Family', 8, [2, 4]],
  ['Standard_EC#as_v5', 'standardECASv5Family', 8, [2, 4]],
  ['Standard_F#s_v2', 'standardFSv2Family', 2, [2, 4, 8]],
  ['Standard_B#s_v2', 'standardBsv2Family', 4, [2, 4]],
  ['Standard_B#as_v2', 'standardBasv2Family', 4, [2, 4]],
  ['Standard_B#ps_v2', 'standardBpsv2Family', 4, [2, 4]],
  ['Standard_M#ms', 'standardMSFamily', 28, [64]],
];

/** Sizes whose names do not tell their cores. */
const OTHERS: readonly (readonly [name: string, family: string, cores: number, memory: number])[] =
  [
    ['Standard_B1s', 'standardBSFamily', 1, 1],
    ['Standard_B1ms', 'standardBSFamily', 1, 2],
    ['Standard_B2s', 'standardBSFamily', 2, 4],
    ['Standard_B2ms', 'standardBSFamily', 2, 8],
    ['Standard_B4ms', 'standardBSFamily', 4, 16],
    ['Standard_DS3', 'standardDSFamily', 4, 14],
    ['Standard_DS1_v2', 'standardDSv2Family', 1, 3.5],
    ['Standard_DS2_v2', 'standardDSv2Family', 2, 7],
    ['Standard_DS3_v2', 'standardDSv2Family', 4, 14],
    ['Standard_DS4_v2', 'standardDSv2Family', 8, 28],
    ['Standard_A2_v2', 'standardAv2Family', 2, 4],
  ];

const SIZES: readonly VmSize[] = [
  ...SERIES.flatMap(([pattern, family, memory, cores]) =>
    cores.map((count) =>
      sizeOf(pattern.replace('#', String(count)), family, count, count * memory),
    ),
  ),
  ...OTHERS.map(([name, family, cores, memory]) => sizeOf(name, family, cores, memory)),
];

/** What a name tells by its letters and its version (vm-naming-conventions). */
function sizeOf(name: string, family: string, vCPUs: number, memoryGB: number): VmSize {
  const isArm = /\d+p[a-z]*_v/.test(name);
  const isNewest = /_v[67]$/.test(name);
  const isConfidential = /^Standard_[DE]C/.test(name);
  return {
    name,
    family,
    vCPUs,
    memoryGB,
    architecture: isArm ? 'Arm64' : 'x64',
    generations: isArm || isNewest || isConfidential ? 'V2' : 'V1,V2',
    diskControllers: isNewest ? 'NVMe' : /bs_v5$/.test(name) ? 'SCSI,NVMe' : 'SCSI',
    isConfidential,
  };
}

const LOCATIONS = '/providers/Microsoft.Compute/locations';

/** What a world says of a size in a region: `…/locations/{region}/vmSizes/{size}`. */
function saidOf(world: World, subscription: string, region: string, size: string): JsonObject {
  const id = `/subscriptions/${subscription}${LOCATIONS}/${compactRegion(region)}/vmSizes/${size}`;
  return objectAt(world.get(id), 'properties');
}

/** The size of this name, in any case, if there is one. */
export function findSize(name: string): VmSize | undefined {
  return SIZES.find((each) => each.name.toLowerCase() === name.toLowerCase());
}

/** A size that is not listed, as far as its name tells; for a VM of the world that has it. */
export function sizeNamed(name: string): VmSize {
  const known = findSize(name);
  if (known !== undefined) return known;
  const [, series = '', cores = '2', features = '', version = ''] =
    /^Standard_([A-Z]+)(\d+)(?:-\d+)?([a-z]*)(.*)$/.exec(name) ?? [];
  const family = `standard${series}${features.toUpperCase()}${version.replaceAll('_', '')}Family`;
  return sizeOf(name, family, Number(cores), Number(cores) * 4);
}

/** A size in a region of a subscription, and what keeps it from being had there. */
export interface OfferedSize extends VmSize {
  /** `reasonCode` of the list of SKUs, when the subscription cannot have it in the region. */
  readonly restriction: string | undefined;
  /** Zones in which it cannot be had. */
  readonly restrictedZones: readonly string[];
}

/** Sizes of the VMs that a world has in a region: they were to be had there. */
function sizesOfMachines(world: World, region: string): VmSize[] {
  const names = world.all().flatMap((each) => {
    if (each.type.toLowerCase() !== 'microsoft.compute/virtualmachines') return [];
    const isHere = compactRegion(textAt(each, 'location') ?? '') === compactRegion(region);
    const name = isHere ? textAt(each, 'properties', 'hardwareProfile', 'vmSize') : undefined;
    return name === undefined || findSize(name) !== undefined ? [] : [name];
  });
  return [...new Set(names)].map(sizeNamed);
}

/**
 * The sizes that a region offers: those listed, and those of the world's VMs. A world takes one out with
 * `{"offered": false}`, and restricts it with `{"restriction": "NotAvailableForSubscription"}` or
 * `{"restrictedZones": ["1"]}`.
 */
export function sizesIn(world: World, subscription: string, region: string): OfferedSize[] {
  return [...SIZES, ...sizesOfMachines(world, region)].flatMap((size) => {
    const said = saidOf(world, subscription, region, size.name);
    if (said.offered === false) return [];
    const zones = at(said, 'restrictedZones');
    return [
      {
        ...size,
        restriction: typeof said.restriction === 'string' ? said.restriction : undefined,
        restrictedZones: Array.isArray(zones) ? zones.map(String) : [],
      },
    ];
  });
}
