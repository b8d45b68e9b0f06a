/** Who may do what: role assignments and locks of the world, and ARM's refusals by them. */
import { isListed, matches } from './actions.ts';
import { idKey, parseId } from './arm-id.ts';
import type { Principal } from './authentication.ts';
import { ArmError } from './errors.ts';
import { TENANT_ID } from './identity.ts';
import { type JsonObject, listAt, objectsAt, textAt } from './json.ts';
import { linkedNeeds, type Need } from './linked-access.ts';
import type { Resource, World } from './world.ts';

const AUTHORIZATION = 'microsoft.authorization';

/** The built-in roles that worlds may name without defining them: their permissions and names. */
export const BUILT_IN: ReadonlyMap<string, JsonObject> = new Map(
  Object.entries({
    '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': { roleName: 'Owner', actions: ['*'] },
    'b24988ac-6180-42a0-ab88-20f7382dd24c': {
      roleName: 'Contributor',
      actions: ['*'],
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
      ],
    },
    'acdd72a7-3385-48ef-bd42-f606fba81ae7': { roleName: 'Reader', actions: ['*/read'] },
  }),
);

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
 * The permissions of a principal at a scope: everything, unless the world holds role assignments;
 * then those at the scope and above that are the principal's, or that name none.
 */
export function permissionsAt(world: World, scope: string, { objectId }: Principal): JsonObject[] {
  const assignments = onScope(world, 'roleAssignments');
  if (assignments.length === 0) return [complete({ actions: ['*'] })];
  return assignments
    .filter((each) => covers(each.scope, scope))
    .filter(({ resource }) => {
      const named = textAt(resource, 'properties', 'principalId');
      return named === undefined || named.toLowerCase() === objectId.toLowerCase();
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
  const { roleName: _, ...builtIn } = BUILT_IN.get(guid) ?? {};
  return BUILT_IN.has(guid) ? [builtIn] : [];
}

function complete(permission: JsonObject): JsonObject {
  return { actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission };
}

/** What is asked of ARM, and by whom. */
interface Attempt {
  readonly principal: Principal;
  readonly method: string;
  /** Path of the URL, its escapes resolved. */
  readonly path: string;
  readonly body: JsonObject;
}

/** Throws ARM's refusal of a request that no role allows or that a lock forbids. */
export function checkAccess(world: World, attempt: Attempt): void {
  const { method, path } = attempt;
  const { type, rest, subscriptionId } = parseId(path);
  if (subscriptionId === undefined) return;
  const scope = rest === undefined ? path : path.split('/').slice(0, -1).join('/');
  const action = actionOf(method, type, rest);
  checkRoles(world, attempt, { action, scope });
  if (!action.endsWith('/read')) checkLocks(world, method, scope);
}

/**
 * The action on the resource itself comes first, then those on what the body refers to. All of it
 * comes before ARM looks whether anything exists: an identity that is not allowed to read it cannot
 * find out.
 */
function checkRoles(world: World, { principal, method, path, body }: Attempt, own: Need): void {
  const { type, rest } = parseId(path);
  // Polls work without rights of their own.
  if (/\/locations\/(disk|caps)?operations\/?/i.test(`${type}/`)) return;
  const may = ({ action, scope }: Need): boolean =>
    permissionsAt(world, scope, principal).some((each) => allows(each, action));
  // What stands in a group or subscription is listed with the right at that group or subscription.
  if (!may({ ...own, scope: path })) throw forbidden(principal, own);
  const line = `${method} ${rest === undefined ? type : `${type}/${rest}`}`;
  const needs = linkedNeeds(line, body);
  for (const need of needs) requireTenant(world, own, need);
  const missing = needs.filter((need) => !may(need));
  if (missing.length > 0) throw linkForbidden(principal, own, missing);
}

/** The action a request needs, e.g. `Microsoft.Compute/virtualMachines/runCommand/action`. */
function actionOf(method: string, type: string, rest: string | undefined): string {
  const asked = `${type}/${rest ?? ''}`;
  // A POST that changes nothing: its action is published as one to read.
  if (method === 'POST') return `${asked}/${isListed(`${asked}/read`) ? 'read' : 'action'}`;
  const inner = rest === undefined ? type : `${type}/${rest}`;
  const verbs: Record<string, string> = { GET: 'read', HEAD: 'read', DELETE: 'delete' };
  return `${inner.replace(/^Microsoft.Resources\/resourceGroups$/, 'Microsoft.Resources/subscriptions/resourceGroups')}/${verbs[method] ?? 'write'}`;
}

function allows(permission: JsonObject, action: string): boolean {
  const granted = listAt(permission, 'actions').some((each) => matches(String(each), action));
  const denied = listAt(permission, 'notActions').some((each) => matches(String(each), action));
  return granted && !denied;
}

/** (microsoft/lisa#3212; a list's scope is the namespace: Linux fence agents' logs in Microsoft's docs.) */
function forbidden({ clientId, objectId }: Principal, { action, scope }: Need): ArmError {
  const message =
    `The client '${clientId}' with object id '${objectId}' does not have authorization to ` +
    `perform action '${action}' over scope '${scope}' or the scope is invalid. If access was ` +
    'recently granted, please refresh your credentials.';
  return new ArmError(403, { code: 'AuthorizationFailed', message }, GATEWAY);
}

/** (kubernetes-sigs/azuredisk-csi-driver#2610, today's wording; several actions by analogy.) */
function linkForbidden(
  { clientId, objectId }: Principal,
  own: Need,
  missing: readonly Need[],
): ArmError {
  const message =
    `The client '${clientId}' with object id '${objectId}' has permission to perform action ` +
    `'${own.action}' on scope '${own.scope}'; however, it does not have permission to perform ` +
    `action(s) '${missing.map(({ action }) => action).join(',')}' on the linked scope(s) ` +
    `'${missing.map(({ scope }) => scope).join(',')}' (respectively) or the linked scope(s) are ` +
    'invalid.';
  return new ArmError(403, { code: 'LinkedAuthorizationFailed', message }, GATEWAY);
}

/**
 * Throws the refusal of a reference into a subscription that the tenant does not have
 * (azure-cli, test_image_builder_template_file; today's wording and its order of action and
 * scope: Azure/bicep#17206, azure-cli#30976). Tokens for further tenants are not modelled.
 */
function requireTenant(world: World, own: Need, { action, scope }: Need): void {
  const { subscriptionId } = parseId(scope);
  if (subscriptionId === undefined) return;
  const known = world.subscriptions().map((each) => each.toLowerCase());
  if (known.includes(subscriptionId.toLowerCase())) return;
  const message =
    `The client has permission to perform action '${action}' on scope '${own.scope}', however ` +
    `the current tenant '${TENANT_ID}' is not authorized to access linked subscription ` +
    `'${subscriptionId}'.`;
  throw new ArmError(403, { code: 'LinkedAuthorizationFailed', message }, GATEWAY);
}

const GATEWAY = { 'x-ms-failure-cause': 'gateway' };

/** ReadOnly forbids every write, CanNotDelete deletes (learn, "Lock your resources"). */
function checkLocks(world: World, method: string, scope: string): void {
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
