/** ARM's gateway knows which subscriptions, groups and top-level resources exist, and answers for them. */
import { parseId, topLevelId } from './arm-id.ts';
import { armError, groupNotFound, parentNotFound, resourceNotFound } from './errors.ts';
import { hasNotFoundHelp } from './service-history.ts';
import type { World } from './world.ts';

/**
 * Throws the gateway's own 404s (azure-cli, test_custom_image). The PUT that makes a resource or a group
 * passes, and a DELETE of nothing, which the provider answers with 204.
 */
export function requireExistence(world: World, method: string, id: string, now: number): void {
  const { subscriptionId, resourceGroup, names } = parseId(id);
  if (subscriptionId === undefined) return;
  const known = world.subscriptions().map((each) => each.toLowerCase());
  if (!known.includes(subscriptionId.toLowerCase())) {
    const message = `The subscription '${subscriptionId}' could not be found.`;
    throw armError(404, 'SubscriptionNotFound', message);
  }
  if (resourceGroup === undefined) return;
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  const makesGroup = method === 'PUT' && id.toLowerCase() === group.toLowerCase();
  if (!makesGroup && !world.hasGroup(group)) throw groupNotFound(resourceGroup);
  const top = topLevelId(id);
  if (top === undefined || world.isTracked(top) || method === 'DELETE') return;
  if (method === 'PUT' && names.length === 1) return;
  if (method === 'PUT') throw parentNotFound(names[0] ?? '');
  throw resourceNotFound(isTracked(id) ? id : top, hasNotFoundHelp(now));
}

/** Nested resources with a location and tags of their own, which ARM knows by themselves. */
function isTracked(id: string): boolean {
  return /^Microsoft\.Compute\/galleries\//i.test(parseId(id).type);
}
