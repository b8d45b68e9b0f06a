import type { PowerState, Vm } from '../domain/observed.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import type { Tags } from '../domain/tags.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { Compute } from '../run/ports.ts';
import { sending } from './creations.ts';
import { guestWritesOf } from './guest-writes.ts';
import type { ReadingHalf } from './reads.ts';
import { isSucceeded, removalOf, when, whenMade } from './removal.ts';
import type { LongCall, Session } from './session.ts';
import { versionWritesOf } from './version-writes.ts';
import { vmWritesOf } from './vm-writes.ts';

/** The writing half of the port. Each write says how to see, by reading, that it took effect. */
export function writesOf(session: Session, reads: ReadingHalf) {
  const power = (id: string, verb: string, seconds: number, goal: PowerState, call: LongCall) => {
    const reached = when(reads.vm, id, (vm) => vm?.power === goal);
    return session.write({
      id,
      doing: `${verb} VM ${nameOf(id)}`,
      expectedSeconds: seconds,
      call,
      landed: reached,
      finished: reached,
    });
  };

  return {
    createSnapshot: async (order) => {
      await session.write({
        ...sending({ make: 'snapshot', order }),
        effect: 'made',
        expectedSeconds: EXPECTED.snapshot,
        ...whenMade(reads.snapshot, order.id, ({ sourceId }) => sameId(sourceId, order.disk)),
      });
    },

    updateVm: async (id, { tags, enableBootDiagnostics }) => {
      let seen: Vm | undefined;
      const read = async () => {
        seen = await reads.vm(id);
        return seen;
      };
      const carries = (found: Tags | undefined) =>
        found !== undefined && Object.entries(tags).every(([name, value]) => found[name] === value);
      await session.write({
        id,
        doing: `tag VM ${nameOf(id)}`,
        expectedSeconds: enableBootDiagnostics ? EXPECTED.changeVm : EXPECTED.tagVm,
        call: (client, [group, name], options) =>
          client.virtualMachines.update(
            group,
            name,
            vmChange(tags, enableBootDiagnostics),
            options,
          ),
        landed: when(read, id, (vm) => carries(vm?.tags)),
        finished: when(read, id, isSucceeded),
      });
      return seen;
    },

    ...guestWritesOf(session, reads),
    ...vmWritesOf(session, reads),

    startVm: async (id) => {
      await power(id, 'start', EXPECTED.start, 'running', (client, [group, name], options) =>
        client.virtualMachines.start(group, name, options),
      );
    },

    deallocateVm: async (id) => {
      await power(
        id,
        'deallocate',
        EXPECTED.deallocate,
        'deallocated',
        (client, [group, name], options) => client.virtualMachines.deallocate(group, name, options),
      );
    },

    generalizeVm: async (id) => {
      await session.send({
        id,
        doing: `mark VM ${nameOf(id)} generalized`,
        call: (client, [group, name], options) => ({
          submitted: () => client.virtualMachines.generalize(group, name, options),
        }),
        landed: when(reads.vm, id, (vm) => vm?.generalized),
      });
    },

    ...versionWritesOf(session, reads),

    createImage: async (order) => {
      await session.write({
        ...sending({ make: 'image', order }),
        effect: 'made',
        expectedSeconds: EXPECTED.image,
        ...whenMade(reads.image, order.id, ({ sourceId }) => sameId(sourceId, order.vm)),
      });
    },

    remove: removalOf(session, reads),
  } satisfies Partial<Compute>;
}

/** A PATCH of a VM replaces its tags as a whole; what is not named stays as it is. */
const vmChange = (tags: Tags, enableBootDiagnostics: boolean) => ({
  tags: { ...tags },
  ...(enableBootDiagnostics && { diagnosticsProfile: { bootDiagnostics: { enabled: true } } }),
});
