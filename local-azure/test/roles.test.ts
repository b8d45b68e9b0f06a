/** Roles, assignments and identities, as a setup makes them. */
import { beforeEach, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { CLIENT_ID, CLIENT_SECRET, OBJECT_ID } from '../src/identity.ts';
import { type JsonObject, objectsAt, textAt } from '../src/json.ts';
import { claimsOf } from '../src/jwt.ts';
import { arm, GROUP } from './sdk.ts';

const GUID = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';
const SUBJECT = 'repo:contoso@6844498/images@74729214:ref:refs/heads/main';

let azure: LocalAzure;
let subscription: string;
let group: string;
beforeEach(() => {
  azure = createLocalAzure();
  subscription = `/subscriptions/${azure.subscriptionId}`;
  group = `${subscription}/resourceGroups/${GROUP}`;
});

const at = (scope: string, tail: string) => `${scope}/providers/Microsoft.Authorization/${tail}`;
const put = (path: string, properties: JsonObject) => arm(azure, 'PUT', path, { properties });
const role = (roleName: string, ...assignableScopes: string[]): JsonObject => ({
  roleName,
  type: 'CustomRole',
  permissions: [{ actions: ['Microsoft.Compute/disks/read'] }],
  assignableScopes,
});
const define = (guid: string, roleName: string, scope = group) =>
  put(at(scope, `roleDefinitions/${guid}`), role(roleName, scope));
const assign = (guid: string, principalId: string, roleGuid = GUID, scope = group) =>
  put(at(scope, `roleAssignments/${guid}`), {
    principalId,
    roleDefinitionId: at(subscription, `roleDefinitions/${roleGuid}`),
  });
const list = async (path: string, filter?: string) => {
  const query = filter === undefined ? '' : `?$filter=${encodeURIComponent(filter)}`;
  const { body } = await arm(azure, 'GET', `${path}${query}`);
  return objectsAt(body, 'value');
};
const code = ({ status, body }: { status: number; body: unknown }) => [
  status,
  textAt(body, 'error', 'code'),
];

it('a role is found by its name, where it can be assigned, beside the built-in ones', async () => {
  expect((await define(GUID, 'Tea')).status).toBe(201);
  const named = (scope: string, name: string) =>
    list(at(scope, 'roleDefinitions'), `roleName eq '${name}'`);
  const gallery = `${group}/providers/Microsoft.Compute/galleries/golden`;
  expect(await named(gallery, 'Tea')).toMatchObject([{ name: GUID }]);
  expect(await named(subscription, 'Tea')).toEqual([]);
  expect(await named(subscription, 'reader')).toMatchObject([
    { properties: { type: 'BuiltInRole', permissions: [{ actions: ['*/read'] }] } },
  ]);
});

it('names are taken once, pairs are assigned once, and what is assigned stays', async () => {
  await define(GUID, 'Tea');
  expect(code(await define(OTHER, 'Tea'))).toEqual([409, 'RoleDefinitionWithSameNameExists']);
  expect(code(await assign(GUID, OTHER, OTHER))).toEqual([404, 'RoleDefinitionDoesNotExist']);
  expect((await assign(GUID, OTHER)).status).toBe(201);
  expect((await assign(GUID, OTHER)).status).toBe(200);
  expect(code(await assign(OTHER, OTHER))).toEqual([409, 'RoleAssignmentExists']);
  const definition = at(group, `roleDefinitions/${GUID}`);
  expect(code(await arm(azure, 'DELETE', definition))).toEqual([
    400,
    'RoleDefinitionHasAssignments',
  ]);
  expect((await arm(azure, 'DELETE', at(group, `roleAssignments/${GUID}`))).status).toBe(200);
  expect((await arm(azure, 'DELETE', definition)).status).toBe(200);
});

it('whoever makes the first assignment still owns everything', async () => {
  await define(GUID, 'Tea');
  await assign(GUID, OTHER);
  expect((await arm(azure, 'GET', group)).status).toBe(200);
  const all = at(subscription, 'roleAssignments');
  expect(await list(all, `principalId eq '${OBJECT_ID}'`)).toHaveLength(1);
  expect(await list(all, 'atScope()')).toHaveLength(1);
  expect(await list(all)).toHaveLength(2);
});

const identity = () =>
  `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/builder`;
const credential = (name: string, subject: string) =>
  put(`${identity()}/federatedIdentityCredentials/${name}`, {
    issuer: 'https://token.actions.githubusercontent.com',
    subject,
    audiences: ['api://AzureADTokenExchange'],
  });

it('an identity has at most 20 credentials, of one subject each', async () => {
  await arm(azure, 'PUT', identity(), { location: 'westeurope' });
  expect((await credential('one', 'a')).status).toBe(201);
  expect((await credential('one', 'b')).status).toBe(200);
  expect(code(await credential('two', 'b'))).toEqual([409, 'Conflict']);
  expect((await credential('two', '')).status).toBe(400);
  for (let index = 1; index < 20; index++)
    expect((await credential(`more-${index}`, `s${index}`)).status).toBe(201);
  expect((await credential('more-20', 's20')).status).toBe(400);
  expect(await list(`${identity()}/federatedIdentityCredentials`)).toHaveLength(20);
});

it('an identity signs in with its own credentials alone, and has its own roles', async () => {
  const { body } = await arm(azure, 'PUT', identity(), { location: 'westeurope' });
  const clientId = textAt(body, 'properties', 'clientId') ?? '';
  const signIn = async (client: string, proof: Record<string, string>) => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      scope: `${azure.endpoint}/.default`,
      ...proof,
    });
    const url = `${azure.endpoint}/${azure.tenantId}/oauth2/v2.0/token`;
    const answer = await azure.fetch(new Request(url, { method: 'POST', body: form }));
    return (await answer.json()) as JsonObject;
  };
  const withToken = (client: string) =>
    signIn(client, {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: azure.idToken(),
    });
  expect(await withToken(clientId)).toMatchObject({ error_codes: [70025] });
  await credential('main', SUBJECT.replace('main', 'next'));
  expect(await withToken(clientId)).toMatchObject({ error_codes: [700213] });
  // The application trusts whom it trusted.
  expect(await withToken(CLIENT_ID)).toHaveProperty('access_token');
  await credential('main', SUBJECT);
  const token = String((await withToken(clientId)).access_token);
  expect(claimsOf(token)).toMatchObject({
    appid: clientId,
    oid: textAt(body, 'properties', 'principalId'),
  });
  expect(await signIn(clientId, { client_secret: CLIENT_SECRET })).toHaveProperty('error');
});
