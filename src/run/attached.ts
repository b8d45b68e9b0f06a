import { isAttachable } from '../domain/attached.ts';
import { disksOf, type Vm } from '../domain/observed.ts';
import { parentId, resourceIdOf, resourceKind, sameId } from '../domain/resource-id.ts';
import type { Reads } from './ports.ts';

/**
 * What is attached to the VM and to nothing else: its disks, network interfaces and their public
 * IP addresses, in the VM's resource group. What others use too, or what lies elsewhere, stays.
 */
export async function attachedTo(compute: Reads, vm: Vm): Promise<string[]> {
  const disks = await Promise.all(
    disksOf(vm).map(async ({ id }) => {
      const disk = id === undefined ? undefined : await compute.disk(id);
      return disk?.attachedTo.every((user) => sameId(user, vm.id)) ? [disk.id] : [];
    }),
  );
  const nics = await Promise.all(
    vm.nics.map(async (id) => {
      const nic = await compute.networkPart(id);
      return nic && sameId(nic.usedBy, vm.id) ? [nic] : [];
    }),
  );
  const ips = await Promise.all(
    nics.flat().flatMap((nic) =>
      nic.publicIps.map(async (id) => {
        const ip = await compute.networkPart(id);
        return ip?.usedBy && sameId(parentId(ip.usedBy), nic.id) ? [id] : [];
      }),
    ),
  );
  const group = resourceIdOf(vm.id).resourceGroup.toLowerCase();
  return [...disks, ...nics.map((found) => found.map(({ id }) => id)), ...ips]
    .flat()
    .filter((id) => isAttachable(id) && resourceIdOf(id).resourceGroup.toLowerCase() === group);
}

/** Those that are still there, and that nobody has begun to use meanwhile. */
export async function stillAttached(
  compute: Reads,
  ids: readonly string[],
  vm: string,
): Promise<string[]> {
  const left = await Promise.all(
    ids.map(async (id) => ((await isUsedOnlyBy(compute, id, [vm, ...ids])) ? [id] : [])),
  );
  return left.flat();
}

/** Whether a resource is there, and nothing but these uses it. */
export async function isUsedOnlyBy(
  compute: Reads,
  id: string,
  users: readonly string[],
): Promise<boolean> {
  const isAmong = (user: string) => users.some((one) => sameId(one, user));
  const kind = resourceKind(id);
  if (kind === 'disk') return (await compute.disk(id))?.attachedTo.every(isAmong) ?? false;
  const part = await compute.networkPart(id);
  if (!part) return false;
  const user = part.usedBy && (kind === 'nic' ? part.usedBy : parentId(part.usedBy));
  return !user || isAmong(user);
}
