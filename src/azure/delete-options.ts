import { isRecord } from '../domain/is-record.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { Compute } from '../run/ports.ts';
import { NETWORK_API, type ReadingHalf } from './reads.ts';
import { isSucceeded, when } from './removal.ts';
import type { Session } from './session.ts';
import { gone, plain, readBody } from './vm-body.ts';
import { type VmBody, withDeleteOptions } from './vm-model.ts';

/**
 * What Azure deletes with a VM, and with a network interface. The options can be changed at any time
 * before the deletion (azure-compute-docs, articles/virtual-machines/delete.md).
 */
export const deleteOptionsOf = (
  session: Session,
  reads: ReadingHalf,
): Pick<Compute, 'deleteWithVm' | 'deleteWithNic'> => ({
  deleteWithVm: async (id, parts) => {
    const vm = await readBody(session, id);
    if (!vm) throw gone(id);
    await session.write({
      id,
      doing: `set which disks and interfaces go with VM ${nameOf(id)}`,
      untilFree: true,
      expectedSeconds: EXPECTED.changeVm,
      call: plain(session, 'PATCH', id, withDeleteOptions(vm, parts)),
      landed: async () => undefined,
      finished: when(reads.vm, id, isSucceeded),
    });
  },

  deleteWithNic: async (id, addresses) => {
    const doing = `set which addresses go with ${nameOf(id)}`;
    const nic = await session.readPlain<VmBody, VmBody>(id, doing, NETWORK_API, (found) => found);
    if (!nic) throw gone(id);
    // Microsoft.Network has no PATCH but of tags.
    await session.write({
      id,
      doing,
      expectedSeconds: EXPECTED.tagVm,
      call: plain(session, 'PUT', id, withAddresses(nic, addresses), NETWORK_API),
      landed: async () => undefined,
      finished: when(reads.networkPart, id, (found) =>
        addresses.every((one) => found?.ipsGoWithNic.some((each) => sameId(each, one))),
      ),
    });
  },
});

/** An interface whose public IP addresses of these IDs are deleted with it. */
function withAddresses(nic: VmBody, addresses: readonly string[]): VmBody {
  const properties = isRecord(nic.properties) ? nic.properties : {};
  const all = Array.isArray(properties.ipConfigurations) ? properties.ipConfigurations : [];
  const ipConfigurations = all.map((each) => {
    const inner = isRecord(each?.properties) ? each.properties : {};
    const address = inner.publicIPAddress;
    if (!isRecord(address) || !addresses.some((one) => sameId(one, String(address.id))))
      return each;
    const going = { ...address, properties: { deleteOption: 'Delete' } };
    return { ...each, properties: { ...inner, publicIPAddress: going } };
  });
  return { ...nic, properties: { ...properties, ipConfigurations } };
}
