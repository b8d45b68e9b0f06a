import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WindowsOptions } from '../../local-azure/src/windows/guest.ts';
import { fakeClock } from './harness.ts';
import { captureWindows, commandsLeft, power, stateOf, wait, windows } from './windows-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('a capture of a running Windows VM', () => {
  it('goes to a version, with Sysprep heard through a run command that is deleted before', async () => {
    const azure = windows();
    const { failure, heard } = await captureWindows(azure);
    expect(failure).toBeUndefined();
    expect(heard.started).toEqual([
      'deprovision',
      'deallocate',
      'generalize',
      'publish',
      'replicate',
    ]);
    expect(heard.lines).toContain('Scheduled in the guest; waiting for its completion mark.');
    expect(heard.replication).toMatchObject([{ state: 'Completed' }]);
    expect(commandsLeft(azure)).toEqual([]);
    expect(heard.lines).toContain(
      'Proof of the deprovision: the guest reported that it is complete.',
    );
    const order = azure.requests
      .all()
      .map(({ method, path }) => `${method} ${path.split('/').at(-2)}`);
    const deleted = order.indexOf('DELETE runCommands');
    const before = order.slice(0, deleted).filter((each) => each === 'PATCH virtualMachines');
    expect(before).toHaveLength(2);
    expect(deleted).toBeLessThan(order.indexOf('POST build-windows'));
    expect(stateOf(azure)).toMatch(/complete \S+ \S+ os=\S+ completed=\S+Z off=\S+Z"/);
    expect(stateOf(azure)).toContain('OSState/generalized');
  });

  it('asks for the command as it should', async () => {
    const azure = windows();
    await captureWindows(azure, { request: { tags: { cost: '42' } } });
    const put = azure.requests
      .all()
      .find((each) => each.method === 'PUT' && /runCommands/.test(each.path));
    expect(put?.body).toMatchObject({
      location: 'westeurope',
      tags: { cost: '42' },
      properties: {
        asyncExecution: true,
        treatFailureAsDeploymentFailure: false,
        timeoutInSeconds: 2400,
      },
    });
  });

  it('runs the user’s script in the guest first', async () => {
    const azure = windows();
    const { failure } = await captureWindows(azure, {
      request: { deprovisionScript: 'Write-Output "bye"\nStart-Sleep -Seconds 20' },
    });
    expect(failure).toBeUndefined();
  });

  it('does nothing more when it is repeated', async () => {
    const azure = windows();
    await captureWindows(azure);
    const again = await captureWindows(azure);
    expect([again.failure, again.wrote]).toEqual([undefined, false]);
  });
});

describe('a Windows guest whose deprovision goes wrong', () => {
  it.each([
    ['reboot', { rebootPending: 'Windows Update' }],
    ['BitLocker', { bitLocker: 1 }],
    ['Contoso.App', { userPackages: ['Contoso.App'] }],
    ['rearm', { rearmsLeft: 0 }],
    ['RdAgent', { agentBusySeconds: Number.POSITIVE_INFINITY }],
    ['IMAGE_STATE_UNDEPLOYABLE', { imageState: 'IMAGE_STATE_UNDEPLOYABLE' }],
    ['Task Scheduler', { taskScheduler: false }],
    ['Deny_All', { removableStorageDenied: true }],
  ] as [string, WindowsOptions][])(
    'is refused for its %s, and stays as it is',
    async (name, options) => {
      const azure = windows(options);
      const { failure } = await captureWindows(azure);
      expect(failure?.what).toContain('not ready to be deprovisioned');
      expect(failure?.message).toContain(name === 'reboot' ? 'A restart is pending' : name);
      expect(stateOf(azure)).toContain('PowerState/running');
      expect(commandsLeft(azure)).toEqual([]);
    },
  );

  it('shows Sysprep’s logs when it ends undeployable; the VM stays on', async () => {
    const azure = windows({ sysprep: 'undeployable' });
    const { failure, heard } = await captureWindows(azure);
    expect(heard.lines.join('\n')).toMatch(/guest: Sysprep ended with exit code 1, but ImageState/);
    expect(failure?.what).toMatch(/failed in the guest in phase sysprep with exit code 1/);
    expect(heard.lines.join('\n')).toMatch(/guest: ImageState is IMAGE_STATE_UNDEPLOYABLE/);
    expect(heard.lines.join('\n')).toMatch(/guest: Error \[0x0f0082\] SYSPRP/);
    expect(stateOf(azure)).toContain('PowerState/running');
    expect(stateOf(azure)).not.toContain('OSState/generalized');
    expect(commandsLeft(azure)).toEqual([]);
  });

  it('is given up at the deadline when Sysprep hangs', async () => {
    const azure = windows({ sysprep: 'hangs' });
    const { failure, seconds } = await captureWindows(azure, {
      request: { deprovisionTimeoutSeconds: 600 },
    });
    expect(failure?.what).toMatch(/in phase sysprep with exit code 124/);
    expect(failure?.why).toMatch(/time limit ended it/);
    expect(failure?.remedy).toMatch(/Raise `deprovision-timeout-minutes`/);
    expect(seconds).toBeLessThan(720);
    expect(stateOf(azure)).toContain('PowerState/running');
  });

  it('is waited for when ImageState comes late, whatever Sysprep’s exit code', async () => {
    const azure = windows({ lateImageState: 400, sysprepExitCode: 1 });
    const { failure, heard } = await captureWindows(azure);
    expect(failure).toBeUndefined();
    expect(heard.lines.join('\n')).toMatch(/exit code 1, but ImageState is IMAGE_STATE_UNDEPLOY/);
  });

  it('is never generalized when somebody stopped it in the midst of it', async () => {
    const azure = windows();
    const running = captureWindows(azure);
    await wait(90);
    await power(azure, 'powerOff');
    const { failure } = await running;
    expect(failure?.what).toContain('does not show that the deprovision completed');
    const again = await captureWindows(azure);
    expect(again.failure?.kind).toBe('refused');
    expect(stateOf(azure)).not.toContain('OSState/generalized');
  });

  it('is tried anew by the next attempt after a failure', async () => {
    const azure = windows();
    const script = { deprovisionScript: 'exit 9' };
    expect((await captureWindows(azure, { request: script })).failure?.what).toContain('code 9');
    expect((await captureWindows(azure)).failure).toBeUndefined();
  });
});
