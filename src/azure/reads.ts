import type { Owned } from '../domain/claim.ts';
import { normaliseRegion } from '../domain/regions.ts';
import {
  GALLERY,
  IMAGE_DEFINITION,
  IMAGE_VERSION,
  nameOf,
  parseResourceId,
  VIRTUAL_MACHINE,
  versionId,
} from '../domain/resource-id.ts';
import type { Reads, SerialLog } from '../run/ports.ts';
import { GALLERY_API, NETWORK_API, VM_API } from './api-versions.ts';
import {
  commandFacts,
  diskFacts,
  imageFacts,
  networkPartFacts,
  snapshotFacts,
  vmFacts,
} from './facts.ts';
import { azureText, fromAzure, fromOperation } from './failure.ts';
import { definitionFacts, galleryFacts, versionFacts } from './gallery-facts.ts';
import { imageUsersOf } from './image-users.ts';
import { type Call, get, type List, TYPES } from './requests.ts';
import { retry } from './retry.ts';
import { Session } from './session.ts';
import { subscriptionReadsOf } from './subscription.ts';
import { describeVm, type VmBody } from './vm-model.ts';

/** Tries in a row of a serial log: whoever listens to a guest looks again in any case. */
const LOG_TRIES = 3;
/** The end of a serial log tells what matters; the rest is not kept. */
const MOST_CHARACTERS = 2 ** 20;

/** How the resources beside one are listed, by its type. */
const BESIDE: Readonly<Record<string, Call<List<{ readonly name?: string }>>>> = {
  [VIRTUAL_MACHINE.toLowerCase()]: TYPES.vm.list,
  [GALLERY.toLowerCase()]: TYPES.gallery.list,
  [IMAGE_DEFINITION.toLowerCase()]: TYPES.definition.list,
  [IMAGE_VERSION.toLowerCase()]: TYPES.version.list,
};

/** The reading half of the port. */
export function readsOf(session: Session): Reads {
  const one =
    <T, F>(
      { noun, get }: { readonly noun: string; readonly get: Call<Promise<T>> },
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

  /** Facts of all of a type in the resource group of this resource. */
  const beside =
    <T extends { readonly id?: string }, F>(
      { noun, list }: { readonly noun: string; readonly list: Call<List<T>> },
      facts: (id: string, found: T) => F,
    ) =>
    async (id: string) =>
      (await session.list(id, `list ${noun}s`, list, (found) => facts(found.id ?? '', found))) ??
      [];

  return {
    vm: one(
      TYPES.vm,
      (id, vm) => ({
        ...vmFacts(id, vm),
        ...(session.own.hasCreated(id) && { createdHere: true as const }),
      }),
      // Any VM that is no throw-away one is the build VM.
      (id) => (nameOf(id).startsWith('verify-') ? `read VM ${nameOf(id)}` : 'read the build VM'),
    ),

    disk: one(TYPES.disk, diskFacts),

    disksBeside: beside(TYPES.disk, diskFacts),

    vmModel: async (id) => {
      const vm = await readBody(session, id);
      return vm && describeVm(vm);
    },

    snapshot: one(TYPES.snapshot, known(snapshotFacts)),

    networkPart: (id) => session.read(id, `read ${nameOf(id)}`, get(NETWORK_API, networkPartFacts)),

    snapshotsBeside: beside(TYPES.snapshot, snapshotFacts),

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
        (version) => known(versionFacts)(versionId(definition, version.name ?? ''), version),
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
    ...imageUsersOf(session),

    azureTime: () => session.arm.now,

    version: one(TYPES.version, known(versionFacts)),

    command: one(TYPES.command, (_, found) => commandFacts(found)),

    serialLog: serialLogOf(session),

    whyFailed: async (id) => {
      const poll = session.own.operationOn(id);
      if (!poll) return undefined;
      const patience = { ...session.options, doing: 'read why the operation failed' };
      const state = await retry(() => session.arm.operation(id, poll), patience).catch(
        () => undefined,
      );
      if (!state?.error) return undefined;
      const { kind } = fromOperation(state.error, 'make the resource', state.status);
      return { words: `Azure says: ${azureText(state.error)}`, mayPass: kind === 'transient' };
    },
  };
}

/** A VM as Azure shows it, with all that the SDK's types do not have. */
export const readBody = (session: Session, id: string): Promise<VmBody | undefined> =>
  session.read(
    id,
    `read VM ${nameOf(id)}`,
    get(VM_API, (found: VmBody) => found),
  );

/**
 * Reads the serial log that boot diagnostics keep. That it cannot be read is told, not thrown: boot
 * diagnostics may be off, or a storage account of the user's own may refuse (403), the log may not be
 * there yet (404), or Azure be overloaded (503), all of which may pass.
 */
function serialLogOf({ arm, options }: Session): (vm: string) => Promise<SerialLog> {
  // Signed URLs by VM, which Azure hands out for two hours; asked for anew when one fails.
  const urls = new Map<string, string>();
  const brief = new Session(arm, { ...options, mostFailures: LOG_TRIES });
  return async (vm) => {
    const doing = `read the serial console log of ${nameOf(vm)}`;
    const download = async (url: string) => {
      const text = await retry(() => arm.download(url), { ...brief.options, doing });
      return text.slice(-MOST_CHARACTERS);
    };
    try {
      const earlier = urls.get(vm);
      const known = earlier && (await download(earlier).catch(() => undefined));
      if (known) return { text: known };
      options.signal.throwIfAborted();
      const found = await brief.read(vm, doing, ({ virtualMachines }, [group, name], more) =>
        virtualMachines.retrieveBootDiagnosticsData(group, name, more),
      );
      const url = found?.serialConsoleLogBlobUri;
      if (!url) return { text: '' };
      options.mask(url);
      urls.set(vm, url);
      return { text: await download(url) };
    } catch (thrown) {
      options.signal.throwIfAborted();
      return { text: '', trouble: fromAzure(thrown, doing) };
    }
  };
}
