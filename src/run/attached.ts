import { groupOf, isWithin, parentId, resourceKind, sameId } from '../domain/resource-id.ts';
import { disksOf, type Vm } from '../domain/vm.ts';
import type { Reads } from './ports.ts';

/** A disk, a network interface or a public IP address of a VM. */
export interface Part {
  readonly id: string;
  /** Nothing else uses it, and it is in the VM's resource group or set to go with the VM. */
  readonly own: boolean;
  /** Azure deletes it with the VM, as its delete option says. */
  readonly goes: boolean;
  /** Of a disk that may be attached to several VMs: Azure refuses the delete option. */
  readonly shared: boolean;
  /** Of an address: the interface that it belongs to. */
  readonly nic?: string;
  readonly uniqueId?: string | undefined;
}

/** What is attached to a VM: its disks, network interfaces and their public IP addresses. */
export async function partsOf(compute: Reads, vm: Vm): Promise<Part[]> {
  const group = groupOf(vm.id);
  const part = async (id: string, user: string, goes: boolean, nic?: string): Promise<Part> => {
    const seen = await look(compute, id);
    const alone = seen?.users.every((each) => sameId(each, user)) && seen.users.length > 0;
    const own = (alone ?? false) && (goes || isWithin(id, group));
    const { shared = false, uniqueId } = seen ?? {};
    return { id, own, goes, shared, uniqueId, ...(nic && { nic }) };
  };
  const disks = disksOf(vm).flatMap(({ id, goesWithVm = false }) =>
    id ? [part(id, vm.id, goesWithVm)] : [],
  );
  const goes = (id: string) => vm.nicsGoWithVm?.some((each) => sameId(each, id)) ?? false;
  const nics = vm.nics.map((id) => part(id, vm.id, goes(id)));
  const addresses = vm.nics.map(async (id) => {
    const { publicIps = [], ipsGoWithNic = [] } = (await compute.networkPart(id)) ?? {};
    return Promise.all(
      publicIps.map((ip) =>
        part(ip, id, goes(id) && ipsGoWithNic.some((each) => sameId(each, ip)), id),
      ),
    );
  });
  const [all, others] = await Promise.all([
    Promise.all([...disks, ...nics]),
    Promise.all(addresses),
  ]);
  const isOwn = (id: string | undefined) => all.some((each) => each.own && sameId(each.id, id));
  // An address is no more the VM's than the interface that it belongs to.
  return [...all, ...others.flat().map((each) => ({ ...each, own: each.own && isOwn(each.nic) }))];
}

/** Whether a part is used by nothing else than its VM; `undefined` when it is gone, or another one has its name. */
export async function isStillOwn(
  compute: Reads,
  part: Part,
  vm: string,
): Promise<boolean | undefined> {
  const seen = await look(compute, part.id);
  const users = [vm, part.nic];
  if (seen?.uniqueId !== part.uniqueId) return undefined;
  return seen?.users.every((each) => users.some((user) => sameId(user, each)));
}

async function look(compute: Reads, id: string) {
  if (resourceKind(id) === 'disk') {
    const disk = await compute.disk(id);
    return disk && { users: disk.attachedTo, shared: disk.maxShares > 1, uniqueId: disk.uniqueId };
  }
  const found = await compute.networkPart(id);
  if (!found) return undefined;
  const { usedBy, uniqueId } = found;
  const user = usedBy && (resourceKind(id) === 'nic' ? usedBy : parentId(usedBy));
  return { users: user ? [user] : [], shared: false, uniqueId };
}
