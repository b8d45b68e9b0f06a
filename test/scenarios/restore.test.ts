import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { writesAmong } from '../runner/control.ts';
import { changeVm } from './changed-vm.ts';
import { buildVm, capture, fakeClock, localAzure, ofWindows, restore } from './harness.ts';
import { differences, worldOf } from './restored-world.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('a restore before the VM is generalized', () => {
  it.each(['snapshot', 'deprovision', 'deallocate'])(
    'brings the world back after %s',
    async (until) => {
      const azure = localAzure();
      const before = worldOf(azure);
      await changeVm(azure, until);
      const run = await restore(azure);
      expect(run.failure).toBeUndefined();
      expect(differences(before, worldOf(azure), run)).toEqual([]);
      expect(run.told.outputs.get('state')).toBe('succeeded');
      azure.requests.clear();
      const again = await restore(azure);
      expect(again.failure).toBeUndefined();
      expect(writesAmong(azure.requests.all())).toEqual([]);
      expect(again.told.outputs.get('snapshot-ids')).toBe(run.told.outputs.get('snapshot-ids'));
    },
  );

  it('brings a Windows VM back', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'deprovision', ofWindows(azure));
    const run = await restore(azure, { vm: ofWindows(azure).vm });
    expect(run.failure).toBeUndefined();
    expect(differences(before, worldOf(azure), run)).toEqual([]);
  });

  it('restores again in a new run, and deletes the old disks when told to', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'deprovision');
    await restore(azure, { oldDisks: 'delete' });
    azure.requests.clear();
    const run = await restore(azure, { oldDisks: 'delete' }, { runId: '2' });
    expect(run.failure).toBeUndefined();
    expect(writesAmong(azure.requests.all())).not.toEqual([]);
    expect(differences(before, worldOf(azure), run)).toEqual([]);
    const disks = azure.world.list(
      buildVm(azure).split('/providers/')[0] ?? '',
      'Microsoft.Compute/disks',
    );
    expect(disks).toHaveLength(4);
  });
});

describe('a restore of a generalized VM', () => {
  it('is refused without `recreate`, with its plan', async () => {
    const azure = localAzure();
    await changeVm(azure, 'generalize');
    azure.requests.clear();
    const run = await restore(azure);
    expect(run.failure?.message).toContain('recreate');
    expect(run.told.outputs.get('state')).toBe('failed');
    const plan = JSON.parse(run.told.outputs.get('plan') ?? '{}');
    expect(plan.steps.map(({ do: kind }: { do: string }) => kind)).toEqual([
      'disks',
      'delete',
      'create',
      'settle',
    ]);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('creates it again', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'generalize');
    const run = await restore(azure, { recreate: true });
    expect(run.failure).toBeUndefined();
    expect(differences(before, worldOf(azure), run)).toEqual([]);
    azure.requests.clear();
    const again = await restore(azure, { recreate: true });
    expect(again.failure).toBeUndefined();
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('resumes after it was killed between deletion and creation', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'generalize');
    azure.faults.add({
      match: { method: 'PUT', path: '**/virtualMachines/build-linux' },
      times: 1,
      fate: { status: 403, error: { code: 'AuthorizationFailed', message: 'Not now.' } },
    } as never);
    const broken = await restore(azure, { recreate: true });
    expect(broken.failure).toBeDefined();
    expect(azure.world.get(buildVm(azure))).toBeUndefined();
    const run = await restore(azure, { recreate: true });
    expect(run.failure).toBeUndefined();
    expect(azure.world.get(buildVm(azure))).toBeDefined();
    expect(differences(before, worldOf(azure), run)).toEqual([]);
  });

  it('keeps what Azure would delete with the VM, since the capture says so first', async () => {
    const azure = localAzure();
    const vm = azure.world.get(buildVm(azure));
    const storage = vm?.properties.storageProfile as { osDisk: { deleteOption: string } };
    storage.osDisk.deleteOption = 'Delete';
    await changeVm(azure, 'generalize');
    const run = await restore(azure, { recreate: true });
    expect(run.failure).toBeUndefined();
    expect(run.record.findings.map(({ rule }) => rule)).not.toContain('restore-parts-go');
  });
});

test('a capture that Azure refuses after the change tells the step that restores the VM', async () => {
  const azure = localAzure();
  azure.faults.add({
    match: { method: 'PUT', path: '**/versions/*' },
    fate: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } },
  });
  const run = await capture(azure, { request: { snapshot: true } });
  expect(run.failure?.paste?.text).toContain('operation: restore');
  expect(run.failure?.paste?.text).toContain('recreate: true');
});

test('resumes between the detaching of the old data disks and the attaching of the new ones', async () => {
  const azure = localAzure();
  const before = worldOf(azure);
  await changeVm(azure, 'deprovision');
  const refusal = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } };
  const match = { method: 'PATCH', path: '**/virtualMachines/build-linux' };
  azure.faults.add({ match, after: 1, times: 1, fate: refusal });
  expect((await restore(azure)).failure).toBeDefined();
  const run = await restore(azure);
  expect(run.failure).toBeUndefined();
  expect(differences(before, worldOf(azure), run)).toEqual([]);
});
