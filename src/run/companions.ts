import { type Companion, companionKind } from '../domain/companions.ts';
import { disksOf, type Vm } from '../domain/observed.ts';
import { parentId, resourceIdOf, sameId } from '../domain/resource-id.ts';
import type { Reads } from './ports.ts';

/**
 * What is attached to the VM and to nothing else: its disks, network interfaces and their public
 * IP addresses, in the VM's resource group. What others use too, or what lies elsewhere, stays.
 */
export async function companionsOf(compute: Reads, vm: Vm): Promise<Companion[]> {
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
    .flatMap((id): Companion[] => {
      const kind = companionKind(id);
      return kind && resourceIdOf(id).resourceGroup.toLowerCase() === group ? [{ id, kind }] : [];
    });
}

/** Those that are still there, and that nobody has begun to use meanwhile. */
export async function companionsLeft(
  compute: Reads,
  companions: readonly Companion[],
  vm: string,
): Promise<Companion[]> {
  const left = await Promise.all(
    companions.map(async (companion) =>
      (await isOnlyOf(compute, companion, companions, vm)) ? [companion] : [],
    ),
  );
  return left.flat();
}

async function isOnlyOf(
  compute: Reads,
  { id, kind }: Companion,
  companions: readonly Companion[],
  vm: string,
): Promise<boolean> {
  if (kind === 'disk') {
    const disk = await compute.disk(id);
    return disk?.attachedTo.every((user) => sameId(user, vm)) ?? false;
  }
  const part = await compute.networkPart(id);
  if (!part) return false;
  const user = part.usedBy && (kind === 'nic' ? part.usedBy : parentId(part.usedBy));
  return !user || sameId(user, vm) || companions.some((other) => sameId(other.id, user));
}
