/** What stands around VMs and galleries: storage accounts, identities, sharing, encryption sets. */
import { describe, expect, it } from 'vitest';
import { TENANT_ID } from '../src/identity.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../src/json.ts';
import { Bench, compute, place } from './gallery.ts';

const subscription = `/subscriptions/${place.subscriptionId}`;
const group = `${subscription}/resourceGroups/${place.resourceGroup}`;
const provider = (path: string): string => `${group}/providers/${path}`;
const names = (body: JsonObject) => objectsAt(body, 'value').map(({ name }) => name);

describe('a storage account', () => {
  const path = provider('Microsoft.Storage/storageAccounts/vhds4711');
  const body = { location: 'West Europe', sku: { name: 'Premium_LRS' }, kind: 'StorageV2' };

  it('is made, read, listed and deleted', async () => {
    const bench = new Bench();
    const made = await bench.send('PUT', path, body, '2024-01-01');
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      location: 'westeurope',
      sku: { name: 'Premium_LRS', tier: 'Premium' },
      properties: {
        provisioningState: 'Succeeded',
        primaryEndpoints: { blob: 'https://vhds4711.blob.core.windows.net/' },
      },
    });
    expect((await bench.send('GET', path, undefined, '2024-01-01')).body).toEqual(made.body);
    for (const scope of [group, subscription]) {
      const all = `${scope}/providers/Microsoft.Storage/storageAccounts`;
      expect(names((await bench.send('GET', all, undefined, '2024-01-01')).body)).toEqual([
        'vhds4711',
      ]);
    }
    const { body: keys } = await bench.send('POST', `${path}/listKeys`, {}, '2024-01-01');
    expect(objectsAt(keys, 'keys').map(({ keyName }) => keyName)).toEqual(['key1', 'key2']);
    expect((await bench.send('DELETE', path, undefined, '2024-01-01')).status).toBe(200);
    expect((await bench.send('GET', path, undefined, '2024-01-01')).status).toBe(404);
  });

  it.each([
    ['Upper', 400, 'AccountNameInvalid'],
    ['vhds4711', 409, 'StorageAccountAlreadyTaken'],
  ])('called %s in another group is refused', async (name, status, code) => {
    const bench = new Bench();
    await bench.send('PUT', path, body, '2024-01-01');
    const other = `${subscription}/resourceGroups/other`;
    await bench.send('PUT', other, { location: 'westeurope' }, '2024-11-01');
    const there = `${other}/providers/Microsoft.Storage/storageAccounts/${name}`;
    const refused = await bench.send('PUT', there, body, '2024-01-01');
    expect([refused.status, textAt(refused.body, 'error', 'code')]).toEqual([status, code]);
    const check = `${subscription}/providers/Microsoft.Storage/checkNameAvailability`;
    const answer = await bench.send('POST', check, { name: 'vhds4711' }, '2024-01-01');
    expect(answer.body.nameAvailable).toBe(false);
  });
});

it('a user-assigned identity is the same one on every VM', async () => {
  const bench = new Bench();
  const path = provider('Microsoft.ManagedIdentity/userAssignedIdentities/builder');
  const made = await bench.send('PUT', path, { location: 'westeurope' }, '2023-01-31');
  expect([made.status, textAt(made.body, 'properties', 'tenantId')]).toEqual([201, TENANT_ID]);
  const again = await bench.send(
    'PUT',
    path,
    { location: 'westeurope', tags: { a: 'b' } },
    '2023-01-31',
  );
  expect([again.status, again.body.tags]).toEqual([200, { a: 'b' }]);
  expect(again.body.properties).toEqual(made.body.properties);
  const identity = { type: 'UserAssigned', userAssignedIdentities: { [path]: {} } };
  await bench.settle('PATCH', 'virtualMachines/build', { identity }, '2024-07-01');
  const vm = (await bench.send('GET', 'virtualMachines/build', undefined, '2024-07-01')).body;
  const { principalId, clientId } = objectAt(made.body, 'properties');
  expect(vm.identity).toMatchObject({
    userAssignedIdentities: { [path]: { principalId, clientId } },
  });
  expect((await bench.send('DELETE', path, undefined, '2023-01-31')).status).toBe(200);
  expect((await bench.send('DELETE', path, undefined, '2023-01-31')).status).toBe(204);
});

it('a resource group without tags has no such member', async () => {
  const bench = new Bench();
  const path = `${subscription}/resourceGroups/untagged`;
  const made = await bench.send('PUT', path, { location: 'westeurope' }, '2024-11-01');
  expect(made.body).toEqual({
    id: path,
    name: 'untagged',
    type: 'Microsoft.Resources/resourceGroups',
    location: 'westeurope',
    properties: { provisioningState: 'Succeeded' },
  });
  await bench.send('PUT', path, { location: 'westeurope', tags: {} }, '2024-11-01');
  expect((await bench.send('GET', path, undefined, '2024-11-01')).body.tags).toEqual({});
});

it('an encryption set names what is encrypted with it', async () => {
  const set = compute('diskEncryptionSets/own');
  const disk = (name: string, diskEncryptionSetId?: string) => ({
    id: compute(`disks/${name}`),
    location: 'westeurope',
    properties: { encryption: { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId } },
  });
  const bench = new Bench([
    { id: set, location: 'westeurope', properties: {} },
    disk('with', set.toUpperCase()),
    disk('without'),
  ]);
  const { body } = await bench.send('GET', `${set}/associatedResources`, undefined, '2024-03-02');
  expect(body).toEqual({ value: [compute('disks/with')] });
});

describe('a gallery that is shared', () => {
  const galleryOf = (name: string, sharingProfile: JsonObject) => ({
    id: compute(`galleries/${name}`),
    location: 'westeurope',
    properties: { identifier: { uniqueName: `unique-${name.toUpperCase()}` }, sharingProfile },
  });
  const version = (name: string) => ({
    id: compute(`galleries/${name}/images/web/versions/1.0.0`),
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      publishingProfile: {
        publishedDate: '2026-01-01T00:00:00+00:00',
        excludeFromLatest: false,
        targetRegions: [{ name: 'West Europe' }],
      },
      storageProfile: {
        osDiskImage: { sizeInGB: 30, hostCaching: 'ReadWrite' },
        dataDiskImages: [{ lun: 0, sizeInGB: 10 }],
      },
    },
  });
  const image = (name: string) => ({
    id: compute(`galleries/${name}/images/web`),
    location: 'westeurope',
    properties: { osType: 'Linux', osState: 'Generalized', provisioningState: 'Succeeded' },
  });
  const groups = [{ type: 'Subscriptions', ids: [place.subscriptionId] }];
  const info = { communityGalleryEnabled: true, publicNames: ['contoso-0815'] };
  const bench = new Bench([
    galleryOf('shared', { permissions: 'Groups', groups }),
    image('shared'),
    version('shared'),
    galleryOf('public', { permissions: 'Community', communityGalleryInfo: info }),
    image('public'),
    version('public'),
  ]);
  const location = `${subscription}/providers/Microsoft.Compute/locations`;
  const read = (path: string) => bench.send('GET', `${location}/${path}`, undefined, '2023-07-03');

  it('directly is found by location', async () => {
    const identifier = { uniqueId: '/SharedGalleries/unique-SHARED' };
    expect((await read('westeurope/sharedGalleries')).body).toEqual({
      value: [{ location: 'westeurope', name: 'unique-SHARED', identifier }],
    });
    expect((await read('westeurope/sharedGalleries?sharedTo=tenant')).body).toEqual({ value: [] });
  });

  it.each([
    ['sharedGalleries', 'unique-SHARED', '/SharedGalleries'],
    ['communityGalleries', 'contoso-0815', '/CommunityGalleries'],
  ])('shows itself, its images and their versions: %s', async (collection, name, prefix) => {
    const one = `westeurope/${collection}/${name}`;
    expect((await read(one)).body).toMatchObject({
      name,
      identifier: { uniqueId: `${prefix}/${name}` },
    });
    expect(names((await read(`${one}/images`)).body)).toEqual(['web']);
    const shown = (await read(`${one}/images/web`)).body;
    expect(textAt(shown, 'identifier', 'uniqueId')).toBe(`${prefix}/${name}/Images/web`);
    expect(objectAt(shown, 'properties').provisioningState).toBeUndefined();
    expect(names((await read(`${one}/images/web/versions`)).body)).toEqual(['1.0.0']);
    expect((await read(`${one}/images/web/versions/1.0.0`)).body).toEqual({
      properties: {
        publishedDate: '2026-01-01T00:00:00+00:00',
        excludeFromLatest: false,
        storageProfile: {
          osDiskImage: { diskSizeGB: 30, hostCaching: 'ReadWrite' },
          dataDiskImages: [{ lun: 0, diskSizeGB: 10, hostCaching: 'None' }],
        },
      },
      location: 'westeurope',
      name: '1.0.0',
      identifier: { uniqueId: `${prefix}/${name}/Images/web/Versions/1.0.0` },
    });
  });

  it.each([
    'westeurope/sharedGalleries/unique-PUBLIC',
    'westeurope/communityGalleries/nobody',
    'westeurope/sharedGalleries/unique-SHARED/images/nothing',
    'eastus/sharedGalleries/unique-SHARED/images/web/versions/1.0.0',
  ])('is not there for everybody or everywhere: %s', async (path) => {
    expect((await read(path)).status).toBe(404);
  });
});
