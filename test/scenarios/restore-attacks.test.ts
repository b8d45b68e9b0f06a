/** What is wrong around a restore: each ends it before a change, or changes nothing of its end. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { summaryOf } from '../../src/github/summary.ts';
import { verdictOf } from '../../src/github/verdict.ts';
import { writesAmong } from '../runner/control.ts';
import { changeVm } from './changed-vm.ts';
import {
  buildVm,
  capture,
  fakeClock,
  localAzure,
  ofWindows,
  type Run,
  restore,
} from './harness.ts';
import { differences, restoredOnce, worldOf } from './restored-world.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const snapshotsOf = (azure: LocalAzure, vm = 'build-linux') =>
  azure.world.all().filter(({ id }) => id.includes(`/snapshots/${vm}-`));

function machine(azure: LocalAzure) {
  const vm = azure.world.get(buildVm(azure));
  if (!vm) throw new Error('The VM is gone');
  return vm;
}

const rulesOf = (run: Run) =>
  run.record.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);

describe('`snapshot-ids`', () => {
  it.each([
    [
      'of another VM',
      (azure: LocalAzure) => snapshotsOf(azure, 'build-windows').map(({ id }) => id),
      'restore-snapshot-foreign',
    ],
    [
      'that do not exist',
      (azure: LocalAzure) => snapshotsOf(azure).map(({ id }) => `${id}x`),
      'restore-snapshot-missing',
    ],
    [
      'with two of one disk',
      (azure: LocalAzure) => {
        const [first] = snapshotsOf(azure);
        if (!first) throw new Error('No snapshot');
        azure.world.put({
          ...structuredClone(first),
          id: `${first.id}-2`,
          name: `${first.name}-2`,
        });
        return snapshotsOf(azure).map(({ id }) => id);
      },
      'restore-snapshot-foreign',
    ],
  ] as const)('%s are refused', async (_, ids, rule) => {
    const azure = localAzure();
    await changeVm(azure, 'snapshot', ofWindows(azure));
    await changeVm(azure, 'deprovision');
    const snapshotIds = ids(azure);
    azure.requests.clear();
    const run = await restore(azure, { snapshotIds });
    expect(rulesOf(run)).toContain(rule);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('in another order and case are the same set', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'deprovision');
    const ids = snapshotsOf(azure).map(({ id }) => id);
    const shown = ids.toReversed().map((id) => id.toUpperCase());
    await restoredOnce(azure, before, { snapshotIds: shown }, { snapshotIds: ids });
  });

  it('that somebody else took of its disks, under other names, serve as well', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'deprovision');
    const own = snapshotsOf(azure);
    const snapshotIds = own.map(({ id }, index) => id.replace(/[^/]+$/, `before-upgrade-${index}`));
    for (const [index, one] of own.entries()) {
      const id = snapshotIds[index] ?? '';
      azure.world.put({ ...structuredClone(one), id, name: `before-upgrade-${index}`, tags: {} });
      azure.world.delete(one.id);
    }
    const run = await restore(azure, { snapshotIds });
    expect(run.failure).toBeUndefined();
    const found = differences(before, worldOf(azure), run);
    expect(found).toEqual([]);
  });

  it('of a data disk alone do not bring a generalized VM back', async () => {
    const azure = localAzure();
    await changeVm(azure, 'generalize');
    azure.requests.clear();
    const snapshotIds = snapshotsOf(azure).flatMap(({ id }) => (id.includes('-lun') ? [id] : []));
    const run = await restore(azure, { snapshotIds, recreate: true });
    expect(rulesOf(run)).toContain('restore-no-snapshots');
    expect(run.failure?.kind).toBe('refused');
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('of one disk bring that disk back, with a warning about the others', async () => {
    const azure = localAzure();
    await changeVm(azure, 'deprovision');
    const [id = ''] = snapshotsOf(azure)
      .map((one) => one.id)
      .filter((one) => one.includes('-os-'));
    const run = await restore(azure, { snapshotIds: [id] });
    expect(run.failure).toBeUndefined();
    expect(run.record.findings.map(({ rule }) => rule)).toContain('restore-part');
  });
});

describe('what happened meanwhile', () => {
  it('a VM built anew under the name gets no disk of the old one', async () => {
    const azure = localAzure();
    await changeVm(azure, 'deprovision');
    for (const { id, properties } of azure.world.all())
      if (/\/disks\/build-linux/.test(id)) properties.uniqueId = crypto.randomUUID();
    machine(azure).properties.vmId = crypto.randomUUID();
    azure.requests.clear();
    const run = await restore(azure);
    expect(rulesOf(run)).toContain('restore-no-snapshots');
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('a data disk that was detached stays away', async () => {
    const azure = localAzure();
    await changeVm(azure, 'deprovision');
    const storage = machine(azure).properties.storageProfile as { dataDisks: unknown[] };
    storage.dataDisks = [];
    const run = await restore(azure);
    expect(run.failure).toBeUndefined();
    const { osDisk, dataDisks } = machine(azure).properties.storageProfile as {
      osDisk: { name: string };
      dataDisks: unknown[];
    };
    expect(osDisk.name).toMatch(/-os-[0-9a-f]{24}$/);
    expect(dataDisks).toEqual([]);
  });

  it.each(['restore', 'capture'] as const)(
    'an old disk that somebody made anew under its name stays, told once: a %s',
    async (operation) => {
      const azure = localAzure();
      const way = inProcessHttpClient(azure);
      const httpClient: HttpClient = {
        sendRequest: (each) => {
          const disk = azure.world.all().find(({ name }) => name === 'build-linux_DataDisk_0');
          if (disk && each.method === 'POST' && /\/build-linux\/start/.test(each.url))
            disk.properties.uniqueId = '0d15c0de-0000-4000-8000-000000000001';
          return way.sendRequest(each);
        },
      };
      const back = { captureFrom: 'disks', afterCapture: 'restore', oldDisks: 'delete' } as const;
      if (operation === 'restore') await changeVm(azure, 'deprovision');
      const { failure, heard, record } =
        operation === 'restore'
          ? await restore(azure, { oldDisks: 'delete' }, { httpClient })
          : await capture(azure, { request: { snapshot: true, ...back }, httpClient });
      expect(failure).toBeUndefined();
      expect(heard.warnings.filter((each) => each.includes('was not deleted'))).toHaveLength(1);
      azure.settle();
      const left = azure.world.all().filter(({ id }) => /\/disks\/build-linux_/.test(id));
      expect(left.map(({ name }) => name)).toEqual(['build-linux_DataDisk_0']);
      const text = summaryOf(record);
      expect(text).toContain('reason in the warning: <code>build-linux_DataDisk_0</code>');
      expect(text).not.toContain('The old disks stay');
    },
  );

  it('newer snapshots, taken when the deprovision had begun, do not count', async () => {
    const azure = localAzure();
    await changeVm(azure, 'deprovision');
    const good = snapshotsOf(azure).map(({ id }) => id);
    await capture(azure, {
      runId: '8',
      request: { snapshot: true },
      around: (operation) => ({ ...operation, plan: () => [] }),
    });
    const run = await restore(azure);
    expect(run.failure).toBeUndefined();
    const used = JSON.parse(run.told.outputs.get('snapshot-ids') ?? '[]') as string[];
    expect(used.toSorted()).toEqual(good.toSorted());
  });

  it.each([false, true])(
    'a VM changed by its user after the end stays so (recreated: %s)',
    async (recreate) => {
      const azure = localAzure();
      await changeVm(azure, recreate ? 'generalize' : 'deprovision');
      expect((await restore(azure, { recreate })).failure).toBeUndefined();
      setPower(machine(azure), 'deallocated', azure.clock.now());
      azure.requests.clear();
      expect((await restore(azure, { recreate })).failure).toBeUndefined();
      expect(writesAmong(azure.requests.all())).toEqual([]);
    },
  );

  it('a VM deprovisioned again since is refused by the same run, and restored by the next', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'deprovision');
    expect((await restore(azure)).failure).toBeUndefined();
    await changeVm(azure, 'deallocate', { deprovision: 'always' });
    azure.requests.clear();
    const same = await restore(azure);
    expect(rulesOf(same)).toEqual(['restore-changed-since']);
    expect(writesAmong(azure.requests.all())).toEqual([]);
    const next = await restore(azure, {}, { runId: '2' });
    expect(next.failure).toBeUndefined();
    expect(differences(before, worldOf(azure), next)).toEqual([]);
  });
});

describe('Azure says no', () => {
  it.each([
    ['409 at the exchange', 'PATCH', '**/virtualMachines/build-linux', 409, 'Conflict', 1],
    ['429 at a disk', 'PUT', '**/disks/*', 429, 'TooManyRequests', 3],
    ['409 at the start', 'POST', '**/start', 409, 'OperationNotAllowed', 1],
  ] as const)('%s passes, or a re-run ends it', async (_, method, path, status, code, times) => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'deprovision');
    const fate = { status, body: { error: { code, message: 'Not now.' } } };
    azure.faults.add({ match: { method, path }, times, fate });
    await restore(azure);
    expect(azure.faults.hits).toBe(times);
    const run = await restore(azure);
    expect(run.failure).toBeUndefined();
    expect(differences(before, worldOf(azure), run)).toEqual([]);
  });
});

it('passes over a lost answer to the last write', async () => {
  const azure = localAzure();
  await changeVm(azure, 'deprovision');
  azure.faults.add({
    match: { method: 'PATCH', path: '**/disks/*' },
    times: 1,
    fate: { loseResponse: true },
  });
  const run = await restore(azure);
  expect(azure.faults.hits).toBe(1);
  expect(run.failure).toBeUndefined();
});

describe('a lock', () => {
  it.each([
    ['CanNotDelete', 'generalize', { recreate: true }],
    ['CanNotDelete', 'deprovision', { oldDisks: 'delete' }],
    ['ReadOnly', 'deprovision', {}],
  ] as const)('%s ends it before a change, after %s', async (level, until, asked) => {
    const azure = localAzure();
    await changeVm(azure, until);
    const [group = ''] = buildVm(azure).split('/providers/');
    const id = `${group}/providers/Microsoft.Authorization/locks/keep`;
    const type = 'Microsoft.Authorization/locks';
    azure.world.put(asResource({ id, type, name: 'keep', properties: { level } } as never));
    azure.requests.clear();
    const run = await restore(azure, asked);
    expect(run.failure?.message).toContain('lock');
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('on an old disk does not make a restored VM one that was not', async () => {
    const azure = localAzure();
    await changeVm(azure, 'deprovision');
    const path = '**/disks/build-linux_*';
    const body = { error: { code: 'ScopeLocked', message: 'Locked.' } };
    azure.faults.add({ match: { method: 'DELETE', path }, times: 9, fate: { status: 409, body } });
    const { record, failure } = await restore(azure, { oldDisks: 'delete' });
    expect(failure?.code).toBe('ScopeLocked');
    expect(verdictOf(record).headline).toBe('The restore is not complete');
  });
});
