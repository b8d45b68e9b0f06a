import type { Reads } from './ports.ts';

/**
 * The same Azure with nothing in hand that could change it: what a dry run gets. There is no write
 * to refuse, because there is none.
 */
export const readOnly = (compute: Reads): Reads => ({
  vm: compute.vm,
  disk: compute.disk,
  disksBeside: compute.disksBeside,
  snapshot: compute.snapshot,
  listedSnapshot: compute.listedSnapshot,
  vmModel: compute.vmModel,
  definitionsFor: compute.definitionsFor,
  networkPart: compute.networkPart,
  snapshotsBeside: compute.snapshotsBeside,
  image: compute.image,
  namesBeside: compute.namesBeside,
  gallery: compute.gallery,
  definition: compute.definition,
  versions: compute.versions,
  softDeletedVersions: compute.softDeletedVersions,
  galleryRegions: compute.galleryRegions,
  encryptionSet: compute.encryptionSet,
  vmSize: compute.vmSize,
  virtualNetwork: compute.virtualNetwork,
  offeredSizes: compute.offeredSizes,
  coreQuotas: compute.coreQuotas,
  locks: compute.locks,
  permissions: compute.permissions,
  denials: compute.denials,
  version: compute.version,
  azureTime: compute.azureTime,
  imageUses: compute.imageUses,
  copies: compute.copies,
  definitions: compute.definitions,
  recoverableDays: compute.recoverableDays,
});
