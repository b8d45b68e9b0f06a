import { beforeEach, describe, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { manualClock } from '../src/clock.ts';
import { textAt } from '../src/json.ts';
import { arm, GROUP } from './sdk.ts';

let azure: LocalAzure;
let group: string;

beforeEach(() => {
  azure = createLocalAzure({ clock: manualClock(Date.parse('2025-11-22T09:00:00Z')) });
  group = `/subscriptions/${azure.subscriptionId}/resourceGroups/${GROUP}`;
});

const get = (path: string) => arm(azure, 'GET', path);

describe('ARM itself', () => {
  it('lists tenants, subscriptions, locations, providers and groups', async () => {
    expect((await get('/subscriptions')).body.value).toMatchObject([
      { subscriptionId: azure.subscriptionId, state: 'Enabled', tenantId: azure.tenantId },
    ]);
    const subscription = `/subscriptions/${azure.subscriptionId}`;
    expect((await get('/tenants')).body.value).toMatchObject([{ tenantId: azure.tenantId }]);
    expect((await get(`${subscription}/locations`)).body.value).toContainEqual(
      expect.objectContaining({ name: 'westeurope', displayName: 'West Europe' }),
    );
    const compute = await get(`${subscription}/providers/microsoft.compute`);
    expect(compute.body.resourceTypes).toContainEqual(
      expect.objectContaining({
        resourceType: 'galleries',
        locations: expect.arrayContaining(['West Europe', 'East US 2']),
      }),
    );
    expect((await get(`${subscription}/resourcegroups`)).body.value).toMatchObject([
      { id: group, location: 'westeurope' },
    ]);
    expect((await get(`${group}/resources`)).body.value).toHaveLength(10);
  });

  it('compares paths without case and keeps the case of names', async () => {
    const path = `${group.toUpperCase()}/PROVIDERS/microsoft.compute/VIRTUALMACHINES/Build-Linux`;
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(body.id).toBe(`${group}/providers/Microsoft.Compute/virtualMachines/build-linux`);
  });

  it.each([
    ['Microsoft.Compute/virtualMachines/nobody', 404, 'ResourceNotFound', 'gateway'],
    ['Microsoft.Compute/virtualMachines/build-linux/runCommands/x', 404, 'NotFound', null],
    ['/subscriptions/0/resourceGroups/images', 404, 'SubscriptionNotFound', null],
  ])('refuses %s', async (path, status, code, cause) => {
    const answer = await get(path);
    expect([answer.status, textAt(answer.body, 'error', 'code')]).toEqual([status, code]);
    expect(answer.headers.get('x-ms-failure-cause')).toBe(cause);
  });

  it('tells a missing parent from a missing group', async () => {
    const version = 'Microsoft.Compute/galleries/nowhere/images/a/versions/1.0.0';
    const body = { location: 'westeurope' };
    const orphan = await arm(azure, 'PUT', version, body);
    expect(orphan.body).toMatchObject({ error: { code: 'ParentResourceNotFound' } });
    const elsewhere = group.replace(GROUP, 'nowhere');
    const disk = `${elsewhere}/providers/Microsoft.Compute/disks/d`;
    const lost = await arm(azure, 'PUT', disk, body);
    expect(lost.body).toMatchObject({ error: { code: 'ResourceGroupNotFound' } });
  });

  it('demands an api-version', async () => {
    const response = await azure.fetch(new Request(`${azure.endpoint}${group}`));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'MissingApiVersionParameter' } });
  });

  it('serves what it does not model when the world holds it', async () => {
    const id = `${group}/providers/Contoso.Tea/pots/brown`;
    azure.world.put({ id, name: 'brown', type: 'Contoso.Tea/pots', properties: { litres: 1 } });
    expect((await get(id)).body).toMatchObject({ properties: { litres: 1 } });
    expect((await get(`${group}/providers/Contoso.Tea/pots`)).body.value).toHaveLength(1);
    expect((await arm(azure, 'DELETE', id)).body).toMatchObject({ error: { code: 'NotModelled' } });
  });

  it('makes the operation ID the request ID of the answer that starts it', async () => {
    const vm = 'Microsoft.Compute/virtualMachines/build-linux';
    const { headers } = await arm(azure, 'POST', `${vm}/powerOff`);
    const requestId = headers.get('x-ms-request-id');
    const poll = new URL(headers.get('azure-asyncoperation') ?? '');
    expect(poll.pathname).toMatch(new RegExp(`/locations/westeurope/operations/${requestId}$`));
    expect([...poll.searchParams.keys()]).toEqual(['p', 'api-version', 't', 'c', 's', 'h']);
    expect(new URL(headers.get('location') ?? '').searchParams.get('monitor')).toBe('true');
    expect(poll.href.length).toBeGreaterThan(2500);
  });
});

describe('access', () => {
  const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  const permissions = async (scope: string) =>
    (await get(`${scope}/providers/Microsoft.Authorization/permissions`)).body.value;

  it('is complete while the world names no roles', async () => {
    expect(await permissions(group)).toMatchObject([{ actions: ['*'] }]);
  });

  it('is what roles at or above a scope allow', async () => {
    const type = 'Microsoft.Authorization/roleAssignments';
    const id = `${group}/providers/${type}/1`;
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${READER}`;
    azure.world.put({ id, name: '1', type, properties: { roleDefinitionId } });
    const vm = `${group}/providers/Microsoft.Compute/virtualMachines/build-linux`;
    expect(await permissions(vm)).toMatchObject([{ actions: ['*/read'] }]);
    expect((await get(vm)).status).toBe(200);
    const refused = await arm(azure, 'POST', `${vm}/deallocate`);
    expect(refused.status).toBe(403);
    expect(textAt(refused.body, 'error', 'message')).toContain(
      "'Microsoft.Compute/virtualMachines/deallocate/action'",
    );
  });

  it('ends at locks', async () => {
    const vm = `${group}/providers/Microsoft.Compute/virtualMachines/build-linux`;
    const lock = `${group}/providers/Microsoft.Authorization/locks/keep`;
    await arm(azure, 'PUT', lock, { properties: { level: 'CanNotDelete' } });
    expect((await arm(azure, 'DELETE', vm)).body).toMatchObject({ error: { code: 'ScopeLocked' } });
    expect((await arm(azure, 'POST', `${vm}/powerOff`)).status).toBe(202);
    const listed = await get(`${vm}/providers/Microsoft.Authorization/locks`);
    expect(listed.body.value).toHaveLength(1);
    await arm(azure, 'DELETE', lock);
    expect((await arm(azure, 'DELETE', vm)).status).toBe(202);
  });
});

describe('what Compute offers', () => {
  it('lists the SKUs of a region, ZRS only where there are zones', async () => {
    const path = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Compute/skus`;
    const names = async (region: string) => {
      const { body } = await get(`${path}?$filter=location%20eq%20'${region}'`);
      return (body.value as { name: string; resourceType: string }[])
        .filter(({ resourceType }) => resourceType === 'snapshots')
        .map(({ name }) => name);
    };
    expect(await names('westeurope')).toContain('Standard_ZRS');
    expect(await names('westus')).not.toContain('Standard_ZRS');
  });

  it('counts usages', async () => {
    const path = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Compute/locations`;
    const { body } = await get(`${path}/westeurope/usages`);
    expect(body.value).toContainEqual(expect.objectContaining({ currentValue: 2, limit: 25_000 }));
  });
});
