import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { inProcessFetch } from '../src/in-process.ts';
import { computeClient, elapse, GROUP, pass } from './sdk.ts';

const VM = 'build-linux';
const SCHEDULE_DEPROVISION = `
systemd-run --unit=deprovision --on-active=15s --timer-property=AccuracySec=1s /bin/sh -c \\
 'waagent -force -deprovision+user && sync && echo all-done >/dev/ttyS0 && shutdown -h now'
`;

let azure: LocalAzure;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2025-11-22T09:00:00Z') });
  azure = createLocalAzure();
});

afterEach(() => {
  azure[Symbol.dispose]();
  vi.useRealTimers();
});

async function powerCodes(): Promise<string[]> {
  const view = await computeClient(azure).virtualMachines.instanceView(GROUP, VM);
  return (view.statuses ?? []).map(({ code }) => code ?? '');
}

describe('a running VM', () => {
  it('shows its instance view only when asked', async () => {
    const { virtualMachines } = computeClient(azure);
    const plain = await virtualMachines.get(GROUP, VM);
    const full = await virtualMachines.get(GROUP, VM, { expand: 'instanceView' });
    expect(plain.instanceView).toBeUndefined();
    expect(plain.storageProfile?.osDisk?.managedDisk?.id).toContain('/disks/build-linux_OsDisk');
    expect(full.instanceView?.statuses?.map(({ code }) => code)).toEqual([
      'ProvisioningState/succeeded',
      'PowerState/running',
    ]);
    expect(full.instanceView?.vmAgent?.statuses?.[0]?.displayStatus).toBe('Ready');
  });

  it('is not generalized', async () => {
    const attempt = computeClient(azure).virtualMachines.generalize(GROUP, VM);
    await expect(attempt).rejects.toMatchObject({ statusCode: 409, code: 'OperationNotAllowed' });
  });

  it('stops, deallocates and is generalized, and can do nothing after that', async () => {
    const { virtualMachines } = computeClient(azure);
    const poller = virtualMachines.deallocate(GROUP, VM);
    await poller.submitted();
    expect(await powerCodes()).toContain('PowerState/deallocating');
    await elapse(poller);
    expect(await powerCodes()).toContain('PowerState/deallocated');
    await virtualMachines.generalize(GROUP, VM);
    expect(await powerCodes()).toEqual([
      'OSState/generalized',
      'ProvisioningState/succeeded',
      'PowerState/deallocated',
    ]);
    await expect(elapse(virtualMachines.start(GROUP, VM))).rejects.toThrow(
      "Operation 'start' is not allowed on VM 'build-linux' since the VM is generalized.",
    );
  });

  it('merges a PATCH into its properties', async () => {
    const { virtualMachines } = computeClient(azure);
    const patched = await elapse(
      virtualMachines.update(GROUP, VM, {
        tags: { owner: 'run-1' },
        diagnosticsProfile: { bootDiagnostics: { enabled: false } },
      }),
    );
    expect(patched.tags).toEqual({ owner: 'run-1' });
    expect(patched.provisioningState).toBe('Succeeded');
    expect(patched.storageProfile?.dataDisks).toHaveLength(1);
  });
});

describe('Run Command', () => {
  it('answers with what the script printed', async () => {
    const { virtualMachines } = computeClient(azure);
    const result = await elapse(
      virtualMachines.runCommand(GROUP, VM, {
        commandId: 'RunShellScript',
        script: ['echo hello; echo oops >&2'],
      }),
    );
    expect(result.value?.[0]?.message).toBe(
      'Enable succeeded: \n[stdout]\nhello\n\n[stderr]\noops\n',
    );
  });

  it('keeps the last 4,096 bytes of each stream', async () => {
    const result = await elapse(
      computeClient(azure).virtualMachines.runCommand(GROUP, VM, {
        commandId: 'RunShellScript',
        script: ['for i in 1 2 3 4 5; do printf %01000d $i; done; printf %05000d 7 >&2'],
      }),
    );
    const said = result.value?.[0]?.message ?? '';
    const [, out, err] = /\[stdout\]\n(.*)\n\[stderr\]\n(.*)$/s.exec(said) ?? [];
    expect([out?.length, out?.at(-1), out?.[95]]).toEqual([4096, '5', '1']);
    expect([err?.length, err?.at(-1)]).toEqual([4096, '7']);
  });

  it('shows no serial log of a VM as az vm create makes it', async () => {
    const { virtualMachines } = computeClient(azure);
    expect((await virtualMachines.get(GROUP, VM)).diagnosticsProfile).toBeUndefined();
    await expect(virtualMachines.retrieveBootDiagnosticsData(GROUP, VM)).rejects.toThrow(
      'since boot diagnostics is not enabled.',
    );
  });

  it('lets a scheduled deprovision print its mark and switch the VM off', async () => {
    const { virtualMachines } = computeClient(azure);
    const bootDiagnostics = { enabled: true };
    await elapse(virtualMachines.update(GROUP, VM, { diagnosticsProfile: { bootDiagnostics } }));
    await elapse(
      virtualMachines.runCommand(GROUP, VM, {
        commandId: 'RunShellScript',
        script: SCHEDULE_DEPROVISION.split('\n'),
      }),
    );
    expect(await powerCodes()).toContain('PowerState/running');
    await pass(60);
    expect(await powerCodes()).toContain('PowerState/stopped');
    const data = await virtualMachines.retrieveBootDiagnosticsData(GROUP, VM);
    const log = await inProcessFetch(azure)(data.serialConsoleLogBlobUri ?? '');
    expect(await log.text()).toContain('all-done');
  });

  it.each([
    [undefined, 0, 30],
    [600, 500, 120],
  ])('shows the serial console after a lag of %s s', async (lagSeconds, before, after) => {
    if (lagSeconds) azure.weather.set({ console: [{ vm: 'build-*', lagSeconds }] });
    const { virtualMachines } = computeClient(azure);
    const bootDiagnostics = { enabled: true };
    await elapse(virtualMachines.update(GROUP, VM, { diagnosticsProfile: { bootDiagnostics } }));
    const { serialConsoleLogBlobUri = '' } = await virtualMachines.retrieveBootDiagnosticsData(
      GROUP,
      VM,
    );
    const log = async () => (await inProcessFetch(azure)(serialConsoleLogBlobUri)).text();
    await log();
    const script = ['echo heard-from-afar >> /dev/ttyS0'];
    const command = { commandId: 'RunShellScript', script };
    await elapse(virtualMachines.runCommand(GROUP, VM, command));
    await pass(before);
    if (lagSeconds) expect(await log()).not.toContain('heard-from-afar');
    await pass(after);
    expect(await log()).toContain('heard-from-afar');
  });

  it('never returns when the script deprovisions the agent that runs it', async () => {
    const { virtualMachines } = computeClient(azure);
    const command = {
      commandId: 'RunShellScript',
      script: ['waagent -force -deprovision+user'],
    };
    const gently = { updateIntervalInMs: 10_000 };
    const first = elapse(virtualMachines.runCommand(GROUP, VM, command, gently));
    first.catch(() => {});
    await pass(60);
    const second = virtualMachines.runCommand(GROUP, VM, command).submitted();
    await expect(second).rejects.toMatchObject({ statusCode: 409, code: 'Conflict' });
    await expect(first).rejects.toThrow('VMExtensionProvisioningTimeout');
    expect(new Date().toISOString() >= '2025-11-22T10:30:00').toBe(true);
  });
});
