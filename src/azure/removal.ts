import { nameOf, type ResourceKind, resourceKind } from '../domain/resource-id.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { Compute, Reads } from '../run/ports.ts';
import type { LongCall } from './call.ts';
import { TYPES } from './resource-types.ts';
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
  // What has failed is there, and is to be sent again.
  landed: when(read, id, (found) => found && !hasEndedBadly(found) && isIt(found)),
  finished: when(read, id, (found) => isSucceeded(found) && found !== undefined && isIt(found)),
});

const hasEndedBadly = ({ provisioningState = '' }: { readonly provisioningState?: string }) =>
  ['Failed', 'Canceled'].includes(provisioningState);

export const isSucceeded = (found: { readonly provisioningState?: string } | undefined): boolean =>
  found?.provisioningState === 'Succeeded';

/** How resources of a type are deleted. */
interface Removal<T> {
  readonly noun: string;
  readonly remove: LongCall;
  readonly read: Read<T>;
  readonly expectedSeconds?: number;
  /** Whether Azure is at it by what was read. */
  readonly isAtIt?: (found: T) => boolean;
}

/** Deletes a resource, and returns when it is gone; what is gone already is as good. */
export async function removeResource<T>(
  session: Session,
  id: string,
  { noun, remove, read, expectedSeconds = EXPECTED.remove, isAtIt }: Removal<T>,
  mostSeconds?: number,
): Promise<void> {
  await session.write({
    id,
    doing: `delete ${noun} ${nameOf(id)}`,
    effect: 'removed',
    expectedSeconds,
    mostSeconds,
    call: remove,
    landed: when(read, id, (found) => found === undefined || isAtIt?.(found)),
    finished: when(read, id, (found) => found === undefined),
  });
}

/**
 * Deletes a resource of any kind that this action deletes, and nothing with it; throws a `TypeError`
 * for any other.
 */
export const removalOf = (session: Session, reads: Reads) => {
  const removed =
    <T>(removal: Removal<T>) =>
    (id: string, mostSeconds?: number) =>
      removeResource(session, id, removal, mostSeconds);
  const networkPart = removed({ ...TYPES.networkPart, read: reads.networkPart });
  const kinds: Readonly<Record<ResourceKind, Compute['remove']>> = {
    version: removed({
      ...TYPES.version,
      expectedSeconds: EXPECTED.deleteVersion,
      read: reads.version,
      isAtIt: ({ provisioningState }) => provisioningState === 'Deleting',
    }),
    image: removed({ ...TYPES.image, read: reads.image }),
    snapshot: removed({ ...TYPES.snapshot, read: reads.snapshot }),
    vm: removed({ ...TYPES.vm, read: reads.vm }),
    disk: removed({ ...TYPES.disk, read: reads.disk }),
    nic: networkPart,
    publicIp: networkPart,
  };
  return async (id: string, mostSeconds?: number): Promise<void> => {
    const kind = resourceKind(id);
    if (!kind) throw new TypeError(`Not a resource that this action deletes: ${id}`);
    await kinds[kind](id, mostSeconds);
  };
};
