import { recordOf } from '../domain/is-record.ts';
import {
  GALLERY,
  IMAGE_DEFINITION,
  IMAGE_VERSION,
  nameOf,
  parseResourceId,
  VIRTUAL_MACHINE,
} from '../domain/resource-id.ts';
import type { CommandReport, Compute, Reads } from '../run/ports.ts';
import { GALLERY_API, NETWORK_API, VM_API } from './api-versions.ts';
import { get } from './call.ts';
import {
  commandFacts,
  diskFacts,
  imageFacts,
  networkPartFacts,
  snapshotFacts,
  vmFacts,
} from './facts.ts';
import { definitionFacts, galleryFacts, versionFacts } from './gallery-facts.ts';
import { imageUsersOf } from './image-users.ts';
import { policyReadsOf } from './policy-restrictions.ts';
import type { Reader } from './reader.ts';
import { serialLogOf } from './serial-log.ts';
import { subscriptionReadsOf } from './subscription.ts';
import { describeVm, type VmBody } from './vm-model.ts';

/** The reading half of the port, and what only reads although Azure wants more than a GET. */
export type ReadingHalf = Reads & Pick<Compute, 'serialLog' | 'command' | 'whyFailed'>;

/** How resources of a type are listed. */
const LISTS: Readonly<Record<string, Parameters<Reader['list']>[2]>> = {
  [VIRTUAL_MACHINE.toLowerCase()]: (client, [group], options) =>
    client.virtualMachines.list(group, options),
  [GALLERY.toLowerCase()]: (client, [group], options) =>
    client.galleries.listByResourceGroup(group, options),
  [IMAGE_DEFINITION.toLowerCase()]: (client, [group, gallery], options) =>
    client.galleryImages.listByGallery(group, gallery, options),
  [IMAGE_VERSION.toLowerCase()]: (client, [group, gallery, definition], options) =>
    client.galleryImageVersions.listByGalleryImage(group, gallery, definition, options),
};

/** A throw-away VM by its name; any other VM that is looked at is the build VM. */
const readingVm = (id: string): string =>
  nameOf(id).startsWith('verify-') ? `read VM ${nameOf(id)}` : 'read the build VM';

export function readsOf(reader: Reader): ReadingHalf {
  return {
    vm: (id) =>
      reader.read(id, readingVm(id), async (client, [group, name], options) =>
        vmFacts(
          id,
          await client.virtualMachines.get(group, name, { ...options, expand: 'instanceView' }),
        ),
      ),

    disk: (id) =>
      reader.read(id, `read disk ${nameOf(id)}`, async (client, [group, name], options) =>
        diskFacts(id, await client.disks.get(group, name, options)),
      ),

    disksBeside: async (id) =>
      (await reader.list(
        id,
        'list disks',
        (client, [group], options) => client.disks.listByResourceGroup(group, options),
        (disk) => diskFacts(disk.id ?? '', disk),
      )) ?? [],

    vmModel: async (id) => {
      const vm = await readBody(reader, id);
      return vm && describeVm(vm);
    },

    snapshot: (id) =>
      reader.read(id, `read snapshot ${nameOf(id)}`, async (client, [group, name], options) =>
        reader.own.known(id, snapshotFacts(id, await client.snapshots.get(group, name, options))),
      ),

    networkPart: (id) => reader.read(id, `read ${nameOf(id)}`, get(NETWORK_API, networkPartFacts)),

    snapshotsBeside: async (id) =>
      (await reader.list(
        id,
        'list snapshots',
        (client, [group], options) => client.snapshots.listByResourceGroup(group, options),
        (snapshot) => snapshotFacts(snapshot.id ?? '', snapshot),
      )) ?? [],

    image: (id) =>
      reader.read(id, `read managed image ${nameOf(id)}`, async (client, [group, name], options) =>
        reader.own.known(id, imageFacts(id, await client.images.get(group, name, options))),
      ),

    namesBeside: async (id) => {
      const list = LISTS[parseResourceId(id)?.type.toLowerCase() ?? ''];
      const doing = `list what stands beside ${nameOf(id)}`;
      return (list && (await reader.list(id, doing, list, nameIn))) ?? [];
    },

    gallery: (id) =>
      reader.read(id, `read gallery ${nameOf(id)}`, async (client, [group, name], options) =>
        galleryFacts(id, await client.galleries.get(group, name, options)),
      ),

    definition: (id) =>
      reader.read(
        id,
        `read image definition ${nameOf(id)}`,
        async (client, [group, gallery, name], options) =>
          definitionFacts(id, await client.galleryImages.get(group, gallery, name, options)),
      ),

    versions: async (definition) => {
      const found = await reader.list(
        definition,
        `list the versions of image definition ${nameOf(definition)}`,
        (client, [group, gallery, name], options) =>
          client.galleryImageVersions.listByGalleryImage(group, gallery, name, options),
        (version) => {
          const id = `${definition}/versions/${version.name}`;
          return reader.own.known(id, versionFacts(id, version));
        },
      );
      return reader.below(definition, GALLERY_API, found);
    },

    softDeletedVersions: async (definition) =>
      (await reader.list(
        definition,
        `list the deleted versions of image definition ${nameOf(definition)}`,
        ({ softDeletedResource }, [group, gallery, name], options) =>
          softDeletedResource.listByArtifactName(group, gallery, 'Images', name, options),
        (version) => nameOf(version.resourceArmId ?? version.name ?? ''),
      )) ?? [],

    ...subscriptionReadsOf(reader),
    ...policyReadsOf(reader),
    ...imageUsersOf(reader),

    azureTime: () => reader.arm.now,

    version: (id) =>
      reader.read(
        id,
        `read image version ${nameOf(id)}`,
        async (client, [group, gallery, definition, name], options) =>
          reader.own.known(
            id,
            versionFacts(
              id,
              await client.galleryImageVersions.get(group, gallery, definition, name, {
                ...options,
                expand: 'ReplicationStatus',
              }),
            ),
          ),
      ),

    command: (id) => readCommand(reader, id),

    serialLog: serialLogOf(reader),

    whyFailed: (id) => reader.whyFailed(id),
  };
}

/** A VM as Azure shows it, with all that the SDK's types do not have. */
export const readBody = (reader: Reader, id: string): Promise<VmBody | undefined> =>
  reader.read(
    id,
    `read VM ${nameOf(id)}`,
    get(VM_API, (found: VmBody) => found),
  );

const nameIn = (found: unknown): string => String(recordOf(found).name ?? '');

/** A managed run command of a VM, with how it fares. */
export const readCommand = (reader: Reader, id: string): Promise<CommandReport | undefined> =>
  reader.read(id, `read run command ${nameOf(id)}`, async (client, [group, vm, name], options) =>
    commandFacts(
      await client.virtualMachineRunCommands.getByVirtualMachine(group, vm, name, {
        ...options,
        expand: 'instanceView',
      }),
    ),
  );
