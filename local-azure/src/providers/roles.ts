/**
 * Microsoft.Authorization's role definitions and role assignments (azure-rest-api-specs,
 * 2022-04-01; codes and texts as issues and Microsoft Learn's "Troubleshoot Azure RBAC" quote them).
 */
import { BUILT_IN, covers, onScope, scopeOf } from '../access.ts';
import { isPublished } from '../actions.ts';
import { type Arm, type ArmRequest, onAnyScope, type Reply } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { armError, entityNotFound } from '../errors.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../json.ts';
import { asResource, page, type Resource } from '../world.ts';

const AUTHORIZATION = 'Microsoft.Authorization';
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';

/** Registers the routes, which work on any scope. */
export function registerRoles(arm: Arm): void {
  registerDefinitions(arm);
  registerAssignments(arm);
}

/** Names are compared without regard to case (azure-cli, test_vm_explicit_msi: `--role reader`). */
function registerDefinitions(arm: Arm): void {
  const all = onAnyScope(`${AUTHORIZATION}/roleDefinitions`);
  const one = onAnyScope(`${AUTHORIZATION}/roleDefinitions/{name}`);
  arm.route('GET', all, 'documentation', (request) => {
    const name = quoted(request, 'roleName');
    const found = [...builtIn(request.subscriptionId), ...customRoles(arm)].filter(
      (role) =>
        isAssignableAt(role, request.id) &&
        (name === undefined ||
          textAt(role, 'properties', 'roleName')?.toLowerCase() === name.toLowerCase()),
    );
    return { status: 200, body: page(found) };
  });
  arm.route('GET', one, 'documentation', (request) => {
    const roles = [...builtIn(request.subscriptionId), ...customRoles(arm)];
    const found = roles.find((role) => hasName(role, request.name));
    if (found === undefined) throw roleNotFound(request.name);
    return { status: 200, body: found };
  });
  arm.route('PUT', one, 'documentation', (request) => define(arm, request));
  arm.route('DELETE', one, 'documentation', (request) => {
    const found = customRoles(arm).find((role) => hasName(role, request.name));
    if (found === undefined) return { status: 204 };
    requireUnassigned(arm, found);
    arm.world.delete(found.id);
    return { status: 200, body: found };
  });
}

const customRoles = (arm: Arm): Resource[] =>
  onScope(arm.world, 'roleDefinitions').map(({ resource }) => resource);

const hasName = (role: Resource, name: string): boolean =>
  role.name.toLowerCase() === name.toLowerCase();

/** The built-in roles that the local Azure knows, as a subscription shows them. */
function builtIn(subscriptionId: string): Resource[] {
  return [...BUILT_IN].map(([guid, { roleName, ...permission }]) =>
    asResource({
      id: `/subscriptions/${subscriptionId}/providers/${AUTHORIZATION}/roleDefinitions/${guid}`,
      properties: {
        roleName: roleName ?? guid,
        type: 'BuiltInRole',
        assignableScopes: ['/'],
        permissions: [permission],
      },
    }),
  );
}

/** A role is offered within its assignable scopes; one of a world file may leave them out. */
function isAssignableAt(role: Resource, scope: string): boolean {
  const scopes = listAt(role, 'properties', 'assignableScopes').map(String);
  if (scopes.includes('/')) return true;
  return (scopes.length === 0 ? [scopeOf(role.id)] : scopes).some((each) => covers(each, scope));
}

/** A definition of the tenant, whatever scope it is put at: it keeps the ID that it has. */
function define(arm: Arm, request: ArmRequest): Reply {
  checkActions(request);
  const others = customRoles(arm);
  const existing = others.find((role) => hasName(role, request.name));
  const sent = objectAt(request.body, 'properties');
  const roleName = textAt(sent, 'roleName');
  const taken =
    roleName !== undefined &&
    others.some((role) => role !== existing && textAt(role, 'properties', 'roleName') === roleName);
  if (taken) {
    const message = 'A custom role with the same name already exists in this directory.';
    throw armError(409, 'RoleDefinitionWithSameNameExists', message);
  }
  const properties = { type: 'CustomRole', ...sent, scope: scopeOf(request.id) };
  const made = asResource({ id: existing?.id ?? request.id, properties });
  return { status: 201, body: arm.world.put(made) };
}

/** A role may name only actions that providers have published (`InvalidActionOrNotAction`, public). */
function checkActions({ body }: ArmRequest): void {
  const named = objectsAt(body, 'properties', 'permissions').flatMap((each) =>
    ['actions', 'notActions'].flatMap((list) => listAt(each, list).map(String)),
  );
  const wrong = named.find((each) => !isPublished(each));
  if (wrong === undefined) return;
  const message = `'${wrong}' does not match any of the actions supported by the providers.`;
  throw armError(400, 'InvalidActionOrNotAction', message);
}

/** (Learn, "Find role assignments to delete a custom role"; the status is from memory.) */
function requireUnassigned(arm: Arm, role: Resource): void {
  const isAssigned = onScope(arm.world, 'roleAssignments').some(({ resource }) =>
    names(resource, role.name),
  );
  if (!isAssigned) return;
  const message = 'There are existing role assignments referencing role.';
  throw armError(400, 'RoleDefinitionHasAssignments', message);
}

/** Whether an assignment is one of the role with this GUID. */
const names = (assignment: JsonObject, guid: string): boolean =>
  (textAt(assignment, 'properties', 'roleDefinitionId') ?? '').split('/').at(-1)?.toLowerCase() ===
  guid.toLowerCase();

function registerAssignments(arm: Arm): void {
  const all = onAnyScope(`${AUTHORIZATION}/roleAssignments`);
  const one = onAnyScope(`${AUTHORIZATION}/roleAssignments/{name}`);
  arm.route('GET', all, 'documentation', (request) => {
    const filter = request.query.get('$filter') ?? '';
    const principal = quoted(request, 'principalId');
    const found = onScope(arm.world, 'roleAssignments').filter(
      ({ resource, scope }) =>
        (covers(scope, request.id) ||
          (!/atScope\(\)/i.test(filter) && covers(request.id, scope))) &&
        (principal === undefined ||
          textAt(resource, 'properties', 'principalId')?.toLowerCase() === principal.toLowerCase()),
    );
    return { status: 200, body: page(found.map(({ resource }) => resource)) };
  });
  arm.route('GET', one, 'documentation', (request) => {
    const found = arm.world.get(request.id);
    if (found === undefined) throw entityNotFound();
    return { status: 200, body: found };
  });
  arm.route('PUT', one, 'documentation', (request) => assign(arm, request));
  arm.route('DELETE', one, 'documentation', (request) => {
    const found = arm.world.get(request.id);
    arm.world.delete(request.id);
    return found === undefined ? { status: 204 } : { status: 200, body: found };
  });
}

function assign(arm: Arm, request: ArmRequest): Reply {
  const sent = objectAt(request.body, 'properties');
  const role = (textAt(sent, 'roleDefinitionId') ?? '').split('/').at(-1) ?? '';
  const roles = [...builtIn(request.subscriptionId), ...customRoles(arm)];
  if (!roles.some((each) => hasName(each, role))) throw roleNotFound(role);
  const scope = scopeOf(request.id);
  const principal = textAt(sent, 'principalId')?.toLowerCase();
  const before = onScope(arm.world, 'roleAssignments').filter(
    (each) =>
      idKey(each.scope) === idKey(scope) &&
      textAt(each.resource, 'properties', 'principalId')?.toLowerCase() === principal &&
      names(each.resource, role),
  );
  if (before.some(({ resource }) => idKey(resource.id) !== idKey(request.id)))
    throw armError(409, 'RoleAssignmentExists', 'The role assignment already exists.');
  keepOwner(arm, request);
  const existed = arm.world.get(request.id) !== undefined;
  const made = asResource({ id: request.id, properties: { ...sent, scope } });
  return { status: existed ? 200 : 201, body: arm.world.put(made) };
}

/**
 * In a world without assignments everybody owns everything. Who makes the first one keeps that:
 * in Azure only an owner could have made it.
 */
function keepOwner(arm: Arm, { principal, subscriptionId }: ArmRequest): void {
  if (onScope(arm.world, 'roleAssignments').length > 0) return;
  for (const each of new Set([subscriptionId, ...arm.world.subscriptions()])) {
    const scope = `/subscriptions/${each}`;
    const authorization = `${scope}/providers/${AUTHORIZATION}`;
    arm.world.put(
      asResource({
        id: `${authorization}/roleAssignments/${arm.random.uuid()}`,
        properties: {
          roleDefinitionId: `${authorization}/roleDefinitions/${OWNER}`,
          principalId: principal.objectId,
          principalType: 'ServicePrincipal',
          scope,
        },
      }),
    );
  }
}

/** (The texts of azure-powershell's tests; 404 as the service answers a role of no tenant.) */
const roleNotFound = (guid: string): Error =>
  armError(
    404,
    'RoleDefinitionDoesNotExist',
    `The specified role definition with ID '${guid.replaceAll('-', '')}' does not exist.`,
  );

/** What `$filter` compares a member with: `roleName eq 'Reader'`. */
const quoted = ({ query }: ArmRequest, member: string): string | undefined =>
  new RegExp(`${member} eq '((?:[^']|'')*)'`, 'i')
    .exec(query.get('$filter') ?? '')?.[1]
    ?.replaceAll("''", "'");
