import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { Fault } from '../../local-azure/src/faults.ts';
import type { WindowsOptions } from '../../local-azure/src/windows/guest.ts';
import { capture, fakeClock, localAzure, ofWindows, type RunOptions } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

const windows = (options: WindowsOptions = {}) => localAzure({ guests: () => options });

const captureWindows = (azure: LocalAzure, options: RunOptions = {}) =>
  capture(azure, { ...options, request: { ...ofWindows(azure), ...options.request } });

const vmId = (azure: LocalAzure): string => ofWindows(azure).vm;

function stateOf(azure: LocalAzure): string {
  azure.settle();
  return JSON.stringify(azure.world.get(vmId(azure)));
}

const commandsLeft = (azure: LocalAzure): string[] => {
  azure.settle();
  return azure.world
    .all()
    .map(({ id }) => id)
    .filter((id) => id.includes('/runCommands/'));
};

async function power(azure: LocalAzure, verb: string): Promise<void> {
  const headers = { authorization: `Bearer ${azure.accessToken()}` };
  const url = `${azure.endpoint}${vmId(azure)}/${verb}?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'POST', headers }));
}

const sent = (azure: LocalAzure, method: string, path: RegExp): number =>
  azure.requests.all().filter((each) => each.method === method && path.test(each.path)).length;

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
    expect(heard.lines).toContain('Scheduled in the guest; it tells when it is done.');
    expect(heard.replication).toMatchObject([{ state: 'Completed' }]);
    expect(commandsLeft(azure)).toEqual([]);
    expect(heard.lines).toContain('Proof of the deprovision: the guest told that it is complete.');
    const order = azure.requests
      .all()
      .map(({ method, path }) => `${method} ${path.split('/').at(-2)}`);
    const deleted = order.indexOf('DELETE runCommands');
    expect(order.lastIndexOf('PATCH virtualMachines')).toBeLessThan(deleted);
    expect(deleted).toBeLessThan(order.indexOf('POST build-windows'));
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

describe('an agent that falls silent', () => {
  it.each([
    [{ agentSilent: 'Running' }],
    [{ agentSilent: 'Failed' }],
    [{ agentSilent: 'Canceled' }],
    [{ agentSilent: 'TimedOut' }],
  ] as [WindowsOptions][])(
    'with %j is no verdict: the VM that its guest stops is captured',
    async (options) => {
      const azure = windows(options);
      const { failure, heard } = await captureWindows(azure);
      expect(failure).toBeUndefined();
      const lines = heard.lines.join('\n');
      expect(lines).toMatch(/Proof of the deprovision: .*agent fell silent/);
      expect(lines).toMatch(/run command `golden-image-\S+` was not deleted.*not running/s);
      expect(heard.replication).toMatchObject([{ state: 'Completed' }]);
    },
  );

  it('is told of once when Azure gives its command up', async () => {
    const azure = windows({ agentSilent: 'Canceled' });
    const { heard } = await captureWindows(azure);
    const count = (words: string) => heard.lines.filter((line) => line.includes(words)).length;
    expect(count('the guest agent stopped reporting')).toBe(count('Scheduled in the guest'));
  });

  it.each([{ sysprep: 'undeployable' }, { sysprep: 'hangs' }] as const)(
    'proves nothing with %j: the VM stays on',
    async (options) => {
      const azure = windows({ ...options, agentSilent: 'Running' });
      const { failure } = await captureWindows(azure);
      expect(failure?.what).toMatch(/did not complete its deprovision within 30 minutes/);
      expect(stateOf(azure)).toContain('PowerState/running');
      expect(stateOf(azure)).not.toContain('OSState/generalized');
    },
  );

  it('proves nothing when somebody stops the VM through Azure', async () => {
    const azure = windows({ agentSilent: 'Running' });
    const running = captureWindows(azure);
    await wait(120);
    await power(azure, 'powerOff');
    expect((await running).failure?.what).toContain('does not show that the deprovision completed');
    expect(stateOf(azure)).not.toContain('OSState/generalized');
  });

  it('does not keep the next attempt from going on', async () => {
    const azure = windows({ agentSilent: 'Running' });
    const controller = new AbortController();
    const first = captureWindows(azure, { signal: controller.signal });
    await wait(90);
    controller.abort(new Error('killed'));
    await first;
    await wait(1200);
    expect(stateOf(azure)).toContain('PowerState/stopped');
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.lines.join('\n')).toMatch(/Proof of the deprovision: .*fell silent/);
    expect(sent(azure, 'PUT', /runCommands/)).toBe(1);
  });

  it('never hides a failure of the guest', async () => {
    const azure = windows();
    azure.faults.add({
      match: { method: 'DELETE', path: '**/runCommands/*' },
      times: 99,
      fate: { status: 500 },
    });
    const script = { deprovisionScript: 'exit 9' };
    const { failure } = await captureWindows(azure, { request: script });
    expect(failure?.what).toContain('code 9');
  });
});

describe('the next attempt', () => {
  it('takes up a Sysprep that is at work, without scheduling it again', async () => {
    const azure = windows();
    const controller = new AbortController();
    const first = captureWindows(azure, { signal: controller.signal });
    await wait(90);
    controller.abort(new Error('killed'));
    expect((await first).failure).toBeDefined();
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.lines.join('\n')).toMatch(/at work in the guest \(sysprep\)/);
    expect(sent(azure, 'PUT', /runCommands/)).toBe(1);
    expect(commandsLeft(azure)).toEqual([]);
  });

  it('asks a guest again that was done meanwhile, by another command', async () => {
    const azure = windows();
    const controller = new AbortController();
    const first = captureWindows(azure, { signal: controller.signal });
    await wait(90);
    controller.abort(new Error('killed'));
    await first;
    await wait(200);
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.lines).toContain(
      'Proof of the deprovision: the guest told that it is complete.',
    );
    expect(sent(azure, 'PUT', /runCommands\/\S+-again/)).toBe(1);
    expect(commandsLeft(azure)).toEqual([]);
  });

  it('asks a guest again that somebody restarted in the midst of it', async () => {
    const azure = windows({ agentSilent: 'Running' });
    const controller = new AbortController();
    const first = captureWindows(azure, { signal: controller.signal });
    await wait(90);
    controller.abort(new Error('killed'));
    await first;
    await wait(60);
    await power(azure, 'powerOff');
    await wait(60);
    await power(azure, 'start');
    await wait(120);
    const again = await captureWindows(azure);
    expect(again.failure?.message).toContain('IMAGE_STATE_UNDEPLOYABLE');
    expect(again.seconds).toBeLessThan(600);
    expect(sent(azure, 'PUT', /runCommands\/\S+-again/)).toBe(1);
  });

  it('captures a guest that was done and has stopped meanwhile', async () => {
    const azure = windows();
    const controller = new AbortController();
    const first = captureWindows(azure, { signal: controller.signal });
    await wait(90);
    controller.abort(new Error('killed'));
    await first;
    await wait(1200);
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.lines.join('\n')).toMatch(/told that it is complete, and stopped the VM/);
    expect(sent(azure, 'PUT', /runCommands/)).toBe(1);
  });

  it('does not believe an old mark of a guest that was restarted since', async () => {
    const azure = windows();
    const controller = new AbortController();
    const first = captureWindows(azure, { signal: controller.signal });
    await wait(90);
    controller.abort(new Error('killed'));
    await first;
    await wait(600);
    await power(azure, 'powerOff');
    await wait(60);
    await power(azure, 'start');
    await wait(120);
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.seconds).toBeGreaterThan(150);
  });

  it.each([
    ['PATCH', '**/virtualMachines/*', 0],
    ['PATCH', '**/virtualMachines/*', 1],
    ['PUT', '**/runCommands/*', 0],
    ['POST', '**/deallocate', 0],
    ['POST', '**/generalize', 0],
  ])('after a run killed at %s %s (%i) comes to the same end', async (method, path, after) => {
    const azure = windows();
    azure.faults.add({ match: { method, path }, after, times: 99, fate: { reset: true } });
    const first = await captureWindows(azure);
    expect(first.failure?.kind).toBe('transient');
    azure.faults.clear();
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.known?.version).toMatch(/1\.0\.0$/);
    // A guest whose mark could not be kept for a quarter of an hour has stopped its VM.
    expect(commandsLeft(azure)).toHaveLength(method === 'PATCH' && after === 1 ? 1 : 0);
  });

  it.each([{ reset: true }, { status: 409 }, { hang: true }] as Fault[])(
    'is not needed when the run command cannot be deleted: %j',
    async (fate) => {
      const azure = windows();
      azure.faults.add({
        match: { method: 'DELETE', path: '**/runCommands/*' },
        times: 99,
        fate,
      });
      const { failure, heard } = await captureWindows(azure);
      expect(failure).toBeUndefined();
      expect(heard.lines.join('\n')).toMatch(/run command `golden-image-\S+` was not deleted/);
    },
  );
});
