/** Resources that are only kept: whatever a world holds of an unmodelled type is served by GET. */
import { checkAccess } from './access.ts';
import type { Arm, Handler } from './arm.ts';
import { inGroup, inSubscription, respond, respondToError } from './arm.ts';
import { parseId } from './arm-id.ts';
import { principalOf } from './authentication.ts';
import type { Source } from './coverage.ts';
import { armError, entityNotFound } from './errors.ts';
import { decodePath } from './routing.ts';
import { page, type Resource } from './world.ts';

/** How a stored resource is shown for a query at a time (ms), e.g. without its instance view. */
export type Show = (resource: Resource, query: URLSearchParams, now: number) => Resource;

const asIs: Show = (resource) => resource;

/** A GET of one resource: 200, or the provider's 404. */
export function getHandler(arm: Arm, show: Show = asIs): Handler {
  return (request) => {
    const resource = arm.world.get(request.id);
    if (resource === undefined) throw entityNotFound();
    return { status: 200, body: show(resource, request.query, arm.now()) };
  };
}

/**
 * A GET of the resources of `type` within the request's scope, all on one page. ARM knows of a
 * group without any and does not ask the provider (recorded of VMs and images).
 */
export function listHandler(arm: Arm, type: string, show: Show = asIs): Handler {
  return (request) => {
    const found = arm.world
      .list(request.id, type)
      .map((each) => show(each, request.query, arm.now()));
    const isTracked = type.split('/').length === 2 && request.resourceGroup !== '';
    const isGateways = isTracked && found.length === 0;
    return { status: 200, body: page(found), isGateways };
  };
}

/** GET, list in the group and list in the subscription of a top-level `type`. */
export function registerReads(arm: Arm, type: string, source: Source, show: Show = asIs): void {
  arm.route('GET', inGroup(`${type}/{name}`), source, getHandler(arm, show));
  arm.route('GET', inGroup(type), source, listHandler(arm, type, show));
  arm.route('GET', inSubscription(type), source, listHandler(arm, type, show));
}

/** Gaps that stderr names, each once; a process may run for days. */
const MOST_GAPS = 1000;

/**
 * Answers what no route does. A GET of a resource of an unmodelled type that the world holds, or
 * of a list with such, is served. Anything else fails loudly, here and on stderr: it is a gap of
 * the local Azure and must not look like an answer of Azure's.
 */
export function respondToUnmodelled(arm: Arm, request: Request): Response {
  const path = decodePath(new URL(request.url).pathname);
  if (request.method === 'GET') {
    checkAccess(arm.world, { principal: principalOf(request), method: 'GET', path, body: {} });
    const resource = arm.world.get(path);
    if (resource !== undefined) return respond({ status: 200, body: resource });
    const { type, rest } = parseId(path);
    const scope = path
      .split('/')
      .slice(0, rest === undefined ? undefined : -1)
      .join('/');
    const found =
      rest === undefined ? [] : arm.world.list(withoutProvider(scope), `${type}/${rest}`);
    if (found.length > 0) return respond({ status: 200, body: page(found) });
  }
  const message = `The local Azure does not model ${request.method} ${path}`;
  if (!arm.namedGaps.has(message) && arm.namedGaps.size < MOST_GAPS) {
    arm.namedGaps.add(message);
    process.stderr.write(`${message}\n`);
  }
  return respondToError(armError(501, 'NotModelled', message));
}

/** `…/providers/Namespace` as the scope it stands in; any other path as it is. */
function withoutProvider(path: string): string {
  return path.replace(/\/providers\/[^/]+$/i, '');
}
