/** What Microsoft.Network adds to what it is sent, as clients rely on it. */
import { describe, expect, it } from 'vitest';
import { defaultWorld } from '../src/default-world.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../src/json.ts';
import { Bench, compute } from './gallery.ts';

const API = '2024-05-01';
const network = (path: string): string =>
  compute(path).replace('Microsoft.Compute', 'Microsoft.Network');
const VNET = network('virtualNetworks/build');
const SUBNET = `${VNET}/subnets/default`;
const nicPath = (name: string): string => network(`networkInterfaces/${name}`);

const inSubnet = (more: JsonObject = {}): JsonObject => ({
  location: 'westeurope',
  properties: {
    ipConfigurations: [{ name: 'first', properties: { subnet: { id: SUBNET }, ...more } }],
  },
});

async function withNetwork(): Promise<Bench> {
  const bench = new Bench();
  const subnets = [{ name: 'default', properties: { addressPrefix: '10.1.2.0/29' } }];
  const properties = { addressSpace: { addressPrefixes: ['10.1.0.0/16'] }, subnets };
  await bench.send('PUT', VNET, { location: 'westeurope', properties }, API);
  return bench;
}

const read = async (bench: Bench, path: string): Promise<JsonObject> =>
  (await bench.send('GET', path, undefined, API)).body;

const configurationOf = (nic: JsonObject): JsonObject =>
  objectsAt(nic, 'properties', 'ipConfigurations')[0] ?? {};
const addressOf = (nic: JsonObject): string | undefined =>
  textAt(configurationOf(nic), 'properties', 'privateIPAddress');

describe('a network interface', () => {
  it('shows its address, IDs, entity tag and name servers', async () => {
    const bench = await withNetwork();
    const made = await bench.send('PUT', nicPath('one'), inSubnet(), API);
    expect(made.status).toBe(201);
    const nic = await read(bench, nicPath('one'));
    expect(made.body).toEqual(nic);
    expect(nic).toMatchObject({
      kind: 'Regular',
      etag: expect.stringMatching(/^W\/"[0-9a-f-]{36}"$/),
    });
    expect(nic.properties).toMatchObject({
      provisioningState: 'Succeeded',
      resourceGuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      dnsSettings: {
        dnsServers: [],
        appliedDnsServers: [],
        internalDomainNameSuffix: expect.stringContaining('.internal.cloudapp.net'),
      },
    });
    expect(configurationOf(nic)).toMatchObject({
      id: `${nicPath('one')}/ipConfigurations/first`,
      type: 'Microsoft.Network/networkInterfaces/ipConfigurations',
      properties: {
        privateIPAddress: '10.1.2.4',
        privateIPAllocationMethod: 'Dynamic',
        privateIPAddressVersion: 'IPv4',
        primary: true,
        subnet: { id: SUBNET },
      },
    });
    expect(objectAt(nic, 'properties').macAddress).toBeUndefined();
  });

  it('gets the next free address of its subnet, and keeps one that is given', async () => {
    const bench = await withNetwork();
    await bench.send('PUT', nicPath('one'), inSubnet({ privateIPAddress: '10.1.2.5' }), API);
    const addresses = [];
    for (const name of ['two', 'three', 'four']) {
      await bench.send('PUT', nicPath(name), inSubnet(), API);
      addresses.push(addressOf(await read(bench, nicPath(name))));
    }
    expect(addresses).toEqual(['10.1.2.4', '10.1.2.6', undefined]);
    expect(addressOf(await read(bench, nicPath('one')))).toBe('10.1.2.5');
  });

  it('has a hardware address while a VM has it, and another entity tag after a change', async () => {
    const bench = new Bench();
    const { azure } = bench;
    const world = defaultWorld();
    azure.world.replace(world);
    const path = world.find(({ type }) => /networkInterfaces$/.test(type))?.id ?? '';
    const before = await read(bench, path);
    expect(textAt(before, 'properties', 'macAddress')).toMatch(/^00-0D-3A(-[0-9A-F]{2}){3}$/);
    objectAt(azure.world.get(path), 'properties').enableAcceleratedNetworking = false;
    expect((await read(bench, path)).etag).not.toBe(before.etag);
  });

  it('is not overwritten by who has seen it before another changed it', async () => {
    const bench = await withNetwork();
    const path = nicPath('one');
    const { body: seen } = await bench.send('PUT', path, inSubnet(), API);
    const put = (etag: unknown) =>
      bench.azure.fetch(
        new Request(`${bench.azure.endpoint}${path}?api-version=${API}`, {
          method: 'PUT',
          headers: { 'if-match': String(etag) },
          body: JSON.stringify(seen),
        }),
      );
    expect((await put(seen.etag)).status).toBe(200);
    const { body } = await bench.send('PATCH', path, { tags: { by: 'another' } }, API);
    const refused = await put(seen.etag);
    expect(refused.status).toBe(412);
    const error = objectAt((await refused.json()) as JsonObject, 'error');
    expect(error).toMatchObject({
      code: 'PreconditionFailed',
      details: [{ code: 'PreconditionFailedEtagMismatch' }],
    });
    expect(objectAt(await read(bench, path), 'tags')).toEqual({ by: 'another' });
    expect([(await put(body.etag)).status, (await put('*')).status]).toEqual([200, 200]);
  });
});

describe('a virtual network', () => {
  it('shows its subnets with the interfaces in them, however they were made', async () => {
    const bench = await withNetwork();
    const second = { properties: { addressPrefix: '10.1.3.0/24' } };
    await bench.send('PUT', `${VNET}/subnets/second`, second, API);
    await bench.send('PUT', nicPath('one'), inSubnet(), API);
    const subnets = objectsAt(await read(bench, VNET), 'properties', 'subnets');
    expect(subnets).toMatchObject([
      {
        name: 'default',
        id: SUBNET,
        properties: { ipConfigurations: [{ id: `${nicPath('one')}/ipConfigurations/first` }] },
      },
      { name: 'second', properties: { addressPrefix: '10.1.3.0/24', delegations: [] } },
    ]);
    expect(await read(bench, SUBNET)).toMatchObject({ id: SUBNET, etag: subnets[0]?.etag });
  });

  it('loses what its body leaves out, unless that is in use', async () => {
    const bench = await withNetwork();
    await bench.send('PUT', `${VNET}/subnets/second`, { properties: {} }, API);
    await bench.send('PUT', nicPath('one'), inSubnet(), API);
    const put = (subnets: JsonObject[] | undefined) =>
      bench.send(
        'PUT',
        VNET,
        { location: 'westeurope', properties: subnets === undefined ? {} : { subnets } },
        API,
      );
    const names = async () =>
      objectsAt(await read(bench, VNET), 'properties', 'subnets').map(({ name }) => name);
    await put(undefined);
    expect(await names()).toEqual(['default', 'second']);
    await put([{ name: 'default', properties: { addressPrefix: '10.1.2.0/29' } }]);
    expect(await names()).toEqual(['default']);
    const refused = await put([]);
    expect(textAt(refused.body, 'error', 'code')).toBe('InUseSubnetCannotBeDeleted');
  });
});

it('a public address has its number once it is static or in use, and the name of its label', async () => {
  const bench = new Bench();
  const made = async (name: string, properties: JsonObject) => {
    const path = network(`publicIPAddresses/${name}`);
    await bench.send('PUT', path, { location: 'West Europe', properties }, API);
    return (await read(bench, path)).properties;
  };
  const number = { ipAddress: expect.stringMatching(/^203\.0\.113\.\d+$/) };
  expect(await made('fixed', { publicIPAllocationMethod: 'Static' })).toMatchObject(number);
  const labelled = { dnsSettings: { domainNameLabel: 'here' } };
  const waiting = await made('waiting', { publicIPAllocationMethod: 'Dynamic', ...labelled });
  expect(waiting).not.toHaveProperty('ipAddress');
  expect(waiting).toMatchObject({ dnsSettings: { fqdn: 'here.westeurope.cloudapp.azure.com' } });
});

it('a load balancer has rules that are made by themselves, as `az vmss create` does', async () => {
  const bench = new Bench();
  const balancer = network('loadBalancers/webLB');
  const rule = `${balancer}/inboundNatRules/NatRule`;
  await bench.send('PUT', balancer, { location: 'westeurope', properties: {} }, API);
  const made = await bench.send('PUT', rule, { properties: { backendPort: 22 } }, API);
  expect(made.status).toBe(201);
  expect(await read(bench, rule)).toMatchObject({
    name: 'NatRule',
    properties: { backendPort: 22, provisioningState: 'Succeeded' },
  });
  const { value } = await read(bench, `${balancer}/inboundNatRules`);
  expect(value).toMatchObject([{ id: rule }]);
});
