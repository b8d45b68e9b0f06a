/** A version's source is decided once. */
import { propertyChangeNotAllowed } from '../../errors.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../../json.ts';
import type { Resource } from '../../world.ts';

const root = 'galleryImageVersion.properties.storageProfile';

/**
 * Throws when `sent` names a source other than the version's own (packer-images#604); an
 * empty storage profile leaves it alone (recorded).
 */
export function requireSameSource(existing: Resource, sent: JsonObject): void {
  const before = objectAt(existing, 'properties', 'storageProfile');
  for (const name of ['id', 'virtualMachineId', 'communityGalleryImageId']) {
    const wanted = textAt(sent, 'source', name);
    if (isChange(wanted, textAt(before, 'source', name)))
      throw propertyChangeNotAllowed(`${root}.source.${name}`);
  }
  for (const name of ['id', 'uri']) {
    const wanted = textAt(sent, 'osDiskImage', 'source', name);
    const kept = textAt(before, 'osDiskImage', 'source', name);
    if (isChange(wanted, kept))
      throw propertyChangeNotAllowed(`${root}.osDiskImage.source.${name}`);
  }
  for (const image of objectsAt(sent, 'dataDiskImages')) {
    const lun = numberAt(image, 'lun');
    const own = objectsAt(before, 'dataDiskImages').find((each) => numberAt(each, 'lun') === lun);
    if (isChange(textAt(image, 'source', 'id'), textAt(own, 'source', 'id'))) {
      throw propertyChangeNotAllowed(`${root}.dataDiskImages`);
    }
  }
}

function isChange(wanted: string | undefined, kept: string | undefined): boolean {
  return wanted !== undefined && wanted.toLowerCase() !== kept?.toLowerCase();
}
