import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { objectAt } from '../../local-azure/src/json.ts';
import { buildVm, capture, fakeClock, localAzure } from './harness.ts';
import { captureWindows, vmId, wait, windows } from './windows-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const VMS = ['Microsoft.Compute/virtualMachines'];

const commandsTo = (azure: LocalAzure) =>
  azure.requests.all().filter(({ path }) => path.endsWith('/runCommand')).length;

async function start(azure: LocalAzure): Promise<void> {
  const headers = { authorization: `Bearer ${azure.accessToken()}` };
  const url = `${azure.endpoint}${buildVm(azure)}/start?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'POST', headers }));
  await new Promise((done) => setTimeout(done, 300_000));
}

function bootDiagnosticsOff(azure: LocalAzure): void {
  const vm = azure.world.get(buildVm(azure));
  if (vm) delete vm.properties.diagnosticsProfile;
}

/** Removes the deprovision tag of the VM as soon as it begins with this, as a tool does. */
function removesTag(azure: LocalAzure, vm: string, begins = ''): Disposable {
  const timer = setInterval(() => {
    const tags = objectAt(azure.world.get(vm), 'tags');
    if (`${tags['golden-image-deprovision'] ?? ''}`.startsWith(begins))
      delete tags['golden-image-deprovision'];
  }, 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

describe('the tag of a deprovision', () => {
  it('that a policy removes stops the run before the guest is spoken to', async () => {
    const tag = 'golden-image-deprovision';
    const azure = localAzure({ weather: { policies: [{ types: VMS, effect: 'remove', tag }] } });
    const { failure, seconds } = await capture(azure);
    expect(failure?.what).toContain('did not keep the tag `golden-image-deprovision`');
    expect(failure?.remedy).toContain('Exempt this tag');
    expect(seconds).toBeLessThan(300);
    expect(commandsTo(azure)).toBe(0);
  });

  it('that another run writes over names that run, not a policy', async () => {
    const azure = localAzure();
    const first = capture(azure);
    await new Promise((done) => setTimeout(done, 5000));
    const second = capture(azure, { runId: '2' });
    const failures = (await Promise.all([first, second])).map(({ failure }) => failure);
    const told = failures.find((failure) => failure?.what.includes('did not keep the tag'));
    expect(told?.why).toContain('Another run has written its own mark');
    expect(told?.remedy).toContain('wait for the other run');
  });

  it.each([
    ['Linux', 'about half an hour', localAzure, buildVm, capture],
    ['Windows', '10 minutes', windows, vmId, captureWindows],
  ] as const)(
    'that is lost at the end of a %s tells for how long the guest stays on: %s',
    async (_, time, world, id, run) => {
      const azure = world();
      using _tool = removesTag(azure, id(azure), 'complete ');
      const { failure } = await run(azure);
      expect(failure?.remedy).toContain(
        `is deprovisioned, and switches itself off within ${time}.`,
      );
    },
  );

  it('that is lost while the guest works denies nothing that an earlier attempt has begun', async () => {
    const azure = localAzure();
    const controller = new AbortController();
    const killed = capture(azure, { signal: controller.signal });
    await wait(60);
    controller.abort(new Error('killed'));
    await killed;
    using _tool = removesTag(azure, buildVm(azure));
    await wait(1);
    const { failure } = await capture(azure);
    expect(failure?.what).toContain('did not keep the tag');
    expect(failure?.remedy).toContain('This attempt changed nothing in the guest.');
    // The hello and the order, both of the first attempt.
    expect(commandsTo(azure)).toBe(2);
  });
});

it.each([1, 7, 14, 20, 26])('of two runs that begin %s s apart one is told soon', async (lag) => {
  const azure = localAzure();
  const one = capture(azure, { runId: 'one' });
  await new Promise((done) => setTimeout(done, lag * 1000));
  const both = await Promise.all([one, capture(azure, { runId: 'two' })]);
  const refused = both.filter(({ failure }) => failure);
  expect(refused.map(({ failure }) => `${failure?.what} ${failure?.why}`)).toEqual([
    expect.stringMatching(/another run|somebody has stopped it/i),
  ]);
  expect(refused.every(({ seconds }) => seconds < 300)).toBe(true);
});

describe('the serial console', () => {
  it('is switched on where boot diagnostics are off', async () => {
    const azure = localAzure();
    bootDiagnosticsOff(azure);
    const { failure, heard } = await capture(azure);
    expect(failure).toBeUndefined();
    expect(heard.lines).toContain('Enabling managed boot diagnostics, to read the serial console.');
  });

  it('that is never heard stops the run before the order', async () => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'GET', path: '/bootdiagnostics/**' },
      times: 10_000,
      fate: { status: 403, body: '<Error><Code>AuthorizationFailure</Code></Error>' },
    } as never);
    const { failure, seconds } = await capture(azure);
    expect(failure?.what).toContain('shows no message of the guest');
    expect(failure?.why).toContain('403');
    expect(failure?.remedy).toContain(
      'This attempt changed only the tag `golden-image-deprovision`',
    );
    expect(seconds).toBeLessThan(1200);
    expect(commandsTo(azure)).toBe(1);
  });
});

describe('a VM that another one replaces under its name', () => {
  it.each([
    ['the snapshots are taken', 'PUT', '**/snapshots/*', 0],
    ['the console is first read', 'POST', '**/retrieveBootDiagnosticsData', 0],
    ['the tag is written', 'PATCH', '**/virtualMachines/*', 0],
    ['the guest is greeted', 'POST', '**/runCommand', 1],
  ])('while %s is given no order', async (_, method, path, commands) => {
    const on = { method, path };
    const azure = localAzure({ weather: { replacements: [{ vm: 'build-linux', on }] } });
    const { failure } = await capture(azure, { request: { snapshot: true } });
    expect(failure?.what).toMatch(/is another VM now|was made of another `build-linux_OsDisk`/);
    expect(commandsTo(azure)).toBe(commands);
    expect(JSON.stringify(azure.world.get(buildVm(azure))?.tags)).not.toContain('scheduled');
  });
});

describe('a Run Command that Azure never accepts', () => {
  it.each([
    ['the hello', 0, 'the serial console shows nothing either'],
    ['the order', 1, 'does not show that the deprovision began'],
  ])('is told as the cause: %s', async (_, after, why) => {
    const match = { method: 'POST', path: '**/runCommand' };
    const error = { code: 'Conflict', message: 'Run command extension execution is in progress.' };
    const fate = { status: 409, body: { error } };
    const azure = localAzure({ weather: { answers: [{ match, after, fate }] } });
    const { failure, heard } = await capture(azure);
    expect(failure?.why).toContain(why);
    expect(failure?.remedy).toContain('az vm run-command invoke');
    expect(heard.lines.join('\n')).toContain('Run Command has not ended yet. Waiting for it');
    expect(heard.started).not.toContain('generalize');
    azure.weather.clear();
    expect((await capture(azure)).failure).toBeUndefined();
  });
});

describe('a tag of this run that somebody else wrote', () => {
  /** The build VM with the tag that a capture of it leaves, at this stage, in this state of power. */
  async function forged(stage: string, power: string): Promise<LocalAzure> {
    const rehearsal = localAzure();
    await capture(rehearsal);
    const tag = objectAt(rehearsal.world.get(buildVm(rehearsal)), 'tags')[
      'golden-image-deprovision'
    ];
    const azure = localAzure();
    const vm = azure.world.get(buildVm(azure));
    if (!vm || typeof tag !== 'string') throw new Error('There is no VM, or no tag');
    vm.tags = { 'golden-image-deprovision': tag.replace('complete', stage) };
    const statuses = [{ code: `PowerState/${power}`, level: 'Info' }];
    Object.assign(vm.properties, {
      instanceView: { ...(vm.properties.instanceView as object), statuses },
    });
    return azure;
  }

  it.each(['complete', 'scheduled'])('proves nothing of a running VM: %s', async (stage) => {
    const azure = await forged(stage, 'running');
    expect((await capture(azure)).failure).toBeUndefined();
    expect(commandsTo(azure)).toBeGreaterThan(1);
  });

  it.each(['asked', 'scheduled'])('proves nothing of a stopped VM: %s', async (stage) => {
    const { failure, wrote } = await capture(await forged(stage, 'stopped'));
    expect(failure?.kind).toBe('refused');
    expect(wrote).toBe(false);
  });

  it.each(['stopped', 'deallocated'])(
    'proves nothing of a VM that is %s: complete',
    async (power) => {
      const azure = await forged('complete', power);
      const { failure, heard } = await capture(azure);
      expect(failure?.what).toContain('does not show that the deprovision completed');
      expect(failure?.remedy).toContain('Start it, then re-run the failed job');
      expect(heard.started).not.toContain('generalize');
      await start(azure);
      expect((await capture(azure)).failure).toBeUndefined();
      expect(commandsTo(azure)).toBeGreaterThan(1);
    },
  );
});

it('goes on listening when a deallocation of somebody else ends Canceled', async () => {
  const azure = localAzure();
  const controller = new AbortController();
  const first = capture(azure, { signal: controller.signal });
  await new Promise((done) => setTimeout(done, 62_000));
  controller.abort(new Error('killed'));
  expect((await first).failure).toBeDefined();
  const operation = {
    status: 'Canceled',
    error: { code: 'Canceled', message: 'It was canceled.' },
  };
  azure.faults.add({
    match: { method: 'POST', path: '**/deallocate' },
    times: 1,
    fate: { operation },
  } as never);
  const headers = { authorization: `Bearer ${azure.accessToken()}` };
  const url = `${azure.endpoint}${buildVm(azure)}/deallocate?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'POST', headers }));
  const { failure, heard } = await capture(azure);
  expect(failure).toBeUndefined();
  expect(heard.lines.join('\n')).toContain('The guest reports, repeatedly');
});

describe('a run killed between deallocate and generalize', () => {
  async function killed(serialLogOfDeallocatedVm: 'kept' | 'gone'): Promise<LocalAzure> {
    const azure = localAzure({ unknowns: { serialLogOfDeallocatedVm } });
    const match = { method: 'POST', path: '**/generalize' };
    azure.faults.add({ match, times: 99, fate: { reset: true } });
    expect((await capture(azure)).failure?.kind).toBe('transient');
    azure.faults.clear();
    return azure;
  }

  it('resumes there when the serial log shows the proof', async () => {
    const azure = await killed('kept');
    const commands = commandsTo(azure);
    const { failure, heard } = await capture(azure);
    expect(failure).toBeUndefined();
    expect(heard.lines.join('\n')).toContain('reported before it stopped');
    expect(commandsTo(azure)).toBe(commands);
  });

  it('asks for a start when the serial log is gone, and loses nothing', async () => {
    const azure = await killed('gone');
    const { failure, heard } = await capture(azure);
    expect(failure?.remedy).toContain('Start it, then re-run the failed job');
    expect(heard.started).not.toContain('generalize');
    await start(azure);
    expect((await capture(azure)).failure).toBeUndefined();
  });
});
