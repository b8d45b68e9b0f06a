/**
 * What can be told of a marketplace image from its name. The catalogue itself is not modelled:
 * sizes and capabilities are those of the images in the recordings, by kind.
 */
import { type JsonObject, textAt } from '../json.ts';

/** What a disk takes over from the image it is made from, and what else names tell. */
export interface ImageTraits {
  /** The one version that the image has here. */
  readonly latest: string;
  /** Value of the feature `SecurityType`, where it has one. */
  readonly securityType?: string;
  readonly osType: 'Linux' | 'Windows';
  readonly hyperVGeneration: 'V1' | 'V2';
  readonly sizeGB: number;
  readonly architecture: 'x64' | 'Arm64';
}

/** Reads publisher, offer and SKU from a reference by name or by the long ID disks use. */
export function marketplaceTraits(reference: JsonObject): ImageTraits {
  const id = textAt(reference, 'id') ?? '';
  const part = (name: string, field: string): string =>
    new RegExp(`/${name}/([^/]+)`, 'i').exec(id)?.[1] ?? textAt(reference, field) ?? '';
  const publisher = part('Publishers', 'publisher');
  const offer = part('Offers', 'offer');
  const sku = part('Skus', 'sku');
  const isWindows = /windows|sqlserver|visualstudio/i.test(`${publisher} ${offer}`);
  const isSmall = !isWindows || /smalldisk/i.test(sku);
  // Since 24.04 Ubuntu's plain name is the second generation, and the first has a name of its own.
  const isSecond =
    /gen2|g2\b|-g2|trustedlaunch|cvm/i.test(`${offer} ${sku}`) ||
    (/^ubuntu-\d\d_\d\d/i.test(offer) && !/gen1/i.test(sku));
  const security = isSecond ? securityTypeOf(`${offer} ${sku}`) : undefined;
  return {
    latest: latestOf(offer, sku, isWindows),
    ...(security === undefined ? {} : { securityType: security }),
    osType: isWindows ? 'Windows' : 'Linux',
    hyperVGeneration: isSecond ? 'V2' : 'V1',
    sizeGB: isSmall ? 30 : 127,
    architecture: /arm64/i.test(`${offer} ${sku}`) ? 'Arm64' : 'x64',
  };
}

/** Builds of Windows Server, by the year in a SKU. */
const WINDOWS_BUILDS: readonly (readonly [RegExp, string])[] = [
  [/2025/, '26100.6899.251011'],
  [/2019/, '17763.7919.251006'],
  [/2016/, '14393.8519.251006'],
  [/2012-?R2/i, '9600.22175.241009'],
  [/2012/, '9200.25118.241009'],
];

/**
 * The newest version, in the form that the versions of its offer have: of Linux the release and a day
 * (recorded: 7.5.201808150), of Windows the build. The day is invented.
 */
function latestOf(offer: string, sku: string, isWindows: boolean): string {
  if (isWindows) return WINDOWS_BUILDS.find(([year]) => year.test(sku))?.[1] ?? '20348.4294.251006';
  const named = RELEASES.find(([name]) => name.test(`${offer} ${sku}`))?.[1];
  const numbered = /(\d{1,2})[._](\d{1,2})/.exec(`${sku} ${offer}`);
  const release = numbered ? `${numbered[1]}.${numbered[2]}` : (named ?? '1.0');
  return `${release}.202510240`;
}

/** Ubuntu's releases go by their names in offers of their own. */
const RELEASES: readonly (readonly [RegExp, string])[] = [
  [/bionic/i, '18.04'],
  [/focal/i, '20.04'],
  [/jammy/i, '22.04'],
  [/noble/i, '24.04'],
];

/** (Recorded: focal and jammy; CentOS 7_6-gen2, which has none. The rest is by analogy.) */
function securityTypeOf(name: string): string | undefined {
  if (/centos/i.test(name)) return undefined;
  return /focal|jammy/i.test(name)
    ? 'TrustedLaunchSupported'
    : 'TrustedLaunchAndConfidentialVmSupported';
}

/** The properties of an OS disk that come from its image (recorded for both generations). */
export function diskPropertiesOf(traits: ImageTraits): JsonObject {
  const { osType, hyperVGeneration, architecture } = traits;
  const isModern = hyperVGeneration === 'V2';
  return {
    osType,
    hyperVGeneration,
    ...(isModern ? { supportsHibernation: true } : {}),
    supportedCapabilities: {
      ...(isModern ? { diskControllerTypes: 'SCSI, NVMe', acceleratedNetwork: true } : {}),
      architecture,
    },
  };
}
