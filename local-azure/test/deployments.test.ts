import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, objectsAt, textAt } from '../src/json.ts';
import { type Answer, Bench, compute, fromMachine, place, version } from './gallery.ts';

const group = compute('').replace('/providers/Microsoft.Compute/', '');
const DEPLOYMENT = `${group}/providers/Microsoft.Resources/deployments/vm_deploy_1`;

const NIC: JsonObject = {
  type: 'Microsoft.Network/networkInterfaces',
  name: 'freshNic',
  apiVersion: '2015-06-15',
  location: 'westeurope',
  dependsOn: [],
  properties: { ipConfigurations: [] },
};

const vm = (imageReference: JsonObject): JsonObject => ({
  type: 'Microsoft.Compute/virtualMachines',
  name: 'fresh',
  apiVersion: '2025-04-01',
  location: 'westeurope',
  dependsOn: ['Microsoft.Network/networkInterfaces/freshNic'],
  properties: {
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    networkProfile: {
      networkInterfaces: [
        { id: `${group}/providers/Microsoft.Network/networkInterfaces/freshNic` },
      ],
    },
    storageProfile: { osDisk: { createOption: 'fromImage', name: null }, imageReference },
    osProfile: {
      computerName: 'fresh',
      adminUsername: 'operator',
      adminPassword: "[parameters('adminPassword')]",
    },
  },
});

const UBUNTU = {
  publisher: 'Canonical',
  offer: 'ubuntu-24_04-lts',
  sku: 'server',
  version: 'latest',
};

/** Sends a template and waits for its end. */
async function deploy(bench: Bench, resources: JsonObject[]) {
  const parameters = { adminPassword: { value: 'Quite-long-1234' } };
  const body = { properties: { mode: 'incremental', template: { resources }, parameters } };
  const first = await bench.send('PUT', DEPLOYMENT, body, '2024-11-01');
  const states: string[] = [];
  let end: JsonObject = {};
  for (let look = 0; first.status === 201 && look < 60; look++) {
    end = await bench.poll(first);
    states.push(textAt(end, 'status') ?? '');
    if (textAt(end, 'status') !== 'Running') break;
    bench.clock.advance(1);
  }
  return { first, end, states };
}

describe('a template deployment', () => {
  it('makes each resource when what it depends on is there, and then has succeeded', async () => {
    const bench = new Bench();
    const { first, end, states } = await deploy(bench, [vm(UBUNTU), NIC]);
    expect(first.status).toBe(201);
    expect(textAt(first.body, 'properties', 'provisioningState')).toBe('Accepted');
    expect(states.slice(0, 5)).toEqual(Array(5).fill('Running'));
    expect(end).toEqual({ status: 'Succeeded' });
    const made = (await bench.send('GET', compute('virtualMachines/fresh'))).body;
    expect(textAt(made, 'properties', 'provisioningState')).toBe('Succeeded');
    expect(textAt(made, 'properties', 'storageProfile', 'osDisk', 'name')).toBeTruthy();
    const { body } = await bench.send('GET', DEPLOYMENT, undefined, '2024-11-01');
    expect(textAt(body, 'properties', 'provisioningState')).toBe('Succeeded');
  });

  it('fails with what the resource was refused for, and makes nothing that depends on it', async () => {
    const bench = new Bench();
    const id = compute(version('9.9.9'));
    const { end } = await deploy(bench, [NIC, vm({ id })]);
    expect(end).toMatchObject({ status: 'Failed', error: { code: 'DeploymentFailed' } });
    expect(objectsAt(end, 'error', 'details')).toMatchObject([{ code: 'GalleryImageNotFound' }]);
    expect((await bench.send('GET', compute('virtualMachines/fresh'))).status).toBe(404);
  });

  it('refuses loudly what it does not know of the template language', async () => {
    const bench = new Bench();
    const { first } = await deploy(bench, [{ ...NIC, name: "[base64('a')]" }]);
    expect(first.status).toBe(501);
    expect(textAt(first.body, 'error', 'message')).toContain("[base64('a')]");
  });

  it('is no resource of its group', async () => {
    const bench = new Bench();
    await deploy(bench, [NIC]);
    const { body } = await bench.send('GET', `${group}/resources`, undefined, '2024-11-01');
    const types = objectsAt(body, 'value').map(({ type }) => type);
    expect(types).toContain('Microsoft.Network/networkInterfaces');
    expect(types).not.toContain('Microsoft.Resources/deployments');
  });
});

describe('what a client asks of the marketplace', () => {
  it('is an image’s one version, its generation and its OS', async () => {
    const bench = new Bench();
    const sku = `/subscriptions/${place.subscriptionId}/providers/Microsoft.Compute/locations/westeurope/publishers/Canonical/artifacttypes/vmimage/offers/ubuntu-24_04-lts/skus/server`;
    const { body } = await bench.send('GET', `${sku}/versions`);
    const [{ name }] = body as unknown as [{ name: string }];
    const image = (await bench.send('GET', `${sku}/versions/${name}`)).body;
    expect(objectAt(image, 'properties')).toMatchObject({
      hyperVGeneration: 'V2',
      architecture: 'x64',
      osDiskImage: { operatingSystem: 'Linux' },
    });
    const first = (await bench.send('GET', `${sku}-gen1/versions/${name}`)).body;
    expect(textAt(first, 'properties', 'hyperVGeneration')).toBe('V1');
  });
});

describe('a scale set', () => {
  const set = (imageReference: JsonObject, location = 'westeurope'): JsonObject => ({
    location,
    properties: {
      virtualMachineProfile: {
        storageProfile: { imageReference, osDisk: { createOption: 'FromImage' } },
        securityProfile: { securityType: 'TrustedLaunch' },
      },
    },
  });
  const path = 'virtualMachineScaleSets/web';
  const image = (answer: Answer) =>
    objectAt(
      answer.body,
      'properties',
      'virtualMachineProfile',
      'storageProfile',
      'imageReference',
    );

  it('takes a version that its region has, and no other', async () => {
    const bench = new Bench();
    await bench.settle('POST', 'virtualMachines/build/deallocate');
    await bench.settle('PUT', version('1.0.0'), fromMachine());
    const id = compute(version('1.0.0'));
    const { first, end } = await bench.settle('PUT', path, set({ id }));
    expect([first.status, textAt(end, 'status')]).toEqual([201, 'Succeeded']);
    const elsewhere = await bench.send('PUT', `${path}-far`, set({ id }, 'japaneast'));
    expect([elsewhere.status, textAt(elsewhere.body, 'error', 'code')]).toEqual([
      404,
      'GalleryImageNotFound',
    ]);
    const missing = set({ id: id.replace('1.0.0', '2.0.0') });
    expect((await bench.send('PATCH', path, missing)).status).toBe(404);
    expect(image(await bench.send('GET', path))).toEqual({ id });
    const update = await bench.settle('PATCH', path, { tags: { rolled: 'out' } });
    expect(update.first.status).toBe(200);
    const now = await bench.send('GET', path);
    expect(image(now)).toEqual({ id });
    expect(now.body.tags).toEqual({ rolled: 'out' });
  });
});

describe('a template', () => {
  const nic = (name: string, ...others: string[]): JsonObject => ({
    ...NIC,
    name,
    dependsOn: others.map((other) => `Microsoft.Network/networkInterfaces/${other}`),
  });

  it.each([
    ['itself', [nic('a', 'a')]],
    ['each other', [nic('a', 'b'), nic('b', 'c'), nic('c', 'a'), nic('d')]],
  ])('whose parts wait for %s is refused', async (_, resources) => {
    const { first } = await deploy(new Bench(), resources);
    expect([first.status, textAt(first.body, 'error', 'code')]).toEqual([400, 'InvalidTemplate']);
  });

  it('is done with what has no state once that is there', async () => {
    const lock = {
      type: 'Microsoft.Authorization/locks',
      name: 'keep',
      apiVersion: '2020-05-01',
      properties: { level: 'CanNotDelete' },
    };
    expect((await deploy(new Bench(), [lock])).end).toEqual({ status: 'Succeeded' });
  });
});
