import type { ImageVersion, Inventory } from '../domain/observed.ts';
import { byOwner } from '../domain/ownership.ts';
import type { PromoteRequest } from '../domain/request.ts';
import type { Tags } from '../domain/tags.ts';
import type { PromoteTarget } from '../domain/target.ts';
import { reached, type VersionChange } from '../domain/version-order.ts';
import { inPlaceGoal } from './in-place-goal.ts';
import { verifyPlanOf } from './verify-vm.ts';

/** A version that is changed where it is: no number is chosen, and nobody owns it. */
export function resolveInPlace(
  request: PromoteRequest,
  source: ImageVersion,
  inventory: Pick<Inventory, 'definition' | 'sourceVm'>,
  provenance: Tags,
): PromoteTarget {
  const goal = inPlaceGoal(request, source);
  return {
    ...promoted(request, source, goal),
    owner: '',
    claim: byOwner(''),
    source: source.id,
    location: source.location,
    tags: {},
    ...verifying(request, inventory, source, provenance),
  };
}

/** How the version of a promotion is verified, if it is. */
export function verifying(
  { verify: settings }: PromoteRequest,
  { definition, sourceVm: buildVm }: Pick<Inventory, 'definition' | 'sourceVm'>,
  { id: version, location }: Pick<ImageVersion, 'id' | 'location'>,
  tags: Tags,
) {
  if (!settings) return {};
  if (!definition) throw new Error('A version to verify has no definition');
  return { verify: verifyPlanOf({ settings, version, location, definition, buildVm, tags }) };
}

/** What a target says of its version, whether that is to be made or changed. */
export function promoted(request: PromoteRequest, version: ImageVersion, goal: VersionChange) {
  const { regions, excludeFromLatest, endOfLife } = reached(version, goal);
  return {
    operation: 'promote' as const,
    request,
    version: version.id,
    regions,
    goal,
    excludeFromLatest,
    ...(endOfLife && { endOfLife }),
  };
}
