import type { ImageVersion, Vm } from '../../domain/observed.ts';
import { resourceKind } from '../../domain/resource-id.ts';
import { isThrowAwayOf, throwAwaysOf } from '../../domain/verification.ts';
import { ifAllowed } from '../if-allowed.ts';
import type { Reads } from '../ports.ts';

/**
 * Throw-away VMs that stand for this version: under the name that this run would give one, or where
 * the version's tags say. Resource IDs of those that are proven to be made of it.
 */
export async function throwAwaysFor(
  compute: Reads,
  version: ImageVersion | string,
  derived: string | undefined,
): Promise<string[]> {
  const seen = typeof version === 'string' ? undefined : version;
  const id = typeof version === 'string' ? version : version.id;
  const found = await Promise.all(
    throwAwaysOf(seen, derived).map(async (each) => ({ id: each, vm: await compute.vm(each) })),
  );
  return found.filter(({ vm }) => vm && isThrowAwayOf(id, vm)).map((each) => each.id);
}

/** The VM that a version was made of, if it is there and may be looked at. */
export async function sourceVmOf(
  compute: Reads,
  { sourceId }: ImageVersion,
): Promise<Vm | undefined> {
  return sourceId && resourceKind(sourceId) === 'vm' ? ifAllowed(compute.vm(sourceId)) : undefined;
}
