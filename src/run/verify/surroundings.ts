import type { Inventory } from '../../domain/observed.ts';
import { nameOf, parentId } from '../../domain/resource-id.ts';
import type { Surroundings } from '../../domain/surroundings.ts';
import type { CaptureTarget, PromoteTarget, VerifyTarget } from '../../domain/target.ts';
import { isThrowAwayOf, type ThrowAwayVm } from '../../domain/verification.ts';
import { groupOf } from '../../plan/needed-rights.ts';
import { ifAllowed } from '../if-allowed.ts';
import type { Situation } from '../operation.ts';
import type { Reads } from '../ports.ts';

/**
 * What the throw-away VM meets, for the rules; reads only. Nothing where none is made, and once the
 * version of this run is there: an attempt that goes on is not to be stopped halfway.
 */
export async function surroundingsFor(
  compute: Reads,
  found: Situation<CaptureTarget | PromoteTarget | VerifyTarget> | undefined,
): Promise<Pick<Inventory, 'surroundings'>> {
  if (!found) return {};
  const { target, seen, steps } = found;
  const makes = target.operation === 'capture' || 'order' in target;
  const boots = steps.some(({ do: kind }) => kind === 'verify');
  if (!target.verify || !boots || (makes && seen.version)) return {};
  const { vm } = target.verify;
  // Region and size are those of a VM that is not built yet.
  if ('assumedVm' in target) return { surroundings: { vm } };
  // One that an earlier attempt left counts for the quota until this run deletes it.
  const left = [...(seen.throwAways ?? []), ...(seen.othersThrowAways ?? [])].length > 0;
  return { surroundings: await surroundingsOf(compute, vm, left) };
}

async function surroundingsOf(
  compute: Reads,
  vm: ThrowAwayVm,
  left: boolean,
): Promise<Surroundings> {
  const { id, version, location, size, subnet } = vm;
  const group = groupOf(id);
  const [rights, network, sizes, other, quotas] = await Promise.all([
    ifAllowed(told(compute.permissions(group))),
    ifAllowed(told(compute.virtualNetwork(parentId(subnet)))),
    ifAllowed(compute.offeredSizes(id, location)),
    ifAllowed(compute.vm(id)),
    left ? [] : ifAllowed(compute.coreQuotas(id, location)),
  ]);
  const offered = sizes?.find(({ name }) => name.toLowerCase() === size.toLowerCase());
  return {
    vm,
    ...(rights && { group: rights.found ? { found: nameOf(group) } : {} }),
    ...(network && { network }),
    // A cloud that lists no size at all tells nothing.
    ...(sizes?.length && { size: offered ? { found: offered } : {} }),
    ...(quotas && { quotas }),
    ...(other && !isThrowAwayOf(version, other) && { foreign: id }),
  };
}

const told = async <T>(read: Promise<T | undefined>) => {
  const found = await read;
  return found === undefined ? {} : { found };
};
