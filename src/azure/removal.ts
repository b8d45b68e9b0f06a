import { nameOf, type ResourceKind, resourceKind } from '../domain/resource-id.ts';
import { EXPECTED } from '../plan/durations.ts';
import { NETWORK_API } from './api-versions.ts';
import { type LongCall, plainly } from './call.ts';
import type { ReadingHalf } from './reads.ts';
import type { Session } from './session.ts';

type Read<T> = (id: string) => Promise<T | undefined>;

/** Asks Azure whether a write took effect: reads, and looks at what was found. */
export const when =
  <T>(read: Read<T>, id: string, seen: (found: T | undefined) => boolean | undefined) =>
  async (): Promise<true | undefined> =>
    seen(await read(id)) || undefined;

/** How it shows that a resource was made: it is of what it was to be made of, and then complete. */
export const whenMade = <T extends { readonly provisioningState?: string }>(
  read: Read<T>,
  id: string,
  isIt: (found: T) => boolean,
) => ({
  landed: when(read, id, (found) => found && isIt(found)),
  finished: when(read, id, (found) => isSucceeded(found) && found !== undefined && isIt(found)),
});

export const isSucceeded = (found: { readonly provisioningState?: string } | undefined): boolean =>
  found?.provisioningState === 'Succeeded';

interface Removal<T = unknown> {
  readonly id: string;
  /** Completes "delete …". */
  readonly what: string;
  readonly read: Read<T>;
  readonly call: LongCall;
  readonly expectedSeconds?: number;
  readonly mostSeconds?: number | undefined;
  /** Whether Azure is at it by what was read. */
  readonly isAtIt?: (found: T) => boolean;
}

/** Deletes a resource, and returns when it is gone; what is gone already is as good. */
export async function removeResource<T>(session: Session, removal: Removal<T>): Promise<void> {
  const { id, what, read, call, expectedSeconds = EXPECTED.remove, mostSeconds, isAtIt } = removal;
  await session.write({
    id,
    doing: `delete ${what} ${nameOf(id)}`,
    effect: 'removed',
    expectedSeconds,
    mostSeconds,
    call,
    landed: when(read, id, (found) => found === undefined || isAtIt?.(found)),
    finished: when(read, id, (found) => found === undefined),
  });
}

/**
 * Deletes a resource of any kind that this action deletes, and nothing with it; throws a `TypeError`
 * for any other.
 */
export const removalOf = (session: Session, reads: ReadingHalf) => {
  const remove =
    <T>(removal: Omit<Removal<T>, 'id'>) =>
    (id: string, mostSeconds?: number) =>
      removeResource(session, { id, ...removal, mostSeconds });
  const networkPart = remove({
    what: 'network resource',
    read: reads.networkPart,
    call: plainly('DELETE', NETWORK_API),
  });
  const kinds: Readonly<Record<ResourceKind, (id: string, mostSeconds?: number) => Promise<void>>> =
    {
      version: remove({
        what: 'image version',
        expectedSeconds: EXPECTED.deleteVersion,
        read: reads.version,
        isAtIt: ({ provisioningState }) => provisioningState === 'Deleting',
        call: (client, [group, gallery, definition, name], options) =>
          client.galleryImageVersions.delete(group, gallery, definition, name, options),
      }),
      image: remove({
        what: 'managed image',
        read: reads.image,
        call: (client, [group, name], options) => client.images.delete(group, name, options),
      }),
      snapshot: remove({
        what: 'snapshot',
        read: reads.snapshot,
        call: (client, [group, name], options) => client.snapshots.delete(group, name, options),
      }),
      vm: remove({
        what: 'VM',
        read: reads.vm,
        call: (client, [group, name], options) =>
          client.virtualMachines.delete(group, name, { ...options, forceDeletion: false }),
      }),
      disk: remove({
        what: 'disk',
        read: reads.disk,
        call: (client, [group, name], options) => client.disks.delete(group, name, options),
      }),
      nic: networkPart,
      publicIp: networkPart,
    };
  return async (id: string, mostSeconds?: number): Promise<void> => {
    const kind = resourceKind(id);
    if (!kind) throw new TypeError(`Not a resource that this action deletes: ${id}`);
    await kinds[kind](id, mostSeconds);
  };
};
