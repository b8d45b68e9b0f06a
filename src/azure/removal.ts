import { nameOf } from '../domain/resource-id.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { LongCall, Session } from './session.ts';

/** Asks Azure whether a write took effect: reads, and looks at what was found. */
export const when =
  <T>(read: () => Promise<T>, seen: (found: T) => boolean | undefined) =>
  async (): Promise<true | undefined> =>
    seen(await read()) || undefined;

/** Deletes a resource, and returns when it is gone; what is gone already is as good. */
export async function removeResource(
  session: Session,
  resource: {
    readonly id: string;
    /** Completes "delete …". */
    readonly what: string;
    readonly read: () => Promise<unknown>;
    readonly call: LongCall;
  },
): Promise<void> {
  const { id, what, read, call } = resource;
  const gone = when(read, (found) => found === undefined);
  await session.write({
    id,
    doing: `delete ${what} ${nameOf(id)}`,
    effect: 'removed',
    expectedSeconds: EXPECTED.remove,
    call,
    landed: gone,
    finished: gone,
  });
}
