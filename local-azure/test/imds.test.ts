/** The Instance Metadata Service's tokens, by nothing but HTTP. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { CLOUDS } from '../src/cloud.ts';
import { inProcessFetch } from '../src/in-process.ts';
import type { JsonObject } from '../src/json.ts';
import { claimsOf } from '../src/jwt.ts';
import { resource } from '../src/world-parts.ts';

let azure: LocalAzure;

beforeEach(() => {
  azure = createLocalAzure({ authentication: true });
});

const ARM = 'https://management.azure.com/';
const asked = { 'api-version': '2018-02-01', resource: ARM };

async function token(query: Record<string, string>, headers: Record<string, string> = META) {
  const url = `${azure.endpoint}/metadata/identity/oauth2/token?${new URLSearchParams(query)}`;
  const answer = await inProcessFetch(azure)(url, { headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}
const META = { Metadata: 'true' };

function runner(identity: JsonObject | undefined): void {
  const { subscriptionId } = azure;
  const place = { subscriptionId, resourceGroup: 'runners', location: 'westeurope' };
  const type = 'Microsoft.Compute/virtualMachines';
  azure.world.put(resource(place, type, ['runner'], {}, { identity }));
}

const ID =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities';
const one = { clientId: '11111111-2222-4333-8444-555555555555', principalId: 'aaaa' };
const two = { clientId: '66666666-7777-4888-8999-000000000000', principalId: 'bbbb' };

describe('the token', () => {
  it('is good for ARM, and says so in strings', async () => {
    const { status, body } = await token(asked);
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', resource: ARM, expires_in: '3599' });
    const vm = `${azure.endpoint}/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/virtualMachines/build-linux?api-version=2025-04-01`;
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await inProcessFetch(azure)(vm, { headers })).status).toBe(200);
  });

  it('is of the identity that the VM called runner has, however it is named', async () => {
    const userAssignedIdentities = { [`${ID}/one`]: one, [`${ID}/two`]: two };
    runner({ type: 'SystemAssigned, UserAssigned', principalId: 'own', userAssignedIdentities });
    const principal = async (choice: Record<string, string>) =>
      claimsOf((await token({ ...asked, ...choice })).body.access_token ?? '')?.oid;
    expect(await principal({})).toBe('own');
    expect(await principal({ client_id: one.clientId.toUpperCase() })).toBe('aaaa');
    expect(await principal({ object_id: 'bbbb' })).toBe('bbbb');
    expect(await principal({ msi_res_id: `${ID}/TWO` })).toBe('bbbb');
  });

  it('is of the only user-assigned identity when there is no other', async () => {
    runner({ type: 'UserAssigned', userAssignedIdentities: { [`${ID}/one`]: one } });
    expect((await token(asked)).body.client_id).toBe(one.clientId);
  });
});

describe('it refuses', () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['Required metadata header not specified', asked, {}],
    ['X-Forwarded-For', asked, { ...META, 'X-Forwarded-For': '10.0.0.1' }],
    ["Required query variable 'resource' is missing", { 'api-version': '2018-02-01' }, META],
    ["Required query variable 'api-version' is missing", { resource: ARM }, META],
    ['Identity not found', { ...asked, client_id: one.clientId }, META],
    ['AADSTS500011', { ...asked, resource: CLOUDS.AzureChinaCloud.resourceManager }, META],
  ])('%s', async (text, query, headers) => {
    const { status, body } = await token(query, headers);
    expect(status).toBe(400);
    expect(body.error_description).toContain(text);
  });

  it('a runner without an identity, and one with several of which none is named', async () => {
    runner(undefined);
    expect((await token(asked)).body.error_description).toBe('Identity not found');
    const userAssignedIdentities = { [`${ID}/one`]: one, [`${ID}/two`]: two };
    runner({ type: 'UserAssigned', userAssignedIdentities });
    expect((await token(asked)).body.error_description).toContain('Multiple user assigned');
    expect((await token({ ...asked, client_id: two.clientId })).status).toBe(200);
  });
});
