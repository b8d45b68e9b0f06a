import { sameId } from '../domain/resource-id.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { Compute } from '../run/ports.ts';
import { sending } from './creations.ts';
import type { ReadingHalf } from './reads.ts';
import { removalOf, whenMade } from './removal.ts';
import type { Session } from './session.ts';

/** The write that makes a VM. */
export const vmWritesOf = (session: Session, reads: ReadingHalf): Pick<Compute, 'createVm'> => ({
  createVm: async (order, dataDisks, limit) => {
    const bounded = session.within(limit);
    await bounded.write({
      ...sending({ make: 'vm', order, dataDisks }),
      effect: 'made',
      expectedSeconds: EXPECTED.bootVm,
      // Nobody knows whether a VM whose creation was broken off boots as a new one does.
      clear: async () => {
        if (await reads.vm(order.id)) await removalOf(bounded, reads)(order.id);
      },
      ...whenMade(reads.vm, order.id, (vm) => sameId(vm.image, order.version)),
    });
  },
});
