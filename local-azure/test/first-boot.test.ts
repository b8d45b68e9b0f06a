/** How a VM of an image boots for the first time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { compute, machineId, version } from './gallery.ts';
import { body, guestOf, ImageBench, imageOf, stored } from './image-bench.ts';
import { api, vm } from './image-vm.ts';

let bench: ImageBench;
const open = (...more: ResourceInput[]) => {
  bench?.azure[Symbol.dispose]();
  bench = new ImageBench(more);
};
beforeEach(() => open());
afterEach(() => bench.azure[Symbol.dispose]());

describe('a first boot', () => {
  it('takes its time: power, the console, provisioning, the agent', async () => {
    open(stored('app'));
    const first = await bench.send('PUT', vm, body(compute(version('1.0.0', 'app'))), api);
    bench.clock.advance(10);
    expect(await bench.codes()).toEqual(['ProvisioningState/creating', 'PowerState/running']);
    bench.clock.advance(19);
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    expect(await bench.serialLog()).not.toContain('login:');
    bench.clock.advance(1);
    expect(await bench.poll(first)).toMatchObject({ status: 'Succeeded' });
    expect([await bench.agent(), await bench.codes()]).toEqual([
      'Not Ready',
      ['ProvisioningState/succeeded', 'PowerState/running'],
    ]);
    bench.clock.advance(12);
    expect(await bench.agent()).toBe('Ready');
    bench.clock.advance(15);
    expect(await bench.serialLog()).toContain('proof login:');
    expect(bench.guest().users()).toEqual(['root', 'prover']);
  });

  it('of a Linux that was never deprovisioned makes the new account and keeps the old one', async () => {
    await bench.prepare(false);
    const made = await bench.capture('1.0.0', { source: { virtualMachineId: machineId } });
    const { end } = await bench.settle('PUT', vm, body(made), api);
    expect(end).toMatchObject({ status: 'Succeeded' });
    expect(bench.guest().users()).toEqual(['root', 'azureuser', 'prover']);
    expect(bench.guest().read('/etc/machine-id')).toBe('b3f1c2d4e5a60718293a4b5c6d7e8f90\n');
  });

  it.each<[string, JsonObject, string[]]>([
    ['its agent provisions, it makes no account', { cloudInit: 'none' }, ['root', 'azureuser']],
  ])('of one that was not deprovisioned: where %s', async (_, options, users) => {
    const id = compute(version('1.0.0', 'app'));
    open(stored('app'), guestOf(id, { generalized: false, options }));
    expect((await bench.settle('PUT', vm, body(id), api)).end).toMatchObject({
      status: 'Succeeded',
    });
    expect(bench.guest().users()).toEqual(users);
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
    expect(await bench.agent()).toBe(status);
    expect(await bench.codes()).toEqual([
      'ProvisioningState/failed/OSProvisioningTimedOut',
      'PowerState/running',
    ]);
    if (said.boots === false) expect(await bench.serialLog()).toContain('Kernel panic');
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
    expect(await bench.agent()).toBe('Not Ready');
    await bench.settle('POST', `${vm}/restart`, undefined, api);
    bench.clock.advance(3600);
    expect(await bench.agent()).toBe('Not Ready');
  });

  it('under weather that silences agents by name is heard when the weather ends', async () => {
    open(stored('app'));
    bench.azure.weather.set({ silentAgents: [{ vm: 'proof*', forSeconds: 500 }] });
    await bench.settle('PUT', vm, body(compute(version('1.0.0', 'app'))), api);
    bench.clock.advance(300);
    expect(await bench.agent()).toBe('Not Ready');
    bench.clock.advance(200);
    expect(await bench.agent()).toBe('Ready');
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
    expect(await bench.agent()).toBe('Not Ready');
    bench.clock.advance(100);
    expect(await bench.agent()).toBe('Ready');
    // What is said of a VM goes with what is captured from it.
    await bench.prepare(true);
    const slow = await bench.capture('2.0.0', { source: { virtualMachineId: machineId } });
    const late = await bench.send('PUT', 'virtualMachines/late', body(slow), api);
    bench.clock.advance(2401);
    expect(await bench.poll(late)).toMatchObject({ status: 'Failed' });
    bench.clock.advance(600);
    const { body: shown } = await bench.send('GET', 'virtualMachines/late', undefined, api);
    expect(textAt(shown, 'properties', 'provisioningState')).toBe('Succeeded');
  });

  it('of a specialized image keeps accounts and identity, and nothing is waited for', async () => {
    open(imageOf('special', 'Specialized'));
    bench.guest('build').write('/opt/app/version', 'special\n');
    const made = await bench.capture(
      '1.0.0',
      { source: { virtualMachineId: machineId } },
      'special',
    );
    const { osProfile: _, ...properties } = body(made).properties as JsonObject;
    const first = await bench.send('PUT', vm, { location: 'westeurope', properties }, api);
    bench.clock.advance(8);
    expect(await bench.poll(first)).toMatchObject({ status: 'Succeeded' });
    expect(await bench.agent()).toBe('Not Ready');
    bench.clock.advance(60);
    expect(await bench.agent()).toBe('Ready');
    expect(bench.guest().users()).toEqual(['root', 'azureuser']);
    expect(bench.guest().read('/etc/machine-id')).toBe(
      bench.guest('build').read('/etc/machine-id'),
    );
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
