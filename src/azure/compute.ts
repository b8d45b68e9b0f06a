import type { Compute } from '../run/ports.ts';
import type { Arm } from './arm.ts';
import type { SessionOptions } from './reader.ts';
import { readsOf } from './reads.ts';
import { Session } from './session.ts';
import { writesOf } from './writes.ts';

/** Azure Compute through the SDK; the port says what each call promises. */
export function computeOf(arm: Arm, options: SessionOptions): Compute {
  const session = new Session(arm, options);
  const reads = readsOf(session);
  return {
    ...reads,
    ...writesOf(session, reads),
    takeTagOverrides: () => session.overrides.take(),
    get wrote() {
      return session.wrote;
    },
    get changedAt() {
      return session.changedAt;
    },
  };
}
