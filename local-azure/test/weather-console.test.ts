/** What the weather does to the serial console. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { manualClock } from '../src/clock.ts';
import type { Guest } from '../src/guest/guest.ts';
import { arm } from './sdk.ts';

const VM = 'Microsoft.Compute/virtualMachines/build-linux';

let azure: LocalAzure;
let clock: ReturnType<typeof manualClock>;

beforeEach(() => {
  clock = manualClock(Date.parse('2025-11-22T09:00:00Z'));
  azure = createLocalAzure({ clock, throttling: false });
});

afterEach(() => azure[Symbol.dispose]());

const idOf = (path: string): string =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/${path}`;

describe('the serial console', () => {
  const shown = async () => {
    const { body } = await arm(azure, 'POST', `${VM}/retrieveBootDiagnosticsData`);
    return (await azure.fetch(new Request(String(body.serialConsoleLogBlobUri)))).text();
  };
  beforeEach(() =>
    arm(azure, 'PATCH', VM, {
      properties: { diagnosticsProfile: { bootDiagnostics: { enabled: true } } },
    }),
  );
  const say = async (script: string) => {
    await arm(azure, 'POST', `${VM}/runCommand`, {
      commandId: 'RunShellScript',
      script: [script],
    });
    clock.advance(1);
    azure.settle();
  };

  it('is recorded late', async () => {
    azure.weather.set({ console: [{ vm: 'build-*', lagSeconds: 600 }] });
    await say('echo hello >>/dev/ttyS0');
    clock.advance(590);
    expect(await shown()).not.toContain('hello');
    clock.advance(20);
    expect(await shown()).toContain('hello');
    azure.weather.set({ console: [{ vm: 'other', lagSeconds: 600 }] });
    await say('echo again >>/dev/ttyS0');
    clock.advance(20);
    expect(await shown()).toContain('again');
  });

  it('loses for good what was written right before the power went', async () => {
    azure.weather.set({ console: [{ lostSeconds: 60 }] });
    await say('echo early >>/dev/ttyS0');
    clock.advance(100);
    await say('echo late >>/dev/ttyS0');
    await arm(azure, 'POST', `${VM}/powerOff`);
    clock.advance(600);
    await arm(azure, 'POST', `${VM}/start`);
    clock.advance(600);
    await say('echo next >>/dev/ttyS0');
    clock.advance(600);
    const log = await shown();
    expect(log).toContain('early');
    expect(log).toContain('next');
    expect(log).not.toContain('late');
  });

  it('hangs when written to, as long as the weather lasts', async () => {
    const guest = azure.machine(idOf(VM)).guest as Guest;
    const write = 'timeout -k 5 20 sh -c \'echo hello >>"$1"\' sh /dev/ttyS0; echo $?';
    azure.weather.set({ console: [{ writesHang: true }] });
    await say(write);
    clock.advance(60);
    expect(guest.console()).not.toContain('hello');
    expect(guest.run('timeout 5 echo fine').stdout).toBe('fine\n');
    guest.consoleHangs(true);
    expect(guest.run(write)).toMatchObject({ stdout: '124\n', seconds: 20 });
    azure.weather.clear();
    await say(write);
    expect(guest.console()).toContain('hello');
  });
});
