/** Microsoft.Authorization: permissions, and locks and role assignments that are kept. */
import { covers, onScope, permissionsAt, scopeOf } from '../access.ts';
import { isPublished } from '../actions.ts';
import { type Arm, type ArmRequest, onAnyScope, type Reply } from '../arm.ts';
import { armError, entityNotFound } from '../errors.ts';
import { listAt, objectAt, objectsAt } from '../json.ts';
import { asResource, page } from '../world.ts';

/** Types that are kept; those below a scope are listed with it only where Azure does that. */
const KEPT = [
  { type: 'locks', below: true },
  { type: 'roleAssignments', below: true },
  { type: 'roleDefinitions', below: false },
] as const;

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
  for (const { type, below } of KEPT) {
    const all = onAnyScope(`Microsoft.Authorization/${type}`);
    const one = onAnyScope(`Microsoft.Authorization/${type}/{name}`);
    arm.route('GET', all, 'documentation', (request) => {
      const found = onScope(arm.world, type).filter(
        ({ scope }) => covers(scope, request.id) || (below && covers(request.id, scope)),
      );
      return { status: 200, body: page(found.map(({ resource }) => resource)) };
    });
    arm.route('GET', one, 'documentation', (request) => {
      const found = arm.world.get(request.id);
      if (found === undefined) throw entityNotFound();
      return { status: 200, body: found };
    });
    arm.route('PUT', one, 'documentation', (request) => {
      if (type === 'roleDefinitions') checkDefinition(request);
      return put(arm, request);
    });
    arm.route('DELETE', one, 'documentation', (request) => {
      const found = arm.world.get(request.id);
      arm.world.delete(request.id);
      return found === undefined ? { status: 204 } : { status: 200, body: found };
    });
  }
}

/** A role may name only actions that providers have published (`InvalidActionOrNotAction`, public). */
function checkDefinition({ body }: ArmRequest): void {
  const named = objectsAt(body, 'properties', 'permissions').flatMap((each) =>
    ['actions', 'notActions'].flatMap((list) => listAt(each, list).map(String)),
  );
  const wrong = named.find((each) => !isPublished(each));
  if (wrong === undefined) return;
  const message = `'${wrong}' does not match any of the actions supported by the providers.`;
  throw armError(400, 'InvalidActionOrNotAction', message);
}

function put(arm: Arm, request: ArmRequest): Reply {
  const existed = arm.world.get(request.id) !== undefined;
  const properties = { ...objectAt(request.body, 'properties'), scope: scopeOf(request.id) };
  const made = arm.world.put(asResource({ id: request.id, properties }));
  return { status: existed ? 200 : 201, body: made };
}
