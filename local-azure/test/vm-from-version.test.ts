/** A VM made of a gallery version, with an interface of its own, as a pipeline makes one to try an image. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzureOptions } from '../src/azure.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../src/json.ts';
import { asResource, type ResourceInput } from '../src/world.ts';
import { Bench, compute, place } from './gallery.ts';
import { api, subnet, vm } from './image-vm.ts';
import { body, errorOf, image, parts, versionIn } from './trusted-launch-vm.ts';

const locations = `/subscriptions/${place.subscriptionId}/providers/Microsoft.Compute/locations`;

let bench: Bench;
const open = (more: readonly ResourceInput[] = [], options: LocalAzureOptions = {}) => {
  bench = new Bench([...parts(), ...more], options);
};
beforeEach(() => open());

const put = (sent: JsonObject) => bench.send('PUT', vm, sent, api);
const nics = () =>
  bench.azure.world.all().filter(({ type }) => type === 'Microsoft.Network/networkInterfaces');

describe('a VM of a version that is excluded from latest and still being copied elsewhere', () => {
  it('comes with an interface in the subnet and no public address; one DELETE takes all', async () => {
    const before = bench.azure.world.all().length;
    const made = await bench.settle('PUT', vm, body(), api);
    expect([made.first.status, made.end.status]).toEqual([201, 'Succeeded']);
    const shown = (await bench.send('GET', vm, undefined, api)).body;
    expect(objectAt(shown, 'properties', 'networkProfile')).not.toHaveProperty(
      'networkInterfaceConfigurations',
    );
    const [nic] = nics();
    expect(nic?.name).toMatch(/^proof-nic-[0-9a-f]{8}$/);
    expect(nic?.properties).toMatchObject({
      virtualMachine: { id: compute(vm) },
      ipConfigurations: [{ properties: { privateIPAddress: '10.1.0.4', subnet: { id: subnet } } }],
    });
    expect(JSON.stringify(nic)).not.toContain('publicIPAddress');
    await bench.settle('DELETE', vm, undefined, api);
    expect(bench.azure.world.all()).toHaveLength(before);
  });

  it('keeps its interface when the same PUT comes again', async () => {
    await bench.settle('PUT', vm, body(), api);
    await bench.settle('PUT', vm, body(), api);
    expect(nics()).toHaveLength(1);
    const { body: shown } = await bench.send('GET', vm, undefined, api);
    expect(objectsAt(shown, 'properties', 'networkProfile', 'networkInterfaces')).toHaveLength(1);
  });

  it.each([
    ['not found', 404, 'GalleryImageNotFound'],
    ['conflict', 409, 'Conflict'],
  ] as const)('in a region it is not yet in is %s', async (vmOfUnfinishedVersion, status, code) => {
    bench = new Bench(parts('northeurope'), { unknowns: { vmOfUnfinishedVersion } });
    const answer = await put({ ...body(), location: 'northeurope' });
    expect(errorOf(answer)).toMatchObject({ status, code });
  });

  it('is not what the definition means by latest', async () => {
    const storageProfile = {
      imageReference: { id: compute('galleries/golden/images/app') },
      osDisk: { createOption: 'FromImage' },
    };
    const answer = errorOf(await put(body({ storageProfile })));
    expect(answer).toMatchObject({ status: 404, code: 'GalleryImageNotFound' });
    open([
      versionIn('0.9.0', {
        provisioningState: 'Succeeded',
        publishingProfile: { targetRegions: [{ name: 'westeurope' }] },
      }),
    ]);
    const { body: shown } = await put(body({ storageProfile }));
    expect(textAt(shown, 'properties', 'storageProfile', 'imageReference', 'exactVersion')).toBe(
      '0.9.0',
    );
  });
});

describe('a VM that cannot be made', () => {
  const size = (vmSize: string) => ({ hardwareProfile: { vmSize } });
  const nicIn = (id: string, networkApiVersion: string | undefined = '2022-11-01') => ({
    networkProfile: {
      ...(networkApiVersion === '' ? {} : { networkApiVersion }),
      networkInterfaceConfigurations: [
        {
          name: 'n',
          properties: { ipConfigurations: [{ name: 'ip', properties: { subnet: { id } } }] },
        },
      ],
    },
  });

  it.each<[string, JsonObject, number, string, string]>([
    [
      'names a subnet that is not there',
      nicIn(`${subnet}x`),
      400,
      'InvalidResourceReference',
      'was not found',
    ],
    [
      'says no API version of the network',
      nicIn(subnet, ''),
      400,
      'InvalidParameter',
      'networkApiVersion',
    ],
    ['has no interface', { networkProfile: {} }, 400, 'InvalidParameter', 'networkProfile'],
    ['is of no size', size('Standard_Nothing'), 400, 'InvalidParameter', 'VM size is not valid'],
    [
      'has another architecture',
      size('Standard_D2ps_v6'),
      400,
      'BadRequest',
      "Architecture of 'Arm64'",
    ],
    ['is Trusted Launch on Arm', size('Standard_D2ps_v5'), 400, 'BadRequest', 'Architecture'],
    [
      'asks for NVMe in vain',
      {
        storageProfile: {
          ...objectAt(body(), 'properties', 'storageProfile'),
          diskControllerType: 'NVMe',
        },
      },
      400,
      'InvalidParameter',
      "DiskControllerType 'NVMe'",
    ],
  ])('because it %s', async (_, properties, status, code, phrase) => {
    const answer = errorOf(await put(body(properties)));
    expect(answer).toMatchObject({ status, code, message: expect.stringContaining(phrase) });
    expect((await bench.send('GET', vm, undefined, api)).status).toBe(404);
    expect(nics()).toEqual([]);
  });

  it('in a subnet of another region', async () => {
    bench = new Bench(parts('northeurope'));
    expect(errorOf(await put(body())).code).toBe('InvalidResourceReference');
  });

  it('with an image whose disks it cannot attach, as its definition tells', async () => {
    const features = [{ name: 'SecurityType', value: 'TrustedLaunch' }];
    open([image('app', { features })]);
    const answer = errorOf(await put(body(size('Standard_D2s_v6'))));
    expect(answer).toMatchObject({ status: 400, code: 'InvalidParameter' });
    expect(answer.message).toContain('cannot boot with OS image or disk');
    open();
    expect((await put(body(size('Standard_D2s_v6')))).status).toBe(201);
  });

  it('without the purchase plan of its definition, or with another', async () => {
    const purchasePlan = { name: 'byol', publisher: 'contoso', product: 'hardened' };
    open([image('app', { purchasePlan })]);
    expect(errorOf(await put(body())).code).toBe('VMMarketplaceInvalidInput');
    const plan = { ...purchasePlan, name: 'payg' };
    expect(errorOf(await put(body({}, { plan }))).message).toContain('not as expected');
    expect((await put(body({}, { plan: purchasePlan }))).status).toBe(201);
  });

  it('with Trusted Launch of an image that has nothing of it', async () => {
    open([image('app', { features: [] })]);
    expect(errorOf(await put(body())).message).toContain('Use of TrustedLaunch setting');
  });

  it.each([
    ['standardDSv5Family', 'approved standardDSv5Family Cores quota'],
    ['cores', 'approved Total Regional Cores quota'],
  ])('because the quota %s is full', async (quota, phrase) => {
    const id = `${locations}/westeurope/usages/${quota}`;
    open([asResource({ id, properties: { limit: 10, currentValue: 7 } })]);
    const answer = errorOf(await put(body()));
    expect(answer).toMatchObject({ status: 409, code: 'OperationNotAllowed' });
    expect(answer.message).toContain(phrase);
    expect(answer.message).toContain('Current Limit: 10, Current Usage: 9, Additional Required: 2');
    const { body: usages } = await bench.send(
      'GET',
      `${locations}/westeurope/usages`,
      undefined,
      api,
    );
    const shown = objectsAt(usages, 'value').find(
      (each) => textAt(each, 'name', 'value') === quota,
    );
    expect(shown).toMatchObject({ currentValue: 9, limit: 10 });
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['in the region', { restriction: 'NotAvailableForSubscription' }, {}],
    ['in its zone', { restrictedZones: ['2'] }, { zones: ['2'] }],
    ['at all', { offered: false }, {}],
  ])('because its size is not available %s', async (_, properties, more) => {
    open([asResource({ id: `${locations}/westeurope/vmSizes/Standard_D2s_v5`, properties })]);
    const answer = errorOf(await put(body({}, more)));
    expect(answer).toMatchObject({ status: 409, code: 'SkuNotAvailable' });
    const path = `/subscriptions/${place.subscriptionId}/providers/Microsoft.Compute/skus`;
    const { body: skus } = await bench.send(
      'GET',
      `${path}?$filter=location%20eq%20'westeurope'`,
      undefined,
      '2021-07-01',
    );
    const sku = objectsAt(skus, 'value').find(({ name }) => name === 'Standard_D2s_v5');
    expect(sku === undefined ? 'none' : objectsAt(sku, 'restrictions').length).toBe(
      properties.offered === false ? 'none' : 1,
    );
  });

  it('because a policy denies interfaces, or of a size that only the world knows', async () => {
    const policies = [{ types: ['Microsoft.Network/networkInterfaces'], effect: 'deny' }] as const;
    open([], { weather: { policies } });
    expect(errorOf(await put(body()))).toMatchObject({
      status: 403,
      code: 'RequestDisallowedByPolicy',
    });
    open();
    expect((await put(body(size('Standard_L8s_v3')))).status).toBe(400);
    const machine = bench.azure.world.get(compute('virtualMachines/build'));
    if (machine) machine.properties.hardwareProfile = { vmSize: 'Standard_L8s_v3' };
    expect((await put(body(size('Standard_L8s_v3')))).status).toBe(201);
  });

  it('for want of capacity stays as a failed VM, which a DELETE removes with its parts', async () => {
    const before = bench.azure.world.all().length;
    const error = { code: 'AllocationFailed', message: 'Allocation failed.' };
    bench.azure.faults.add({
      match: { method: 'PUT', path: '**/virtualMachines/proof' },
      fate: { operation: { status: 'Failed', error } },
    });
    expect((await bench.settle('PUT', vm, body(), api)).end).toMatchObject({
      status: 'Failed',
      error,
    });
    const { body: view } = await bench.send('GET', `${vm}/instanceView`, undefined, api);
    expect(objectsAt(view, 'statuses')).toMatchObject([
      { code: 'ProvisioningState/failed/AllocationFailed', level: 'Error' },
    ]);
    await bench.settle('DELETE', vm, undefined, api);
    expect(bench.azure.world.all()).toHaveLength(before);
  });
});
