import type { Reads } from './ports.ts';

/**
 * The same Azure with nothing in hand that could change it: what a dry run gets. There is no write
 * to refuse, because there is none.
 */
export const readOnly = (compute: Reads): Reads => ({
  vm: compute.vm,
  disk: compute.disk,
  snapshot: compute.snapshot,
  networkPart: compute.networkPart,
  snapshotsBeside: compute.snapshotsBeside,
  image: compute.image,
  gallery: compute.gallery,
  definition: compute.definition,
  versions: compute.versions,
  softDeletedVersions: compute.softDeletedVersions,
  version: compute.version,
});
