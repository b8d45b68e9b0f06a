/** Microsoft.Authorization beside roles: the permissions one has, and locks. */
import { covers, onScope, permissionsAt, scopeOf } from '../access.ts';
import { type Arm, type ArmRequest, onAnyScope, type Reply } from '../arm.ts';
import { entityNotFound } from '../errors.ts';
import { objectAt } from '../json.ts';
import { asResource, page } from '../world.ts';

/** Registers the routes, which work on any scope. */
export function registerAuthorization(arm: Arm): void {
  arm.route(
    'GET',
    onAnyScope('Microsoft.Authorization/permissions'),
    'documentation',
    (request) => ({
      status: 200,
      body: page(permissionsAt(arm.world, request.id, request.principal)),
    }),
  );
  const one = onAnyScope('Microsoft.Authorization/locks/{name}');
  // Those below the scope are listed with it.
  arm.route('GET', onAnyScope('Microsoft.Authorization/locks'), 'documentation', (request) => {
    const found = onScope(arm.world, 'locks').filter(
      ({ scope }) => covers(scope, request.id) || covers(request.id, scope),
    );
    return { status: 200, body: page(found.map(({ resource }) => resource)) };
  });
  arm.route('GET', one, 'documentation', (request) => {
    const found = arm.world.get(request.id);
    if (found === undefined) throw entityNotFound();
    return { status: 200, body: found };
  });
  arm.route('PUT', one, 'documentation', (request) => put(arm, request));
  arm.route('DELETE', one, 'documentation', (request) => {
    const found = arm.world.get(request.id);
    arm.world.delete(request.id);
    return found === undefined ? { status: 204 } : { status: 200, body: found };
  });
}

function put(arm: Arm, request: ArmRequest): Reply {
  const existed = arm.world.get(request.id) !== undefined;
  const properties = { ...objectAt(request.body, 'properties'), scope: scopeOf(request.id) };
  const made = arm.world.put(asResource({ id: request.id, properties }));
  return { status: existed ? 200 : 201, body: made };
}
