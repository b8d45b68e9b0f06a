import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import { DEPROVISION_TAG } from '../../src/domain/deprovision-mark.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { writesAmong } from '../runner/control.ts';
import { changeVm } from './changed-vm.ts';
import { fails } from './failing-regions.ts';
import {
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  ofWindows,
  RETURNS,
  type Run,
  restore,
  verifySettings,
} from './harness.ts';
import { NO_RIGHT } from './rerun-worlds.ts';
import { differences, type World, worldOf } from './restored-world.ts';
import { powerOf } from './returning.ts';
import { captureWindows, commandsLeft, sent, vmId, windows } from './windows-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

type Azure = ReturnType<typeof localAzure>;

/** What differs besides the version, and what the plan names. */
const left = (before: World, azure: Azure, run: Run): string[] =>
  differences(before, worldOf(azure), run).filter(
    (line) => !/versions\/\d\.\d\.\d is new/.test(line),
  );

/** The writes to the VM and its disks since the last look. */
const writesToVm = (azure: Azure): string[] =>
  writesAmong(azure.requests.all()).filter((line) => /virtualMachines\/build|\/disks\//.test(line));

describe('a capture whose VM comes back', () => {
  const worlds: [string, Partial<CaptureRequest>, (azure: Azure) => Partial<CaptureRequest>][] = [
    ['runs Linux', {}, () => ({})],
    ['runs Windows', {}, ofWindows],
    [
      'is captured as it is, specialized',
      {},
      (azure) => ({ definition: definitionId(azure, 'ubuntu-2404-specialized') }),
    ],
    [
      'was deallocated, and is started to be deprovisioned',
      { deprovision: 'always' },
      (azure) => {
        const vm = azure.world.get(buildVm(azure));
        if (vm) setPower(vm, 'deallocated', azure.clock.now());
        for (const { id, properties } of azure.world.all())
          if (/\/disks\/build-linux/i.test(id)) properties.diskState = 'Reserved';
        return {};
      },
    ],
  ];
  it.each(worlds)('leaves it as it was: one that %s', async (_, request, prepare) => {
    const azure = localAzure();
    const asked = { ...RETURNS, ...request, ...prepare(azure) };
    const before = worldOf(azure);
    const run = await capture(azure, { request: asked });
    expect(run.failure).toBeUndefined();
    expect(left(before, azure, run)).toEqual([]);
    expect(run.told.outputs.get('state')).toBe('succeeded');
    azure.requests.clear();
    const again = await capture(azure, { request: asked });
    expect(again.failure).toBeUndefined();
    expect(writesAmong(azure.requests.all())).toEqual([]);
    expect(again.told.outputs.get('image-version-id')).toBe(
      run.told.outputs.get('image-version-id'),
    );
  });

  it('keeps no run command of a Windows guest that nobody heard until it was off', async () => {
    const azure = windows({ agentSilent: 'Running' });
    const run = await captureWindows(azure, { request: RETURNS });
    expect(run.failure).toBeUndefined();
    expect(powerOf(azure, vmId(azure))).toBe('running');
    expect(commandsLeft(azure)).toEqual([]);
  });

  it('looks for no run command of a Windows guest that is not deprovisioned', async () => {
    const azure = windows();
    const run = await captureWindows(azure, { request: { ...RETURNS, deprovision: 'never' } });
    expect(run.failure).toBeUndefined();
    expect(powerOf(azure, vmId(azure))).toBe('running');
    expect(sent(azure, 'GET', /runCommands/)).toBe(0);
  });

  it('has it run again while the version replicates', async () => {
    const azure = localAzure();
    const run = await capture(azure, { request: { ...RETURNS, waitFor: 'none' } });
    expect(run.failure).toBeUndefined();
    expect(run.told.outputs.get('state')).toBe('replicating');
    expect(powerOf(azure)).toBe('running');
  });

  it.each(['exit 0', 'exit 3'])('comes back whatever the version proves: %s', async (script) => {
    const azure = localAzure();
    const before = worldOf(azure);
    const verify = verifySettings(azure, { script, onFailure: 'delete' });
    const run = await capture(azure, { request: { ...RETURNS, verify } });
    expect(run.failure === undefined).toBe(script === 'exit 0');
    const isSource = (line: string) => line.includes('-source-');
    expect(left(before, azure, run).filter((line) => !isSource(line))).toEqual([]);
  });

  it('is captured again by the next run, and leaves no disk behind', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    for (const runId of ['1', '2', '3']) {
      const run = await capture(azure, { runId, request: { ...RETURNS, oldDisks: 'delete' } });
      expect(run.failure).toBeUndefined();
      expect(left(before, azure, run)).toEqual([]);
    }
    const disks = azure.world.all().filter(({ id }) => /\/disks\/build-linux/i.test(id));
    expect(disks).toHaveLength(2);
  });

  it('has the power state of before this capture, not of before an earlier one', async () => {
    const azure = localAzure();
    expect((await capture(azure, { runId: '1', request: RETURNS })).failure).toBeUndefined();
    const vm = azure.world.get(buildVm(azure));
    if (vm) setPower(vm, 'deallocated', azure.clock.now());
    const request = { ...RETURNS, deprovision: 'always' } as const;
    expect((await capture(azure, { runId: '2', request })).failure).toBeUndefined();
    expect(powerOf(azure)).toBe('deallocated');
  });

  it.each([
    ['running', 'an attempt that ended while it was off', 'PUT', '**/versions/*'],
    ['deallocated', 'an attempt that ended while it ran', 'POST', '**/runCommand'],
  ] as const)('is %s again after %s', async (power, _, method, path) => {
    const azure = localAzure();
    const vm = azure.world.get(buildVm(azure));
    if (vm) setPower(vm, power, azure.clock.now());
    const request = { ...RETURNS, deprovision: 'always' } as const;
    azure.faults.add({ match: { method, path }, fate: { status: 403 } });
    expect((await capture(azure, { request })).failure).toBeDefined();
    expect(powerOf(azure)).not.toBe(power);
    expect((await capture(azure, { request })).failure).toBeUndefined();
    expect(powerOf(azure)).toBe(power);
  });

  const attachOld = (azure: Azure, to: string) => {
    for (const disk of azure.world.all())
      if (/\/disks\/build-linux_/.test(disk.id)) {
        disk.managedBy = buildVm(azure).replace('build-linux', to);
        disk.properties.diskState = 'Attached';
      }
  };
  const meanwhile: [string, (azure: Azure) => void][] = [
    ['another VM uses', (azure) => attachOld(azure, 'other')],
    ['Azure never shows as detached', (azure) => attachOld(azure, 'build-linux')],
    [
      'nothing proves to be old any more',
      (azure) => {
        for (const { id } of azure.world.all())
          if (/\/snapshots\/build-linux-(os|lun)/.test(id)) azure.world.delete(id);
      },
    ],
  ];
  it.each(meanwhile)('leaves an old disk that %s, and says so', async (_, happens) => {
    const azure = localAzure();
    const way = inProcessHttpClient(azure);
    const httpClient: HttpClient = {
      sendRequest: (each) => {
        if (each.method === 'DELETE' && each.url.includes('-source-os')) happens(azure);
        return way.sendRequest(each);
      },
    };
    const request = { ...RETURNS, oldDisks: 'delete' } as const;
    const run = await capture(azure, { request, httpClient });
    expect(run.failure).toBeUndefined();
    const old = azure.world.all().filter(({ id }) => /\/disks\/build-linux_/.test(id));
    expect(old).toHaveLength(2);
    for (const { name } of old) expect(run.heard.warnings.join('\n')).toContain(name);
  });

  it('is left alone by a re-run that makes a failed version again', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    fails(azure, 1, 'westeurope');
    const request = { ...RETURNS, oldDisks: 'delete' } as const;
    const broken = await capture(azure, { request });
    expect(broken.failure).toBeDefined();
    expect(left(before, azure, broken).filter((line) => !line.includes('-source-'))).toEqual([]);
    for (const { id } of azure.world.all())
      if (id.includes('/snapshots/') && id.includes('-source-')) azure.world.delete(id);
    azure.requests.clear();
    const run = await capture(azure, { request });
    expect(run.failure).toBeUndefined();
    expect(writesToVm(azure).filter((line) => !line.startsWith('DELETE'))).toEqual([]);
    expect(left(before, azure, run)).toEqual([]);
  });

  const takeovers: [string, (azure: Azure) => Promise<unknown>][] = [
    [
      'given it disks',
      async (azure) => expect((await restore(azure, {}, { runId: '2' })).wrote).toBe(true),
    ],
    [
      'ordered its deprovision',
      async (azure) => {
        const tags = { [DEPROVISION_TAG]: 'scheduled another.owner 01234567-89ab' };
        Object.assign(azure.world.get(buildVm(azure)) ?? {}, { tags });
      },
    ],
  ];
  it.each(takeovers)('is not touched any more when another run has %s', async (_, takesOver) => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'POST', path: '**/virtualMachines/build-linux/start' },
      times: 1,
      fate: NO_RIGHT,
    });
    const broken = await capture(azure, { request: RETURNS });
    expect(broken.failure?.what).toContain('start VM build-linux');
    await new Promise((done) => setTimeout(done, 3_600_000));
    await takesOver(azure);
    azure.requests.clear();
    const run = await capture(azure, { request: RETURNS });
    expect(run.failure).toBeUndefined();
    expect(writesToVm(azure)).toEqual([]);
    expect(run.heard.findings.map(({ rule }) => rule)).toContain('snapshot-vm-taken');
  });
});

it('says in what state a VM stays whose snapshots are gone', async () => {
  const azure = localAzure();
  const way = inProcessHttpClient(azure);
  const httpClient: HttpClient = {
    sendRequest: (each) => {
      if (each.method === 'PUT' && each.url.includes('/disks/'))
        for (const { id } of azure.world.all())
          if (/\/snapshots\/build-linux-(os|lun)/.test(id)) azure.world.delete(id);
      return way.sendRequest(each);
    },
  };
  expect((await capture(azure, { request: RETURNS, httpClient })).failure).toBeDefined();
  const run = await capture(azure, { request: RETURNS });
  expect(run.failure).toBeUndefined();
  const told = run.heard.findings.map(({ message }) => message).join();
  expect(told).toContain('cannot prove that it has a snapshot of every disk');
  expect(told).toContain('It is deallocated.');
});

describe('Run Command, which Azure runs again on a new OS disk', () => {
  const anHour = () => new Promise((done) => setTimeout(done, 3_600_000));

  it('does not deprovision a Linux VM that comes back', async () => {
    const azure = localAzure();
    const run = await capture(azure, { request: RETURNS });
    expect(run.failure).toBeUndefined();
    await anHour();
    azure.settle();
    expect(powerOf(azure)).toBe('running');
  });

  it('does not deprovision a Windows VM that is restored', async () => {
    const azure = localAzure();
    const { vm } = ofWindows(azure);
    await changeVm(azure, 'deprovision', ofWindows(azure));
    const run = await restore(azure, { vm });
    expect(run.failure).toBeUndefined();
    await anHour();
    azure.settle();
    expect(powerOf(azure, vm)).toBe('running');
  });
});

test('a capture whose VM cannot come back tells in what state it is', async () => {
  const azure = localAzure();
  azure.faults.add({
    match: { method: 'PUT', path: '**/disks/*' },
    fate: NO_RIGHT,
  });
  const { failure } = await capture(azure, { request: RETURNS });
  expect(failure?.remedy).toContain('its tag says that it is deprovisioned');
  expect(failure?.paste?.text).toContain('operation: restore');
});
