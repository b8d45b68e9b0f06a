import { describe, expect, it } from 'vitest';
import { errorsIn, named, setPower, stage, stageOfProcesses } from './harness.ts';

describe('the shipped bundle', () => {
  it('captures a running VM with its data disk, snapshots first, into three regions', async () => {
    await using local = await stageOfProcesses();
    const run = await local.run(
      {
        snapshot: 'true',
        'target-regions': 'West Europe=3\r\nnortheurope=2=premium_lrs\r\n\r\neastus2',
        tags: 'cost-center=4711\nnote=a=b,c',
      },
      { skipIdlePost: false },
    );
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({
      'image-version': '1.0.0',
      gallery: 'golden',
      'image-definition': 'ubuntu-2404',
      location: 'westeurope',
      state: 'succeeded',
      changed: 'true',
    });
    expect(JSON.parse(run.outputs.replication ?? '')).toEqual([
      {
        region: 'westeurope',
        state: 'Completed',
        progress: 100,
        replicas: 3,
        storageAccountType: null,
      },
      {
        region: 'northeurope',
        state: 'Completed',
        progress: 100,
        replicas: 2,
        storageAccountType: 'Premium_LRS',
      },
      {
        region: 'eastus2',
        state: 'Completed',
        progress: 100,
        replicas: 1,
        storageAccountType: null,
      },
    ]);
    const snapshots = JSON.parse(run.outputs['snapshot-ids'] ?? '') as string[];
    expect(snapshots).toHaveLength(2);
    const [version] = await named(local, '/versions/1.0.0');
    expect(version?.tags).toMatchObject({
      'cost-center': '4711',
      note: 'a=b,c',
      'golden-image-repository': 'contoso/images',
      'golden-image-commit': '0123456789abcdef0123456789abcdef01234567',
    });
    expect(version?.properties).toMatchObject({ provisioningState: 'Succeeded' });
    for (const id of snapshots)
      expect((await local.control.world()).find((entry) => entry.id === id)?.tags).toMatchObject({
        'cost-center': '4711',
      });
    expect(run.summary).toContain('<code>golden/ubuntu-2404/1.0.0</code> is complete in 3 regions');
    expect(run.post).toEqual({ exitCode: 0, log: '' });
  });

  it('captures a running Windows VM, which runs Sysprep, and tells of each run command that it leaves', async () => {
    await using local = await stage();
    const run = await local.run({
      vm: 'build-windows',
      'image-definition': 'windows-2022',
      'deprovision-script': 'Write-Output "bye"',
    });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs).toMatchObject({ state: 'succeeded', 'image-definition': 'windows-2022' });
    expect(run.log).toContain('Scheduled in the guest; waiting for its completion mark.');
    // Azure deletes none of a stopped VM, and ten minutes after its mark the guest stops this one: a
    // second here.
    const told = [...run.log.matchAll(/The run command `([^`]+)` was not deleted/g)];
    const left = await named(local, '/runCommands/');
    expect(left.map(({ name }) => name)).toEqual(told.map(([, name]) => name));
  });

  it('changes nothing and sends not one write when run again after success', async () => {
    await using local = await stage();
    const first = await local.run();
    await local.control.forgetRequests();
    const again = await local.run();
    expect(again.exitCode).toBe(0);
    expect(again.outputs).toMatchObject({
      'image-version-id': first.outputs['image-version-id'],
      state: 'succeeded',
      changed: 'false',
    });
    expect(await local.writes()).toEqual([]);
  });

  it('takes no snapshot unless asked, and captures a deallocated VM that is vouched for', async () => {
    await using local = await stage();
    await setPower(local, 'deallocated');
    const run = await local.run({ deprovision: 'never' });
    expect(run.exitCode).toBe(0);
    expect(run.outputs['snapshot-ids']).toBe('[]');
    expect((await local.writes()).map((text) => text.replace(/\/.*\//, ''))).toEqual([
      'POST generalize',
      'PUT 1.0.0',
    ]);
  });

  it('captures a VM that is already generalized as it is', async () => {
    await using local = await stage();
    await setPower(local, 'deallocated', true);
    const run = await local.run();
    expect(run.exitCode).toBe(0);
    expect(await local.writes()).toHaveLength(1);
  });

  it('refuses a VM that is merely stopped, before anything is changed', async () => {
    await using local = await stage();
    await setPower(local, 'stopped');
    const run = await local.run();
    expect(run.exitCode).toBe(1);
    expect(errorsIn(run.log)).toHaveLength(1);
    expect(run.log).toContain('deprovision: never');
    expect(run.outputs).toMatchObject({
      state: 'failed',
      changed: 'false',
      'image-version-id': '',
    });
    expect(JSON.parse(run.outputs.plan ?? '').findings[0].rule).toBe('vm-stopped');
    expect(await local.writes()).toEqual([]);
  });

  it("leaves another run's version alone: a given number stops, `auto` takes the next", async () => {
    await using local = await stage();
    await local.run({ 'image-version': '1.4.0' }, { runId: '1' });
    const fresh = (await local.control.world()).filter(({ id }) => !id.endsWith('/build-linux'));
    await local.control.setWorld([...fresh, ...(await pristineVm())]);
    await local.control.forgetRequests();
    const taken = await local.run({ 'image-version': '1.4.0' }, { runId: '2' });
    expect(taken.exitCode).toBe(1);
    expect(taken.log).toContain('https://github.com/contoso/images/actions/runs/1/attempts/1');
    expect(await local.writes()).toEqual([]);
    const next = await local.run({}, { runId: '2' });
    expect(next.outputs['image-version']).toBe('1.4.1');
  });
});

/** The build VM as it was at first, as another machine under the same name. */
async function pristineVm() {
  await using other = await stage();
  const world = await other.control.world();
  return world
    .filter(({ id }) => id.endsWith('/build-linux'))
    .map((entry) => ({
      ...entry,
      properties: { ...entry.properties, vmId: '11111111-2222-3333-4444-555555555555' },
    }));
}
