/** What a VM of an image holds, and how it boots for the first time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Guest } from '../src/guest/guest.ts';
import { type JsonObject, objectsAt, textAt } from '../src/json.ts';
import { asResource, type ResourceInput } from '../src/world.ts';
import { definition, idOf, resource } from '../src/world-parts.ts';
import { Bench, compute, machineId, osDiskId, place, version } from './gallery.ts';

const api = '2024-07-01';
const vm = 'virtualMachines/proof';
const network = 'Microsoft.Network/virtualNetworks';
const subnet = idOf(place, `${network}/subnets`, 'vnet', 'proofs');
const guestOf = (id: string, properties: JsonObject): ResourceInput =>
  asResource({ id: `${id}/providers/LocalAzure/guests/default`, properties });

const imageOf = (
  name: string,
  osState: 'Generalized' | 'Specialized',
  osType: 'Linux' | 'Windows' = 'Linux',
) => definition(place, 'golden', { name, osType, osState, securityType: 'Standard' });

const parts: ResourceInput[] = [
  imageOf('app', 'Generalized'),
  imageOf('win', 'Generalized', 'Windows'),
  resource(place, network, ['vnet'], { addressSpace: {} }),
  resource(place, `${network}/subnets`, ['vnet', 'proofs'], { addressPrefix: '10.1.0.0/24' }),
];

const stored = (image: string): ResourceInput =>
  asResource({
    id: compute(version('1.0.0', image)),
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      publishingProfile: { targetRegions: [{ name: 'West Europe' }] },
      storageProfile: { osDiskImage: { sizeInGB: 30 } },
    },
  });

const body = (imageId: string, more: JsonObject = {}): JsonObject => ({
  location: 'westeurope',
  properties: {
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    storageProfile: { imageReference: { id: imageId }, osDisk: { createOption: 'FromImage' } },
    osProfile: {
      computerName: 'proof',
      adminUsername: 'prover',
      linuxConfiguration: {
        ssh: {
          publicKeys: [{ path: '/home/prover/.ssh/authorized_keys', keyData: 'ssh-ed25519 BBBB' }],
        },
      },
    },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    networkProfile: {
      networkApiVersion: '2022-11-01',
      networkInterfaceConfigurations: [
        {
          name: 'nic',
          properties: {
            ipConfigurations: [{ name: 'ip', properties: { subnet: { id: subnet } } }],
          },
        },
      ],
    },
    ...more,
  },
});

let bench: Bench;
const open = (...more: ResourceInput[]) => {
  bench?.azure[Symbol.dispose]();
  bench = new Bench([...parts, ...more]);
};
beforeEach(() => open());
afterEach(() => bench.azure[Symbol.dispose]());

const guest = (name = 'proof') => bench.azure.machine(name).guest as Guest;
const script = (...lines: string[]) => ({ commandId: 'RunShellScript', script: lines });
const view = async () => (await bench.send('GET', `${vm}/instanceView`, undefined, api)).body;
const agent = async () =>
  textAt(objectsAt(await view(), 'vmAgent', 'statuses')[0], 'displayStatus') ?? 'none';
const codes = async () => objectsAt(await view(), 'statuses').map(({ code }) => code);
const bytes = async () => {
  const answer = await bench.send('POST', `${vm}/retrieveBootDiagnosticsData`, undefined, api);
  const response = await bench.azure.fetch(
    new Request(textAt(answer.body, 'serialConsoleLogBlobUri') ?? ''),
  );
  return response.text();
};

/** Marks the build VM, stops it, and generalizes it, after a deprovision or without one. */
async function prepare(deprovision: boolean): Promise<void> {
  const build = guest('build');
  build.write('/opt/app/version', 'of today\n');
  if (deprovision) {
    const remove =
      'waagent -force -deprovision+user; cloud-init clean --logs --seed --machine-id; rm -f /etc/ssh/ssh_host_*';
    build.run(
      `# azure-golden-image: test\nsystemd-run --unit=off --on-active=1s /bin/sh -c '${remove}'\n`,
    );
    build.runScheduled('off');
  }
  await bench.settle('POST', 'virtualMachines/build/deallocate', undefined, api);
  await bench.send('POST', 'virtualMachines/build/generalize', undefined, api);
}

const capture = async (name: string, storageProfile: JsonObject, image = 'app') => {
  const publishingProfile = { targetRegions: [{ name: 'westeurope' }] };
  const sent = { location: 'westeurope', properties: { publishingProfile, storageProfile } };
  const { first, end } = await bench.settle('PUT', version(name, image), sent);
  expect(end, JSON.stringify(first.body)).toMatchObject({
    status: 'Succeeded',
  });
  return compute(version(name, image));
};

describe('a version', () => {
  it('carries the files of the VM it was captured from into a VM with accounts and keys of its own', async () => {
    await prepare(true);
    const made = await capture('1.0.0', { source: { virtualMachineId: machineId } });
    // A copy of a version, as a promotion makes it, holds the same.
    const copy = await capture('2.0.0', { source: { id: made } });
    await bench.settle('PUT', vm, body(copy), api);
    const { read, users } = guest();
    expect(read.call(guest(), '/opt/app/version')).toBe('of today\n');
    expect(users.call(guest())).toEqual(['root', 'prover']);
    expect(guest().read('/home/prover/.ssh/authorized_keys')).toBe('ssh-ed25519 BBBB\n');
    expect(guest().read('/etc/hostname')).toBe('proof\n');
    expect(guest().read('/etc/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(guest().read('/etc/machine-id')).not.toBe('b3f1c2d4e5a60718293a4b5c6d7e8f90\n');
    expect(guest().read('/etc/ssh/ssh_host_ed25519_key')).toMatch(/^private [0-9a-f]+/);
    bench.clock.advance(60);
    const first = await bench.settle(
      'POST',
      `${vm}/runCommand`,
      script('hostname; cat /opt/app/version; exit 3'),
      api,
    );
    expect(JSON.stringify(first.end)).toContain('proof\\nof today');
    expect(first.end.status).toBe('Succeeded');
  });

  it('of a snapshot holds what was on the disk when the snapshot was taken', async () => {
    const creationData = { createOption: 'Copy', sourceResourceId: osDiskId };
    const write = async (name: string) =>
      bench.settle(
        'PUT',
        `snapshots/${name}`,
        { location: 'westeurope', properties: { creationData } },
        '2024-03-02',
      );
    guest('build').write('/opt/app/version', 'before\n');
    await write('before');
    guest('build').write('/opt/app/version', 'after\n');
    const id = compute('snapshots/before');
    const made = await capture('1.0.0', { osDiskImage: { source: { id } } });
    await bench.settle('PUT', vm, body(made), api);
    expect(guest().read('/opt/app/version')).toBe('before\n');
  });
});

describe('a VM of a version that is still being made elsewhere', () => {
  it('has all disks of the image, with their sizes', async () => {
    await prepare(true);
    const targetRegions = [{ name: 'westeurope' }, { name: 'northeurope' }];
    const source = { virtualMachineId: machineId };
    const properties = { publishingProfile: { targetRegions }, storageProfile: { source } };
    const made = await bench.send('PUT', version('1.0.0', 'app'), {
      location: 'westeurope',
      properties,
    });
    const summary = async () => {
      const path = `${version('1.0.0', 'app')}?$expand=ReplicationStatus`;
      const { body: shown } = await bench.send('GET', path);
      return objectsAt(shown, 'properties', 'replicationStatus', 'summary');
    };
    const home = async () => (await summary()).find(({ region }) => region === 'westeurope')?.state;
    for (let step = 0; (await home()) !== 'Completed' && step < 200; step++) bench.clock.advance(5);
    const isMade = (await bench.poll(made)).status !== 'InProgress';
    const { body: shown } = await bench.send(
      'PUT',
      vm,
      body(compute(version('1.0.0', 'app'))),
      api,
    );
    expect([isMade, textAt(shown, 'error', 'code')]).toEqual([false, undefined]);
    const disks = bench.azure.world.all().filter(({ managedBy }) => managedBy === compute(vm));
    expect(disks.map((each) => each.properties.diskSizeGB)).toEqual([30, 10]);
  });
});

describe('an OS disk', () => {
  const copyOf = async (type: string, name: string, sourceResourceId: string) => {
    const properties = { creationData: { createOption: 'Copy', sourceResourceId } };
    await bench.settle(
      'PUT',
      `${type}/${name}`,
      { location: 'westeurope', properties },
      '2024-03-02',
    );
    return compute(`${type}/${name}`);
  };

  it('that is swapped brings its guest, and so does one that a VM is made of again', async () => {
    guest('build').write('/opt/app/version', 'before\n');
    const snapshot = await copyOf('snapshots', 'before', osDiskId);
    guest('build').write('/opt/app/version', 'after\n');
    const restored = await copyOf('disks', 'restored', snapshot);
    await bench.settle('POST', 'virtualMachines/build/deallocate', undefined, api);
    const osDisk = { createOption: 'FromImage', name: 'restored', managedDisk: { id: restored } };
    const change = { properties: { storageProfile: { osDisk } } };
    await bench.settle('PATCH', 'virtualMachines/build', change, api);
    await bench.settle('POST', 'virtualMachines/build/start', undefined, api);
    expect(guest('build').read('/opt/app/version')).toBe('before\n');
    guest('build').write('/opt/app/version', 'later\n');
    await bench.settle('DELETE', 'virtualMachines/build', undefined, api);
    const attached = { createOption: 'Attach', osType: 'Linux', managedDisk: { id: restored } };
    const { osProfile: _, ...properties } = body('', {
      storageProfile: { osDisk: attached },
    }).properties as JsonObject;
    await bench.settle('PUT', 'virtualMachines/again', { location: 'westeurope', properties }, api);
    expect(guest('again').read('/opt/app/version')).toBe('later\n');
    expect(guest('again').users()).toEqual(['root', 'azureuser']);
    // The disk that was taken out holds what was on it.
    const old = { createOption: 'Attach', osType: 'Linux', managedDisk: { id: osDiskId } };
    const storageProfile = { osDisk: old };
    const body2 = { location: 'westeurope', properties: { ...properties, storageProfile } };
    await bench.settle('PUT', 'virtualMachines/old', body2, api);
    expect(guest('old').read('/opt/app/version')).toBe('after\n');
  });
});

describe('a first boot', () => {
  it('takes its time: power, the console, provisioning, the agent', async () => {
    open(stored('app'));
    const first = await bench.send('PUT', vm, body(compute(version('1.0.0', 'app'))), api);
    bench.clock.advance(10);
    expect(await codes()).toEqual(['ProvisioningState/creating', 'PowerState/running']);
    bench.clock.advance(19);
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    expect(await bytes()).not.toContain('login:');
    bench.clock.advance(1);
    expect(await bench.poll(first)).toMatchObject({ status: 'Succeeded' });
    expect([await agent(), await codes()]).toEqual([
      'Not Ready',
      ['ProvisioningState/succeeded', 'PowerState/running'],
    ]);
    bench.clock.advance(12);
    expect(await agent()).toBe('Ready');
    bench.clock.advance(15);
    expect(await bytes()).toContain('proof login:');
    expect(guest().users()).toEqual(['root', 'prover']);
  });

  it('of a Linux that was never deprovisioned makes the new account and keeps the old one', async () => {
    await prepare(false);
    const made = await capture('1.0.0', { source: { virtualMachineId: machineId } });
    const { end } = await bench.settle('PUT', vm, body(made), api);
    expect(end).toMatchObject({ status: 'Succeeded' });
    expect(guest().users()).toEqual(['root', 'azureuser', 'prover']);
    expect(guest().read('/etc/machine-id')).toBe('b3f1c2d4e5a60718293a4b5c6d7e8f90\n');
  });

  it.each<[string, JsonObject, string[]]>([
    ['its agent provisions, it makes no account', { cloudInit: 'none' }, ['root', 'azureuser']],
  ])('of one that was not deprovisioned: where %s', async (_, options, users) => {
    const id = compute(version('1.0.0', 'app'));
    open(stored('app'), guestOf(id, { generalized: false, options }));
    expect((await bench.settle('PUT', vm, body(id), api)).end).toMatchObject({
      status: 'Succeeded',
    });
    expect(guest().users()).toEqual(users);
  });

  it.each<[string, string, JsonObject, string, string]>([
    [
      'of a Windows that was never sysprepped',
      'win',
      { generalized: false },
      'guest agent was detected running',
      'Ready',
    ],
    [
      'of a Linux that nobody provisions',
      'app',
      { generalized: false, options: { cloudInit: 'none', agent: false } },
      'may still finish',
      'Not Ready',
    ],
    ['of a system that does not come up', 'app', { boots: false }, 'may still finish', 'Not Ready'],
  ])('%s ends after 40 minutes', async (_, image, said, phrase, status) => {
    const id = compute(version('1.0.0', image));
    open(stored(image), guestOf(id, said));
    const first = await bench.send('PUT', vm, body(id), api);
    bench.clock.advance(39 * 60);
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    bench.clock.advance(60);
    const end = await bench.poll(first);
    expect(end).toMatchObject({ status: 'Failed', error: { code: 'OSProvisioningTimedOut' } });
    expect(JSON.stringify(end)).toContain(phrase);
    expect(await agent()).toBe(status);
    expect(await codes()).toEqual([
      'ProvisioningState/failed/OSProvisioningTimedOut',
      'PowerState/running',
    ]);
    if (said.boots === false) expect(await bytes()).toContain('Kernel panic');
    await bench.settle('DELETE', vm, undefined, api);
    expect((await bench.send('GET', vm, undefined, api)).status).toBe(404);
  });

  it.each<[string, JsonObject]>([
    ['definition', { agent: 'never' }],
    ['version', { agent: 'never' }],
  ])('whose agent never reports, as the %s says', async (where, said) => {
    const id = compute(version('1.0.0', 'app'));
    open(
      stored('app'),
      guestOf(where === 'version' ? id : compute('galleries/golden/images/app'), said),
    );
    expect((await bench.settle('PUT', vm, body(id), api)).end).toMatchObject({
      status: 'Succeeded',
    });
    bench.clock.advance(3600);
    expect(await agent()).toBe('Not Ready');
    await bench.settle('POST', `${vm}/restart`, undefined, api);
    bench.clock.advance(3600);
    expect(await agent()).toBe('Not Ready');
  });

  it('under weather that silences agents by name is heard when the weather ends', async () => {
    open(stored('app'));
    bench.azure.weather.set({ silentAgents: [{ vm: 'proof*', forSeconds: 500 }] });
    await bench.settle('PUT', vm, body(compute(version('1.0.0', 'app'))), api);
    bench.clock.advance(300);
    expect(await agent()).toBe('Not Ready');
    bench.clock.advance(200);
    expect(await agent()).toBe('Ready');
  });

  it('that is slow ends when it does, or too late and well after all', async () => {
    const id = compute(version('1.0.0', 'app'));
    open(
      stored('app'),
      guestOf(machineId, { bootSeconds: 3000 }),
      guestOf(id, { bootSeconds: 600, agentSeconds: 100 }),
    );
    const first = await bench.send('PUT', vm, body(id), api);
    bench.clock.advance(599);
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    bench.clock.advance(2);
    expect(await bench.poll(first)).toMatchObject({ status: 'Succeeded' });
    expect(await agent()).toBe('Not Ready');
    bench.clock.advance(100);
    expect(await agent()).toBe('Ready');
    // What is said of a VM goes with what is captured from it.
    await prepare(true);
    const slow = await capture('2.0.0', { source: { virtualMachineId: machineId } });
    const late = await bench.send('PUT', 'virtualMachines/late', body(slow), api);
    bench.clock.advance(2401);
    expect(await bench.poll(late)).toMatchObject({ status: 'Failed' });
    bench.clock.advance(600);
    const { body: shown } = await bench.send('GET', 'virtualMachines/late', undefined, api);
    expect(textAt(shown, 'properties', 'provisioningState')).toBe('Succeeded');
  });

  it('of a specialized image keeps accounts and identity, and nothing is waited for', async () => {
    open(imageOf('special', 'Specialized'));
    guest('build').write('/opt/app/version', 'special\n');
    const made = await capture('1.0.0', { source: { virtualMachineId: machineId } }, 'special');
    const { osProfile: _, ...properties } = body(made).properties as JsonObject;
    const first = await bench.send('PUT', vm, { location: 'westeurope', properties }, api);
    bench.clock.advance(8);
    expect(await bench.poll(first)).toMatchObject({ status: 'Succeeded' });
    expect(await agent()).toBe('Not Ready');
    bench.clock.advance(60);
    expect(await agent()).toBe('Ready');
    expect(guest().users()).toEqual(['root', 'azureuser']);
    expect(guest().read('/etc/machine-id')).toBe(guest('build').read('/etc/machine-id'));
  });

  it('is not finished when the VM is deleted meanwhile', async () => {
    const id = compute(version('1.0.0', 'app'));
    open(stored('app'), guestOf(id, { boots: false }));
    const first = await bench.send('PUT', vm, body(id), api);
    bench.clock.advance(60);
    await bench.settle('DELETE', vm, undefined, api);
    bench.clock.advance(2400);
    expect(await bench.poll(first)).toMatchObject({
      status: 'Canceled',
      error: { code: 'OperationPreempted' },
    });
    expect((await bench.send('GET', vm, undefined, api)).status).toBe(404);
  });
});
