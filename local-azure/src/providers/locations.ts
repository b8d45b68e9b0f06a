/** The `location` of a resource that is written. */
import type { ArmRequest } from '../arm.ts';
import { armError } from '../errors.ts';
import { textAt } from '../json.ts';
import { compactRegion, findRegion, regions } from '../regions.ts';
import type { Resource } from '../world.ts';

/**
 * The location in the body, or the existing resource's when the body has none. Throws ARM's
 * refusals of a missing, unknown or changed one (codes and wording from ARM's public answers;
 * troubleshooting-shared-images.md).
 */
export function requireLocation(request: ArmRequest, existing: Resource | undefined): string {
  const sent = textAt(request.body, 'location');
  const before = textAt(existing, 'location');
  if (sent === undefined || sent === '') {
    if (before !== undefined) return before;
    throw armError(
      400,
      'LocationRequired',
      'The location property is required for this definition.',
    );
  }
  if (findRegion(sent) === undefined)
    throw regionNotAvailable(sent, existing?.type ?? typeOf(request.id));
  if (before === undefined || compactRegion(before) === compactRegion(sent)) return before ?? sent;
  const group = request.resourceGroup;
  throw armError(
    409,
    'InvalidResourceLocation',
    `The resource '${request.names.join('/')}' already exists in location '${before}' in resource group ` +
      `'${group}'. A resource with the same name cannot be created in location '${sent}'. ` +
      'Please select a new resource name.',
  );
}

/** (troubleshooting-shared-images.md; the code is ARM's own for it.) */
export function regionNotAvailable(location: string, type: string) {
  const all = regions.map(({ name }) => name).join(',');
  return armError(
    400,
    'LocationNotAvailableForResourceType',
    `The provided location '${location}' is not available for resource type '${type}'. ` +
      `List of available regions for the resource type is '${all}'.`,
  );
}

function typeOf(id: string): string {
  const segments = (id.split('/providers/').at(-1) ?? '').split('/');
  return [segments[0], ...segments.slice(1).filter((_, position) => position % 2 === 0)].join('/');
}
