/** Who may do what: role assignments and locks of the world, and ARM's refusals by them. */
import { idKey, parseId } from './arm-id.ts';
import { ArmError } from './errors.ts';
import { CLIENT_ID, OBJECT_ID } from './identity.ts';
import { type JsonObject, listAt, objectsAt, textAt } from './json.ts';
import type { Resource, World } from './world.ts';

const AUTHORIZATION = 'microsoft.authorization';

/** Actions of the built-in roles that worlds may name without defining them. */
const BUILT_IN: Readonly<Record<string, JsonObject>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': { actions: ['*'] },
  'b24988ac-6180-42a0-ab88-20f7382dd24c': {
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
    ],
  },
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': { actions: ['*/read'] },
};

/** The resources of an authorization type (`locks`, `roleAssignments`) that stand on a scope. */
export function onScope(world: World, type: string): { resource: Resource; scope: string }[] {
  const wanted = `${AUTHORIZATION}/${type}`.toLowerCase();
  return world
    .all()
    .filter((resource) => resource.type.toLowerCase() === wanted)
    .map((resource) => ({ resource, scope: scopeOf(resource.id) }));
}

/** The scope an extension resource stands on. */
export function scopeOf(id: string): string {
  return id.slice(0, idKey(id).lastIndexOf('/providers/'));
}

/** Whether `scope` is `id` itself or something that contains it. */
export function covers(scope: string, id: string): boolean {
  return `${idKey(id)}/`.startsWith(`${idKey(scope)}/`);
}

/**
 * The permissions of the one principal at a scope: everything, unless the world holds role
 * assignments; then those at the scope and above.
 */
export function permissionsAt(world: World, scope: string): JsonObject[] {
  const assignments = onScope(world, 'roleAssignments');
  if (assignments.length === 0) return [complete({ actions: ['*'] })];
  return assignments
    .filter((each) => covers(each.scope, scope))
    .filter(({ resource }) => {
      const principal = textAt(resource, 'properties', 'principalId');
      return principal === undefined || principal.toLowerCase() === OBJECT_ID;
    })
    .flatMap(({ resource }) => roleOf(world, resource).map(complete));
}

function roleOf(world: World, assignment: Resource): JsonObject[] {
  const definition = textAt(assignment, 'properties', 'roleDefinitionId') ?? '';
  const guid = definition.split('/').at(-1)?.toLowerCase() ?? '';
  const stored = onScope(world, 'roleDefinitions').find(
    ({ resource }) => resource.name.toLowerCase() === guid,
  );
  if (stored !== undefined) return objectsAt(stored.resource, 'properties', 'permissions');
  const builtIn = BUILT_IN[guid];
  return builtIn === undefined ? [] : [builtIn];
}

function complete(permission: JsonObject): JsonObject {
  return { actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission };
}

/** Throws ARM's refusal of a request that no role allows or that a lock forbids. */
export function checkAccess(world: World, method: string, path: string): void {
  const { type, rest, subscriptionId } = parseId(path);
  if (subscriptionId === undefined) return;
  const action = actionOf(method, type, rest);
  const scope = rest === undefined ? path : path.split('/').slice(0, -1).join('/');
  const allowed = permissionsAt(world, path).some((each) => allows(each, action));
  // Polls work without rights of their own (azure.md §8).
  const isPoll = /\/locations\/(disk|caps)?operations\/?/i.test(`${type}/`);
  if (!allowed && !isPoll) throw forbidden(action, scope);
  checkLocks(world, method, scope);
}

/** The action a request needs, e.g. `Microsoft.Compute/virtualMachines/runCommand/action`. */
function actionOf(method: string, type: string, rest: string | undefined): string {
  if (method === 'POST') return `${type}/${rest ?? ''}/action`;
  const inner = rest === undefined ? type : `${type}/${rest}`;
  const verbs: Record<string, string> = { GET: 'read', HEAD: 'read', DELETE: 'delete' };
  return `${inner.replace(/^Microsoft.Resources\/resourceGroups$/, 'Microsoft.Resources/subscriptions/resourceGroups')}/${verbs[method] ?? 'write'}`;
}

function allows(permission: JsonObject, action: string): boolean {
  const matches = (pattern: unknown): boolean => {
    const escaped = String(pattern).replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*')}$`, 'i').test(action);
  };
  const granted = listAt(permission, 'actions').some(matches);
  return granted && !listAt(permission, 'notActions').some(matches);
}

/** (errors.json, `authz`.) */
function forbidden(action: string, scope: string): ArmError {
  const message =
    `The client '${CLIENT_ID}' with object id '${OBJECT_ID}' does not have authorization to ` +
    `perform action '${action}' over scope '${scope}' or the scope is invalid. If access was ` +
    'recently granted, please refresh your credentials.';
  return new ArmError(403, { code: 'AuthorizationFailed', message }, GATEWAY);
}

const GATEWAY = { 'x-ms-failure-cause': 'gateway' };

/** ReadOnly forbids every write, CanNotDelete deletes (learn, "Lock your resources"). */
function checkLocks(world: World, method: string, scope: string): void {
  if (method === 'GET' || method === 'HEAD') return;
  if (/\/providers\/microsoft\.authorization\//i.test(scope)) return;
  const locks = onScope(world, 'locks').filter(({ resource, scope: locked }) => {
    const level = textAt(resource, 'properties', 'level') ?? '';
    const forbids = level === 'ReadOnly' || method === 'DELETE';
    // Deleting something also deletes what is in it, so locks below count as well.
    return forbids && (covers(locked, scope) || (method === 'DELETE' && covers(scope, locked)));
  });
  if (locks.length === 0) return;
  const operation = method === 'DELETE' ? 'delete' : 'write';
  const scopes = locks.map((each) => `'${each.scope}'`).join(',');
  const message =
    `The scope '${scope}' cannot perform ${operation} operation because following scope(s) are ` +
    `locked: ${scopes}. Please remove the lock and try again.`;
  throw new ArmError(409, { code: 'ScopeLocked', message }, GATEWAY);
}
