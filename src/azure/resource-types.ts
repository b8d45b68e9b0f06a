import { NETWORK_API } from './api-versions.ts';
import { type Call, type List, type LongCall, plainly } from './call.ts';

/** What is asked of the resources of a type. */
interface ResourceType {
  /** Completes "read … NAME" and "delete … NAME". */
  readonly noun: string;
  readonly get?: Call<Promise<unknown>>;
  /** All of the type beside one: with the same parent, or in the same resource group. */
  readonly list?: Call<List<unknown>>;
  readonly remove?: LongCall;
}

/** How each type of resource is asked for, as far as it is. */
export const TYPES = {
  vm: {
    noun: 'VM',
    get: (client, [group, name], options) =>
      client.virtualMachines.get(group, name, { ...options, expand: 'instanceView' }),
    list: (client, [group], options) => client.virtualMachines.list(group, options),
    remove: (client, [group, name], options) =>
      client.virtualMachines.delete(group, name, { ...options, forceDeletion: false }),
  },
  command: {
    noun: 'run command',
    get: (client, [group, vm, name], options) =>
      client.virtualMachineRunCommands.getByVirtualMachine(group, vm, name, {
        ...options,
        expand: 'instanceView',
      }),
    remove: (client, [group, vm, name], options) =>
      client.virtualMachineRunCommands.delete(group, vm, name, options),
  },
  disk: {
    noun: 'disk',
    get: (client, [group, name], options) => client.disks.get(group, name, options),
    list: (client, [group], options) => client.disks.listByResourceGroup(group, options),
    remove: (client, [group, name], options) => client.disks.delete(group, name, options),
  },
  snapshot: {
    noun: 'snapshot',
    get: (client, [group, name], options) => client.snapshots.get(group, name, options),
    list: (client, [group], options) => client.snapshots.listByResourceGroup(group, options),
    remove: (client, [group, name], options) => client.snapshots.delete(group, name, options),
  },
  image: {
    noun: 'managed image',
    get: (client, [group, name], options) => client.images.get(group, name, options),
    remove: (client, [group, name], options) => client.images.delete(group, name, options),
  },
  encryptionSet: {
    noun: 'disk encryption set',
    get: (client, [group, name], options) => client.diskEncryptionSets.get(group, name, options),
  },
  gallery: {
    noun: 'gallery',
    get: (client, [group, name], options) => client.galleries.get(group, name, options),
    list: (client, [group], options) => client.galleries.listByResourceGroup(group, options),
  },
  definition: {
    noun: 'image definition',
    get: (client, [group, gallery, name], options) =>
      client.galleryImages.get(group, gallery, name, options),
    list: (client, [group, gallery], options) =>
      client.galleryImages.listByGallery(group, gallery, options),
  },
  version: {
    noun: 'image version',
    get: (client, [group, gallery, definition, name], options) =>
      client.galleryImageVersions.get(group, gallery, definition, name, {
        ...options,
        expand: 'ReplicationStatus',
      }),
    list: (client, [group, gallery, definition], options) =>
      client.galleryImageVersions.listByGalleryImage(group, gallery, definition, options),
    remove: (client, [group, gallery, definition, name], options) =>
      client.galleryImageVersions.delete(group, gallery, definition, name, options),
  },
  networkPart: {
    noun: 'network resource',
    remove: plainly('DELETE', NETWORK_API),
  },
} satisfies Readonly<Record<string, ResourceType>>;
