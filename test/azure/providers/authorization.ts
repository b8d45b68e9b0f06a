/** Microsoft.Authorization: permissions, and locks and role assignments that are kept. */
import { covers, onScope, permissionsAt, scopeOf } from '../access.ts';
import { type Arm, type ArmRequest, onAnyScope, type Reply } from '../arm.ts';
import { entityNotFound } from '../errors.ts';
import { objectAt } from '../json.ts';
import { asResource, page } from '../world.ts';

/** Types that are kept; those below a scope are listed with it only where Azure does that. */
const KEPT = [
  { type: 'locks', below: true },
  { type: 'roleAssignments', below: true },
  { type: 'roleDefinitions', below: false },
] as const;

/** Registers the routes, which work on any scope. */
export function registerAuthorization(arm: Arm): void {
  arm.route('GET', onAnyScope('Microsoft.Authorization/permissions'), (request) => ({
    status: 200,
    body: page(permissionsAt(arm.world, request.id)),
  }));
  for (const { type, below } of KEPT) {
    const all = onAnyScope(`Microsoft.Authorization/${type}`);
    const one = onAnyScope(`Microsoft.Authorization/${type}/{name}`);
    arm.route('GET', all, (request) => {
      const found = onScope(arm.world, type).filter(
        ({ scope }) => covers(scope, request.id) || (below && covers(request.id, scope)),
      );
      return { status: 200, body: page(found.map(({ resource }) => resource)) };
    });
    arm.route('GET', one, (request) => {
      const found = arm.world.get(request.id);
      if (found === undefined) throw entityNotFound();
      return { status: 200, body: found };
    });
    arm.route('PUT', one, (request) => put(arm, request));
    arm.route('DELETE', one, (request) => {
      const found = arm.world.get(request.id);
      arm.world.delete(request.id);
      return found === undefined ? { status: 204 } : { status: 200, body: found };
    });
  }
}

function put(arm: Arm, request: ArmRequest): Reply {
  const existed = arm.world.get(request.id) !== undefined;
  const properties = { ...objectAt(request.body, 'properties'), scope: scopeOf(request.id) };
  const made = arm.world.put(asResource({ id: request.id, properties }));
  return { status: existed ? 200 : 201, body: made };
}
