/** Templates in the words of `az vm create --count` and `az vmss create`. */
import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, textAt } from '../src/json.ts';
import { resolved, type Scope } from '../src/providers/template-language.ts';
import { Bench, compute } from './gallery.ts';

const group = compute('').replace('/providers/Microsoft.Compute/', '');
const DEPLOYMENT = `${group}/providers/Microsoft.Resources/deployments/many`;
const network = (path: string): string => `${group}/providers/Microsoft.Network/${path}`;

async function deploy(bench: Bench, template: JsonObject, parameters: JsonObject = {}) {
  const body = { properties: { mode: 'incremental', template, parameters } };
  const first = await bench.send('PUT', DEPLOYMENT, body, '2024-11-01');
  let end: JsonObject = {};
  for (let look = 0; first.status === 201 && look < 300; look++) {
    end = await bench.poll(first);
    if (textAt(end, 'status') !== 'Running') break;
    bench.clock.advance(1);
  }
  const { body: done } = await bench.send('GET', DEPLOYMENT, undefined, '2024-11-01');
  return { first, end, outputs: objectAt(done, 'properties', 'outputs') };
}

const VNET: JsonObject = {
  type: 'Microsoft.Network/virtualNetworks',
  name: 'web',
  apiVersion: '2024-05-01',
  location: 'westeurope',
  dependsOn: [],
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    subnets: [{ name: 'inner', properties: { addressPrefix: '10.0.0.0/24' } }],
  },
};

const NICS: JsonObject = {
  type: 'Microsoft.Network/networkInterfaces',
  name: "[concat('web', copyIndex(), 'VMNic')]",
  copy: { name: 'niccopy', mode: 'parallel', count: "[parameters('count')]" },
  apiVersion: '2024-05-01',
  location: 'westeurope',
  dependsOn: ['Microsoft.Network/virtualNetworks/web'],
  properties: {
    ipConfigurations: [
      {
        name: "[concat('ipconfig', 'web', copyIndex())]",
        properties: {
          subnet: {
            id: "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'web', 'inner')]",
          },
        },
      },
    ],
  },
};

const VMS: JsonObject = {
  type: 'Microsoft.Compute/virtualMachines',
  name: "[concat('web', copyIndex())]",
  copy: { name: 'vmcopy', mode: 'parallel', count: "[parameters('count')]" },
  apiVersion: '2024-07-01',
  location: 'westeurope',
  dependsOn: ['niccopy'],
  properties: {
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    networkProfile: {
      networkInterfaces: [
        {
          id: "[resourceId('Microsoft.Network/networkInterfaces', concat('web', copyIndex(), 'VMNic'))]",
        },
      ],
    },
    storageProfile: {
      osDisk: { createOption: 'fromImage' },
      imageReference: {
        publisher: 'Canonical',
        offer: 'ubuntu-24_04-lts',
        sku: 'server',
        version: 'latest',
      },
    },
    osProfile: {
      computerName: "[concat('web', copyIndex())]",
      adminUsername: 'operator',
      adminPassword: "[parameters('adminPassword')]",
    },
  },
};

const PARAMETERS = {
  count: { type: 'int', defaultValue: 3 },
  adminPassword: { type: 'secureString' },
};
const GIVEN = { adminPassword: { value: 'Quite-long-1234' } };

describe('a template with loops', () => {
  it('makes every VM, each with its own interface', async () => {
    const bench = new Bench();
    const template = { parameters: PARAMETERS, resources: [VMS, NICS, VNET] };
    expect((await deploy(bench, template, GIVEN)).end).toEqual({ status: 'Succeeded' });
    const addresses: (string | undefined)[] = [];
    for (const name of ['web0', 'web1', 'web2']) {
      const vm = (await bench.send('GET', `virtualMachines/${name}`)).body;
      expect(textAt(vm, 'properties', 'provisioningState')).toBe('Succeeded');
      const nic = await bench.send('GET', network(`networkInterfaces/${name}VMNic`));
      expect(textAt(nic.body, 'properties', 'virtualMachine', 'id')).toBe(vm.id);
      const [configuration] = objectAt(nic.body, 'properties').ipConfigurations as JsonObject[];
      addresses.push(textAt(configuration, 'properties', 'privateIPAddress'));
    }
    expect(addresses).toEqual(['10.0.0.4', '10.0.0.5', '10.0.0.6']);
    expect((await bench.send('GET', 'virtualMachines/web3')).status).toBe(404);
  });

  it.each([
    ['too many', 801],
    ['none at all', -1],
    ['no number', 'several'],
  ])('of %s is refused', async (_, count) => {
    const given = { ...GIVEN, count: { value: count } };
    const { first } = await deploy(
      new Bench(),
      { parameters: PARAMETERS, resources: [NICS, VNET] },
      given,
    );
    expect([first.status, textAt(first.body, 'error', 'code')]).toEqual([400, 'InvalidTemplate']);
  });
});

describe('a template with outputs', () => {
  it('shows what it made, as `az vmss create` asks for', async () => {
    const output =
      "[reference(resourceId('Microsoft.Network/virtualNetworks', 'web')," +
      "providers('Microsoft.Network', 'virtualNetworks').apiVersions[0])]";
    const { end, outputs } = await deploy(new Bench(), {
      variables: { name: 'web', whole: "[concat(variables('name'), '-net')]" },
      resources: [VNET],
      outputs: {
        VNET: { type: 'object', value: output },
        name: { type: 'string', value: "[variables('whole')]" },
      },
    });
    expect(end).toEqual({ status: 'Succeeded' });
    expect(outputs.name).toEqual({ type: 'string', value: 'web-net' });
    expect(objectAt(outputs, 'vnet')).toMatchObject({
      type: 'object',
      value: { provisioningState: 'Succeeded' },
    });
  });
});

describe('an expression', () => {
  const scope: Scope = {
    subscriptionId: 'sub',
    group: '/subscriptions/sub/resourceGroups/rg',
    location: 'westeurope',
    parameters: { Size: 2, list: ['a', 'b'], nested: { deep: [{ x: 'found' }] } },
    variables: {},
    copy: { name: 'loop', index: 4 },
  };

  it.each<[string, unknown]>([
    ["[concat('it''s', ' ', copyIndex())]", "it's 4"],
    ['[copyIndex(1)]', 5],
    ["[copyIndex('loop', 10)]", 14],
    ["[parameters('size')]", 2],
    ["[parameters('nested').deep[0].x]", 'found'],
    ["[concat(parameters('list'), parameters('list'))]", ['a', 'b', 'a', 'b']],
    ['[resourceGroup().location]', 'westeurope'],
    ["[format('{0}-{1}', toLower('AB'), subscription().subscriptionId)]", 'ab-sub'],
    [
      "[resourceId('N.S/a/b', 'one', 'two')]",
      '/subscriptions/sub/resourceGroups/rg/providers/N.S/a/one/b/two',
    ],
    [
      "[resourceId('other', 'N.S/a', 'one')]",
      '/subscriptions/sub/resourceGroups/other/providers/N.S/a/one',
    ],
    [
      "[resourceId('s2', 'other', 'N.S/a', 'one')]",
      '/subscriptions/s2/resourceGroups/other/providers/N.S/a/one',
    ],
    ['[[literal]', '[literal]'],
    ['plain', 'plain'],
  ])('%s', (expression, value) => {
    expect(resolved(expression, scope)).toEqual(value);
  });

  it.each([
    "[base64('x')]",
    "[concat('a']",
    "[concat('a'))]",
    '[a b]',
    "[reference('x')]",
    "[parameters('missing')]",
    '[~]',
  ])('%s is refused', (expression) => {
    expect(() => resolved(expression, scope)).toThrow();
  });
});
