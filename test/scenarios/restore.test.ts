import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { isObject } from '../../local-azure/src/json.ts';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import { writesAmong } from '../runner/control.ts';
import { changeVm } from './changed-vm.ts';
import {
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  ofWindows,
  restore,
} from './harness.ts';
import { NO_RIGHT } from './rerun-worlds.ts';
import { differences, restoredOnce, worldOf } from './restored-world.ts';

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
      const [run, again] = await restoredOnce(azure, before);
      expect(run.told.outputs.get('state')).toBe('succeeded');
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

it('a restore tells every read that Azure refuses at once', async () => {
  const azure = localAzure();
  azure.faults.add({
    match: { method: 'GET', path: '/subscriptions/**' },
    times: 99,
    fate: NO_RIGHT,
  });
  const { failure } = await restore(azure);
  expect(failure?.what).toMatch(/^Azure refused 3 reads:\n/);
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
    await restoredOnce(azure, before, { recreate: true });
  });

  it('resumes after it was killed between deletion and creation', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'generalize');
    azure.faults.add({
      match: { method: 'PUT', path: '**/virtualMachines/build-linux' },
      times: 1,
      fate: NO_RIGHT,
    });
    const broken = await restore(azure, { recreate: true });
    expect(broken.failure?.message).toContain('it was deleted to be created again');
    expect(broken.failure?.message).toContain('re-run the failed job');
    expect(azure.world.get(buildVm(azure))).toBeUndefined();
    const run = await restore(azure, { recreate: true });
    expect(run.failure).toBeUndefined();
    expect(azure.world.get(buildVm(azure))).toBeDefined();
    expect(differences(before, worldOf(azure), run)).toEqual([]);
  });

  it('asks for no re-run where the tags do not tell any more what the VM was', async () => {
    const azure = localAzure();
    await changeVm(azure, 'generalize');
    const match = { method: 'PUT', path: '**/virtualMachines/build-linux' };
    azure.faults.add({ match, times: 1, fate: NO_RIGHT });
    await restore(azure, { recreate: true });
    for (const { tags } of azure.world.all())
      if (isObject(tags) && 'golden-image-vm-1' in tags) tags['golden-image-vm-1'] = 'other';
    const { failure } = await restore(azure, { recreate: true });
    expect(failure?.what).toContain('cannot be read from the tags');
    expect(failure?.remedy).toContain('Create the VM of the new disks by hand');
    expect(failure?.remedy).not.toMatch(/re-run/i);
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
    fate: NO_RIGHT,
  });
  const run = await capture(azure, { request: { snapshot: true } });
  expect(run.failure?.paste?.text).toContain('operation: restore');
  expect(run.failure?.paste?.text).toContain('recreate: true');
});

test('a VM that a capture has started and not deprovisioned is switched off again', async () => {
  const azure = localAzure();
  const vm = azure.world.get(buildVm(azure));
  if (vm) setPower(vm, 'deallocated', azure.clock.now());
  azure.faults.add({ match: { method: 'POST', path: '**/runCommand' }, fate: NO_RIGHT });
  const broken = await capture(azure, { request: { snapshot: true, deprovision: 'always' } });
  expect(broken.failure?.code).toBe('AuthorizationFailed');
  expect(JSON.stringify(vm)).toContain('PowerState/running');
  expect((await restore(azure)).failure).toBeUndefined();
  expect(JSON.stringify(azure.world.get(buildVm(azure)))).toContain('PowerState/deallocated');
});

test('resumes between the detaching of the old data disks and the attaching of the new ones', async () => {
  const azure = localAzure();
  const before = worldOf(azure);
  await changeVm(azure, 'deprovision');
  const match = { method: 'PATCH', path: '**/virtualMachines/build-linux' };
  azure.faults.add({ match, after: 1, times: 1, fate: NO_RIGHT });
  expect((await restore(azure)).failure).toBeDefined();
  const run = await restore(azure);
  expect(run.failure).toBeUndefined();
  expect(differences(before, worldOf(azure), run)).toEqual([]);
});

type Resource = NonNullable<ReturnType<ReturnType<typeof localAzure>['world']['get']>>;

describe('the world is equal for a VM', () => {
  const cases: [string, string, (vm: Resource, azure: ReturnType<typeof localAzure>) => void][] = [
    [
      'that was deallocated',
      'deprovision',
      (vm, azure) => setPower(vm, 'deallocated', azure.clock.now()),
    ],
    ['that was stopped', 'deprovision', (vm, azure) => setPower(vm, 'stopped', azure.clock.now())],
    ['in a zone, with a plan', 'generalize', inZone],
    ['of Standard security', 'generalize', ofStandard],
  ];
  it.each(cases)('%s, changed until %s', async (_, until, prepare) => {
    const azure = localAzure();
    const vm = azure.world.get(buildVm(azure));
    if (!vm) throw new Error('The default world has changed');
    prepare(vm, azure);
    const before = worldOf(azure);
    await changeVm(azure, until, { deprovision: 'always' });
    const run = await restore(azure, { recreate: true });
    expect(run.failure).toBeUndefined();
    // A deallocated VM's disks are Reserved: the case sets the VM alone.
    const isOther = (line: string) => !line.includes('/diskState');
    expect(differences(before, worldOf(azure), run).filter(isOther)).toEqual([]);
    const view = JSON.stringify(azure.world.get(buildVm(azure))?.properties.instanceView);
    expect(view).toContain(
      until === 'deprovision' ? 'PowerState/deallocated' : 'PowerState/running',
    );
  });

  it('that runs Windows and is generalized', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, 'generalize', ofWindows(azure));
    const run = await restore(azure, { vm: ofWindows(azure).vm, recreate: true });
    expect(run.failure).toBeUndefined();
    expect(differences(before, worldOf(azure), run)).toEqual([]);
  });
});

function inZone(vm: Resource, azure: ReturnType<typeof localAzure>): void {
  const plan = { name: 'server', publisher: 'contoso', product: 'linux' };
  Object.assign(vm, { zones: ['2'], plan });
  for (const each of azure.world.all())
    if (/\/disks\/build-linux/i.test(each.id)) Object.assign(each, { zones: ['2'] });
  const definition = azure.world.get(definitionId(azure));
  if (definition) definition.properties.purchasePlan = plan;
}

function ofStandard(vm: Resource, azure: ReturnType<typeof localAzure>): void {
  delete vm.properties.securityProfile;
  for (const { id, properties } of azure.world.all())
    if (/\/disks\/build-linux/i.test(id)) delete properties.securityProfile;
  const definition = azure.world.get(definitionId(azure));
  if (definition) delete definition.properties.features;
}
