import type { Inventory } from '../domain/observed.ts';
import type { PromoteRequest } from '../domain/request.ts';
import type { PromoteTarget } from '../domain/target.ts';
import type { Origin } from './resolve.ts';
import { resolveCopy } from './resolve-copy.ts';
import { resolveInPlace } from './resolve-in-place.ts';

/** Pins what the request leaves open; `undefined` when the inventory lacks what a target is made of. */
export function resolvePromote(
  request: PromoteRequest,
  origin: Origin,
  inventory: Inventory,
): PromoteTarget | undefined {
  const { source } = inventory;
  if (!source) return undefined;
  return request.destination
    ? resolveCopy(request, origin, { ...inventory, source }, request.destination)
    : resolveInPlace(request, source, inventory, origin.provenance);
}
