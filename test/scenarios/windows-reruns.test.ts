import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { Fault } from '../../local-azure/src/faults.ts';
import { textAt } from '../../local-azure/src/json.ts';
import { DEPROVISION_TAG } from '../../src/domain/deprovision-mark.ts';
import { fakeClock, type RunOptions } from './harness.ts';
import {
  captureWindows,
  commandsLeft,
  power,
  sent,
  stateOf,
  vmId,
  wait,
  windows,
} from './windows-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** A run that is killed while its guest is at work. */
async function killed(azure: LocalAzure): Promise<void> {
  const controller = new AbortController();
  const run = captureWindows(azure, { signal: controller.signal });
  await wait(90);
  controller.abort(new Error('killed'));
  expect((await run).failure).toBeDefined();
}

it('a guest that refuses leaves the VM as one that was only asked', async () => {
  const azure = windows({ rebootPending: 'file renames' });
  expect((await captureWindows(azure)).failure?.what).toContain('is not ready');
  expect(JSON.stringify(azure.world.get(vmId(azure))?.tags)).toContain('"asked ');
  expect(commandsLeft(azure)).toEqual([]);
});

describe('the next attempt', () => {
  it('waits for a Sysprep that is at work, without scheduling it again', async () => {
    const azure = windows();
    await killed(azure);
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.lines.join('\n')).toMatch(/working in the guest \(sysprep\)/);
    expect(sent(azure, 'PUT', /runCommands/)).toBe(1);
    expect(commandsLeft(azure)).toEqual([]);
  });

  it('gives no second order when the tag is not shown, or lost', async () => {
    const azure = windows();
    await killed(azure);
    const vm = azure.world.get(vmId(azure));
    if (vm) vm.tags = {};
    expect((await captureWindows(azure)).failure).toBeUndefined();
    expect(sent(azure, 'PUT', /runCommands/)).toBe(1);
  });

  it.each(['Restart-Computer', 'shutdown.exe /r /t 0'])(
    'asks a guest again that restarted itself in the midst of it: %s',
    async (deprovisionScript) => {
      const azure = windows();
      const first = await captureWindows(azure, { request: { deprovisionScript } });
      expect(first.failure?.what).toContain('did not complete its deprovision within 30 minutes');
      expect((await captureWindows(azure)).failure).toBeUndefined();
      expect(sent(azure, 'PUT', /runCommands\/\S+-again/)).toBe(1);
    },
  );

  it('asks a guest again that was done meanwhile, by another command', async () => {
    const azure = windows();
    await killed(azure);
    await wait(200);
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.lines).toContain(
      'Proof of the deprovision: the guest reported that it is complete.',
    );
    expect(sent(azure, 'PUT', /runCommands\/\S+-again/)).toBe(1);
    expect(commandsLeft(azure)).toEqual([]);
  });

  it('asks a guest again that somebody restarted in the midst of it', async () => {
    const azure = windows({ agentSilent: 'Running' });
    await killed(azure);
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
    await killed(azure);
    await wait(1200);
    const again = await captureWindows(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.lines.join('\n')).toMatch(/told that it is complete, and stopped the VM/);
    expect(sent(azure, 'PUT', /runCommands/)).toBe(1);
  });

  it('does not believe an old mark of a guest that was restarted since', async () => {
    const azure = windows();
    await killed(azure);
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

  it('is not needed when Azure does not answer the order for minutes', async () => {
    const azure = windows();
    azure.faults.add({
      match: { method: 'PUT', path: '**/runCommands/*' },
      times: 1,
      fate: { hang: true },
    });
    expect((await captureWindows(azure)).failure).toBeUndefined();
    expect(azure.faults.hits).toBe(1);
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

/** SECURITY.md says why: no proof of a Windows guest outlives the deallocation. */
it('the tag `complete` of a stopped Windows VM is believed, whoever wrote it', async () => {
  const rehearsal = windows();
  await captureWindows(rehearsal);
  const azure = windows();
  await power(azure, 'deallocate');
  await wait(120);
  const vm = azure.world.get(vmId(azure));
  if (!vm) throw new Error('The default world has changed');
  const tag = textAt(rehearsal.world.get(vmId(rehearsal)), 'tags', DEPROVISION_TAG);
  vm.tags = { [DEPROVISION_TAG]: tag?.replace(/ off=.*/, '') };
  expect((await captureWindows(azure)).failure).toBeUndefined();
  expect(sent(azure, 'PUT', /runCommands/)).toBe(0);
});

describe('a VM whose guest was deprovisioned, and that the run could not capture', () => {
  /** A run that Azure refuses a step after the deprovision, and what is done to the VM then. */
  async function left(refused: string, verbs: readonly string[], options: RunOptions = {}) {
    const azure = windows();
    const [method = '', path = ''] = refused.split(' ');
    azure.faults.add({ match: { method, path }, times: 9, fate: { status: 403 } });
    expect((await captureWindows(azure, options)).failure?.status).toBe(403);
    azure.faults.clear();
    await wait(700);
    for (const verb of verbs) {
      await power(azure, verb);
      await wait(120);
    }
    azure.settle();
    return azure;
  }

  it.each([
    ['POST **/generalize', ['start', 'deallocate'], {}],
    ['POST **/generalize', ['start', 'powerOff'], {}],
    ['POST **/deallocate', ['start', 'powerOff'], {}],
    ['PUT **/snapshots/*', ['start', 'deallocate'], { captureFrom: 'disks' }],
  ] as const)(
    'is not captured when it was started since: %s, then %j',
    async (step, verbs, request) => {
      const azure = await left(step, verbs, { request });
      const again = await captureWindows(azure, { request });
      expect(again.failure?.what).toContain('was started after its deprovision');
      expect(stateOf(azure)).not.toContain('OSState/generalized');
      expect(sent(azure, 'PUT', /versions/)).toBe(0);
      const vouched = await captureWindows(azure, {
        request: { ...request, deprovision: 'never' },
      });
      expect(vouched.failure).toBeUndefined();
    },
  );

  it.each([
    ['POST **/generalize', []],
    ['POST **/generalize', ['deallocate']],
    ['POST **/deallocate', []],
    ['POST **/deallocate', ['deallocate']],
  ])('is captured when nobody started it: %s, then %j', async (step, verbs) => {
    const azure = await left(step, verbs);
    expect((await captureWindows(azure)).failure).toBeUndefined();
  });

  it('is captured where Azure does not show when its disk was last taken', async () => {
    const azure = await left('POST **/generalize', ['start', 'deallocate']);
    for (const { id, properties } of azure.world.all())
      if (id.includes('/disks/')) delete properties.LastOwnershipUpdateTime;
    expect((await captureWindows(azure)).failure).toBeUndefined();
  });
});
