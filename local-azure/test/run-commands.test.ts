/** Managed run commands, and what they and the guest's own end do to a VM. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { objectsAt, textAt } from '../src/json.ts';
import { arm, computeClient, elapse, GROUP, pass } from './sdk.ts';

let azure: LocalAzure;
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2025-11-22T09:00:00Z') });
  azure = createLocalAzure({ throttling: false, guests: () => ({ agentSilent: 'Canceled' }) });
});
afterEach(() => {
  azure[Symbol.dispose]();
  vi.useRealTimers();
});

const VM = 'Microsoft.Compute/virtualMachines/build-windows';
const COMMAND = `${VM}/runCommands/one`;

const start = (script: string) =>
  elapse(
    computeClient(azure).virtualMachineRunCommands.createOrUpdate(GROUP, 'build-windows', 'one', {
      location: 'westeurope',
      source: { script },
      asyncExecution: true,
    }),
  );

async function statuses() {
  const { body } = await arm(azure, 'GET', `${VM}/instanceView`);
  const found = objectsAt(body, 'statuses');
  const starting = (prefix: string) =>
    found.find((each) => textAt(each, 'code')?.startsWith(prefix));
  return {
    power: textAt(starting('PowerState/'), 'code'),
    time: textAt(starting('ProvisioningState/'), 'time'),
  };
}

describe('a managed run command', () => {
  it('cannot be deleted while its VM is stopped', async () => {
    await start('Start-Sleep -Seconds 5');
    await elapse(computeClient(azure).virtualMachines.powerOff(GROUP, 'build-windows'));
    const { status, body } = await arm(azure, 'DELETE', COMMAND);
    expect([status, textAt(body, 'error', 'code'), textAt(body, 'error', 'message')]).toEqual([
      409,
      'OperationNotAllowed',
      'Cannot modify extensions in the VM when the VM is not running.',
    ]);
  });

  it('changes the time of the VM’s last operation; a guest that stops by itself does not', async () => {
    const before = (await statuses()).time;
    await start('& "$env:SystemRoot\\System32\\shutdown.exe" /s /f /t 0');
    const asked = await statuses();
    expect(asked.time).not.toBe(before);
    await pass(120);
    expect(await statuses()).toEqual({ power: 'PowerState/stopped', time: asked.time });
  });

  it('shows what was heard last of an agent that fell silent, and what Azure makes of it', async () => {
    await start(
      'Write-Output "first"; Sysprep.exe /generalize /oobe /quiet /quit; Start-Sleep 60; Write-Output "second"',
    );
    await pass(300);
    const { body } = await arm(azure, 'GET', `${COMMAND}?$expand=instanceView`);
    const view = textAt.bind(undefined, body, 'properties', 'instanceView');
    expect([view('executionState'), view('output'), view('exitCode')]).toEqual([
      'Canceled',
      'first\n',
      undefined,
    ]);
  });
});
