/** What a version, a snapshot or a disk holds, as a VM that is made of it shows. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, objectsAt, textAt } from '../src/json.ts';
import { compute, machineId, osDiskId, version } from './gallery.ts';
import { body, ImageBench } from './image-bench.ts';
import { api, vm } from './image-vm.ts';

let bench: ImageBench;
beforeEach(() => {
  bench = new ImageBench();
});
afterEach(() => bench.azure[Symbol.dispose]());

const script = (...lines: string[]) => ({ commandId: 'RunShellScript', script: lines });

describe('a version', () => {
  it('carries the files of the VM it was captured from into a VM with accounts and keys of its own', async () => {
    await bench.prepare(true);
    const made = await bench.capture('1.0.0', { source: { virtualMachineId: machineId } });
    // A copy of a version, as a promotion makes it, holds the same.
    const copy = await bench.capture('2.0.0', { source: { id: made } });
    await bench.settle('PUT', vm, body(copy), api);
    expect(bench.guest().read('/opt/app/version')).toBe('of today\n');
    expect(bench.guest().users()).toEqual(['root', 'prover']);
    expect(bench.guest().read('/home/prover/.ssh/authorized_keys')).toBe('ssh-ed25519 BBBB\n');
    expect(bench.guest().read('/etc/hostname')).toBe('proof\n');
    expect(bench.guest().read('/etc/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(bench.guest().read('/etc/machine-id')).not.toBe('b3f1c2d4e5a60718293a4b5c6d7e8f90\n');
    expect(bench.guest().read('/etc/ssh/ssh_host_ed25519_key')).toMatch(/^private [0-9a-f]+/);
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
    bench.guest('build').write('/opt/app/version', 'before\n');
    await write('before');
    bench.guest('build').write('/opt/app/version', 'after\n');
    const id = compute('snapshots/before');
    const made = await bench.capture('1.0.0', { osDiskImage: { source: { id } } });
    await bench.settle('PUT', vm, body(made), api);
    expect(bench.guest().read('/opt/app/version')).toBe('before\n');
  });
});

describe('a VM of a version that is still being made elsewhere', () => {
  it('has all disks of the image, with their sizes', async () => {
    await bench.prepare(true);
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
  const run = (commandId: string, ...lines: string[]) =>
    bench.settle(
      'POST',
      'virtualMachines/build/runCommand',
      { commandId, ...(lines.length > 0 && { script: lines }) },
      api,
    );

  it.each([
    ['runs the last Run Command again', false, 'once\nonce\n'],
    ['runs none again that was removed', true, 'once\n'],
  ])('that takes the place of another %s', async (_, isRemoved, expected) => {
    bench.guest('build').write('/opt/app/version', '');
    await run('RunShellScript', 'echo once >>/opt/app/version');
    if (isRemoved) await run('RemoveRunCommandLinuxExtension');
    const snapshot = await copyOf('snapshots', 'taken', osDiskId);
    await restoredFrom(snapshot);
    bench.clock.advance(120);
    bench.azure.settle();
    expect(bench.guest('build').read('/opt/app/version')).toBe(expected);
  });

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

  /** Gives the VM a disk of the snapshot, and starts it. */
  const restoredFrom = async (snapshot: string) => {
    const restored = await copyOf('disks', 'restored', snapshot);
    await bench.settle('POST', 'virtualMachines/build/deallocate', undefined, api);
    const osDisk = { createOption: 'FromImage', name: 'restored', managedDisk: { id: restored } };
    const change = { properties: { storageProfile: { osDisk } } };
    await bench.settle('PATCH', 'virtualMachines/build', change, api);
    await bench.settle('POST', 'virtualMachines/build/start', undefined, api);
    return restored;
  };

  it('that is swapped brings its guest, and so does one that a VM is made of again', async () => {
    bench.guest('build').write('/opt/app/version', 'before\n');
    const snapshot = await copyOf('snapshots', 'before', osDiskId);
    bench.guest('build').write('/opt/app/version', 'after\n');
    const restored = await restoredFrom(snapshot);
    expect(bench.guest('build').read('/opt/app/version')).toBe('before\n');
    bench.guest('build').write('/opt/app/version', 'later\n');
    await bench.settle('DELETE', 'virtualMachines/build', undefined, api);
    const attached = { createOption: 'Attach', osType: 'Linux', managedDisk: { id: restored } };
    const { osProfile: _, ...properties } = body('', {
      storageProfile: { osDisk: attached },
    }).properties as JsonObject;
    await bench.settle('PUT', 'virtualMachines/again', { location: 'westeurope', properties }, api);
    expect(bench.guest('again').read('/opt/app/version')).toBe('later\n');
    expect(bench.guest('again').users()).toEqual(['root', 'azureuser']);
    // The disk that was taken out holds what was on it.
    const old = { createOption: 'Attach', osType: 'Linux', managedDisk: { id: osDiskId } };
    const storageProfile = { osDisk: old };
    const body2 = { location: 'westeurope', properties: { ...properties, storageProfile } };
    await bench.settle('PUT', 'virtualMachines/old', body2, api);
    expect(bench.guest('old').read('/opt/app/version')).toBe('after\n');
  });
});
