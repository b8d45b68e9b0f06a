import { Failure } from '../domain/failure.ts';
import { nameOf, resourceIdOf } from '../domain/resource-id.ts';
import type { LongCall, Session } from './session.ts';
import type { VmBody } from './vm-model.ts';

/** The version of Microsoft.Compute's API for VMs that are read and sent as a whole. */
const VM_API = '2026-04-01';

/** A VM as Azure shows it, with all that the SDK's types do not have. */
export const readBody = (session: Session, id: string): Promise<VmBody | undefined> =>
  session.readPlain<VmBody, VmBody>(id, `read VM ${nameOf(id)}`, VM_API, (found) => found);

/** A request without the SDK, in the form of its long-running calls. */
export const plain =
  (
    session: Session,
    method: 'PUT' | 'PATCH',
    id: string,
    body: VmBody,
    version = VM_API,
  ): LongCall =>
  (_, __, { onResponse }) => ({
    submitted: async () => {
      const { subscriptionId } = resourceIdOf(id);
      const sent = await session.arm.send(subscriptionId, method, id, version, body);
      onResponse({ status: sent.status, headers: sent.headers, parsedBody: sent.body });
    },
  });

export const gone = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `\`${nameOf(id)}\` is gone.`,
    why: 'Somebody deleted it while this run was at work.',
    remedy: 'Look at the activity log of the resource group, then run the workflow again.',
  });
