import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WindowsOptions } from '../../local-azure/src/windows/guest.ts';
import { fakeClock } from './harness.ts';
import { captureWindows, power, sent, stateOf, wait, windows } from './windows-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

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
