/** Run Command in a VM of an image: scripts that print much, have no end, or restart the guest. */
import { afterEach, describe, expect, it } from 'vitest';
import { createLocalAzure } from '../src/azure.ts';
import { namespacesAvailable } from '../src/guest/guest.ts';
import { type JsonObject, objectsAt, textAt } from '../src/json.ts';
import { asResource } from '../src/world.ts';
import { Bench, machineId } from './gallery.ts';

const api = '2024-07-01';
const vm = 'virtualMachines/build';

let bench: Bench;
const open = (scripts: JsonObject[] = []) => {
  const id = `${machineId}/providers/LocalAzure/guests/default`;
  bench = new Bench(scripts.length === 0 ? [] : [asResource({ id, properties: { scripts } })]);
};
afterEach(() => bench.azure[Symbol.dispose]());

const start = (line: string) =>
  bench.send('POST', `${vm}/runCommand`, { commandId: 'RunShellScript', script: [line] }, api);
const agent = async () => {
  const { body } = await bench.send('GET', `${vm}/instanceView`, undefined, api);
  return textAt(objectsAt(body, 'vmAgent', 'statuses')[0], 'displayStatus');
};

/** Real scripts need namespaces; what a world says of scripts does not. */
describe.each([
  ['run', namespacesAvailable(), []],
  [
    'told by the world',
    true,
    [
      { contains: '/dev/zero', stdout: 'x'.repeat(10_000_000), seconds: 2 },
      { contains: 'infinity', ends: 'hangs' },
      { contains: 'sleep 60', ends: 'hangs' },
      { contains: 'reboot', stdout: 'going\n', ends: 'reboots' },
      { contains: 'exit 7', exitCode: 7, stderr: 'no\n' },
    ],
  ],
] as const)('a script that is %s', (_, isPossible, scripts) => {
  const run = it.runIf(isPossible);
  const begin = () => open([...scripts] as JsonObject[]);

  run('fails is a success, and its output is cut to its end', async () => {
    begin();
    const first = await start('echo no >&2; exit 7');
    bench.clock.advance(60);
    const failed = await bench.poll(first);
    expect(failed.status).toBe('Succeeded');
    expect(JSON.stringify(failed)).toContain('[stderr]\\nno\\n');
    const big = await start('head -c 10000000 /dev/zero | tr "\\0" x');
    bench.clock.advance(60);
    const [message = {}] = objectsAt(await bench.poll(big), 'properties', 'output', 'value');
    expect(textAt(message, 'message')).toBe(
      `Enable succeeded: \n[stdout]\n${'x'.repeat(4096)}\n[stderr]\n`,
    );
  });

  run('has no end is given up after 90 minutes', async () => {
    begin();
    const first = await start('sleep infinity');
    bench.clock.advance(89 * 60);
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    expect((await start('true')).status).toBe(409);
    bench.clock.advance(2 * 60);
    expect(await bench.poll(first)).toMatchObject({
      status: 'Failed',
      error: { code: 'VMExtensionProvisioningTimeout' },
    });
  });

  run('has no end is ended as a managed command when its time is over', async () => {
    begin();
    const properties = { source: { script: 'sleep infinity' }, timeoutInSeconds: 120 };
    const command = `${vm}/runCommands/endless`;
    const first = await bench.send('PUT', command, { location: 'westeurope', properties }, api);
    const state = async () => {
      const { body } = await bench.send('GET', `${command}?$expand=instanceView`, undefined, api);
      return textAt(body, 'properties', 'instanceView', 'executionState');
    };
    bench.clock.advance(100);
    expect([await state(), (await bench.poll(first)).status]).toEqual(['Running', 'InProgress']);
    bench.clock.advance(30);
    expect([await state(), (await bench.poll(first)).status]).toEqual(['TimedOut', 'Succeeded']);
  });

  run('restarts the guest is reported when the agent is back', async () => {
    begin();
    const first = await start('echo going; reboot');
    bench.clock.advance(10);
    expect(await agent()).toBe('Not Ready');
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    bench.clock.advance(60);
    expect([await agent(), (await bench.poll(first)).status]).toEqual(['Ready', 'Succeeded']);
    expect(JSON.stringify(await bench.poll(first))).toContain('going');
  });

  run('is at work when the guest goes down is never heard of', async () => {
    begin();
    const first = await start('(exec reboot); sleep 60; echo never');
    bench.clock.advance(89 * 60);
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    bench.clock.advance(2 * 60);
    expect(await bench.poll(first)).toMatchObject({ status: 'Failed' });
  });
});

describe('a script in a Windows guest', () => {
  it('that restarts it silences the agent for a while', async () => {
    bench = new Bench();
    using azure = createLocalAzure({ clock: bench.clock });
    const machine = azure.machine('build-windows');
    const status = () => {
      azure.settle();
      const vm = azure.world.all().find(({ name }) => name === 'build-windows');
      const [first] = objectsAt(vm, 'properties', 'instanceView', 'vmAgent', 'statuses');
      return textAt(first, 'displayStatus');
    };
    const started = machine.start("Write-Output 'going'; Restart-Computer -Force", []);
    const cut = machine.start('Start-Sleep 60', []);
    bench.clock.advance(10);
    expect(status()).toBe('Not Ready');
    expect(started.outcome()).toMatchObject({ stdout: 'going\n', exitCode: 0 });
    expect(cut.isLost()).toBe(true);
    bench.clock.advance(60);
    expect(status()).toBe('Ready');
  });
});
