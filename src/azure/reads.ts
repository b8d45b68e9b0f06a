import type { Owned } from '../domain/owner.ts';
import { normaliseRegion } from '../domain/regions.ts';
import {
  GALLERY,
  IMAGE_DEFINITION,
  IMAGE_VERSION,
  nameOf,
  parseResourceId,
  VIRTUAL_MACHINE,
} from '../domain/resource-id.ts';
import type { Reads } from '../run/ports.ts';
import { GALLERY_API, NETWORK_API, VM_API } from './api-versions.ts';
import { type Call, get, type List } from './call.ts';
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
import { type Readable, TYPES } from './resource-types.ts';
import { serialLogOf } from './serial-log.ts';
import type { Session } from './session.ts';
import { subscriptionReadsOf } from './subscription.ts';
import { describeVm, type VmBody } from './vm-model.ts';

/** How the resources beside one are listed, by its type. */
const BESIDE: Readonly<Record<string, Call<List<{ readonly name?: string }>>>> = {
  [VIRTUAL_MACHINE.toLowerCase()]: TYPES.vm.list,
  [GALLERY.toLowerCase()]: TYPES.gallery.list,
  [IMAGE_DEFINITION.toLowerCase()]: TYPES.definition.list,
  [IMAGE_VERSION.toLowerCase()]: TYPES.version.list,
};

/** A throw-away VM by its name; any other VM that is looked at is the build VM. */
const readingVm = (id: string): string =>
  nameOf(id).startsWith('verify-') ? `read VM ${nameOf(id)}` : 'read the build VM';

/** The reading half of the port. */
export function readsOf(session: Session): Reads {
  const one =
    <T, F>(
      { noun, get }: Readable<T>,
      facts: (id: string, found: T) => F,
      doing = (id: string) => `read ${noun} ${nameOf(id)}`,
    ) =>
    (id: string) =>
      session.read(id, doing(id), async (...at) => facts(id, await get(...at)));
  /** Facts, with what this run itself knows of the resource. */
  const known =
    <T, F extends Owned>(facts: (id: string, found: T) => F) =>
    (id: string, found: T) =>
      session.own.known(id, facts(id, found));

  return {
    vm: one(
      TYPES.vm,
      (id, vm) => ({
        ...vmFacts(id, vm),
        ...(session.own.hasCreated(id) && { createdHere: true as const }),
      }),
      readingVm,
    ),

    disk: one(TYPES.disk, diskFacts),

    disksBeside: async (id) =>
      (await session.list(id, 'list disks', TYPES.disk.list, (disk) =>
        diskFacts(disk.id ?? '', disk),
      )) ?? [],

    vmModel: async (id) => {
      const vm = await readBody(session, id);
      return vm && describeVm(vm);
    },

    snapshot: one(TYPES.snapshot, known(snapshotFacts)),

    networkPart: (id) => session.read(id, `read ${nameOf(id)}`, get(NETWORK_API, networkPartFacts)),

    snapshotsBeside: async (id) =>
      (await session.list(id, 'list snapshots', TYPES.snapshot.list, (snapshot) =>
        snapshotFacts(snapshot.id ?? '', snapshot),
      )) ?? [],

    image: one(TYPES.image, known(imageFacts)),

    namesBeside: async (id) => {
      const list = BESIDE[parseResourceId(id)?.type.toLowerCase() ?? ''];
      const doing = `list what stands beside ${nameOf(id)}`;
      return (
        (list && (await session.list(id, doing, list, ({ name }) => String(name ?? '')))) ?? []
      );
    },

    encryptionSet: one(TYPES.encryptionSet, (id, set) => ({
      id: set.id ?? id,
      location: normaliseRegion(set.location),
    })),

    gallery: one(TYPES.gallery, galleryFacts),

    definition: one(TYPES.definition, definitionFacts),

    versions: async (definition) => {
      const found = await session.list(
        definition,
        `list the versions of image definition ${nameOf(definition)}`,
        TYPES.version.list,
        (version) => known(versionFacts)(`${definition}/versions/${version.name}`, version),
      );
      return session.below(definition, GALLERY_API, found);
    },

    softDeletedVersions: async (definition) =>
      (await session.list(
        definition,
        `list the deleted versions of image definition ${nameOf(definition)}`,
        ({ softDeletedResource }, [group, gallery, name], options) =>
          softDeletedResource.listByArtifactName(group, gallery, 'Images', name, options),
        (version) => nameOf(version.resourceArmId ?? version.name ?? ''),
      )) ?? [],

    ...subscriptionReadsOf(session),
    ...policyReadsOf(session),
    ...imageUsersOf(session),

    azureTime: () => session.arm.now,

    version: one(TYPES.version, known(versionFacts)),

    command: one(TYPES.command, (_, found) => commandFacts(found)),

    serialLog: serialLogOf(session),

    whyFailed: (id) => session.whyFailed(id),
  };
}

/** A VM as Azure shows it, with all that the SDK's types do not have. */
export const readBody = (session: Session, id: string): Promise<VmBody | undefined> =>
  session.read(
    id,
    `read VM ${nameOf(id)}`,
    get(VM_API, (found: VmBody) => found),
  );
