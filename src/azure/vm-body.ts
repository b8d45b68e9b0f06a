import { nameOf } from '../domain/resource-id.ts';
import type { Session } from './session.ts';
import type { VmBody } from './vm-model.ts';

/** The version of Microsoft.Compute's API for VMs that are read and sent as a whole. */
export const VM_API = '2026-04-01';

/** A VM as Azure shows it, with all that the SDK's types do not have. */
export const readBody = (session: Session, id: string): Promise<VmBody | undefined> =>
  session.readPlain<VmBody, VmBody>(id, `read VM ${nameOf(id)}`, VM_API, (found) => found);
