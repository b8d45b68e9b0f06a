/**
 * What can be told of a marketplace image from its name. The catalogue itself is not modelled:
 * sizes and capabilities are those of the images in the recordings, by kind.
 */
import { type JsonObject, textAt } from '../json.ts';

/** What a disk takes over from the image it is made from. */
export interface ImageTraits {
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
  return {
    osType: isWindows ? 'Windows' : 'Linux',
    hyperVGeneration: isSecond ? 'V2' : 'V1',
    sizeGB: isSmall ? 30 : 127,
    architecture: /arm64/i.test(`${offer} ${sku}`) ? 'Arm64' : 'x64',
  };
}

/** The one version that an image has here: invented. */
export function latestOf({ osType }: ImageTraits): string {
  return osType === 'Windows' ? '20348.4294.251006' : '24.04.202510240';
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
