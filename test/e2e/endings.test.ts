import { describe, expect, it } from 'vitest';
import { errorsIn, named, requestSeen, stage } from './harness.ts';

/** A capture as its operation `wait` would be given it: no VM, no definition. */
const WAIT = { operation: 'wait', vm: '', gallery: '', 'image-definition': '' };

const states = (text = '[]'): string[] =>
  (JSON.parse(text) as { state: string }[]).map(({ state }) => state);

describe('how far a run waits', () => {
  it('`none`, then `operation: wait`, which writes nothing', async () => {
    await using local = await stage();
    const regions = 'westeurope\neastus2';
    const begun = await local.run({ 'wait-for': 'none', 'target-regions': regions });
    expect(errorsIn(begun.log)).toEqual([]);
    expect(begun.outputs.state).toBe('replicating');
    await local.control.forgetRequests();
    const source = { 'source-image-version': begun.outputs['image-version-id'] ?? '' };
    const waited = await local.run({ ...WAIT, ...source });
    expect(errorsIn(waited.log)).toEqual([]);
    expect(waited.outputs).toMatchObject({
      state: 'succeeded',
      changed: 'false',
      'image-version': '1.0.0',
    });
    expect(states(waited.outputs.replication)).toEqual(['Completed', 'Completed']);
    expect(await local.writes()).toEqual([]);
  });

  it('`home`: until deployments in the home region can begin', async () => {
    await using local = await stage();
    const regions = 'westeurope\neastus2\nnortheurope';
    const run = await local.run({ 'wait-for': 'home', 'target-regions': regions });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs.state).toBe('replicating');
    expect(states(run.outputs.replication)[0]).toBe('Completed');
  });
});

describe('what a run leaves', () => {
  it('`after-capture: delete`: nothing of the build VM', async () => {
    await using local = await stage();
    const run = await local.run({ 'after-capture': 'delete', 'target-regions': 'northeurope' });
    expect(errorsIn(run.log)).toEqual([]);
    expect(states(run.outputs.replication)).toEqual(['Completed', 'Completed']);
    expect((await named(local, 'build-linux')).map(({ id }) => id)).toEqual([]);
    await local.control.forgetRequests();
    const again = await local.run({ 'after-capture': 'delete', 'target-regions': 'northeurope' });
    expect(again.outputs).toMatchObject({ state: 'succeeded', changed: 'false' });
    expect(await local.writes()).toEqual([]);
  });

  it('`snapshot-retention`: the newest sets, this run’s among them', async () => {
    await using local = await stage();
    const inputs = {
      'image-definition': 'ubuntu-2404-specialized',
      snapshot: 'true',
      'snapshot-retention': '1',
    };
    const first = await local.run(inputs, { runId: '1' });
    expect(errorsIn(first.log)).toEqual([]);
    const second = await local.run(inputs, { runId: '2' });
    const kept = JSON.parse(second.outputs['snapshot-ids'] ?? '') as string[];
    expect(kept).toHaveLength(2);
    expect(kept).not.toEqual(JSON.parse(first.outputs['snapshot-ids'] ?? ''));
    expect((await named(local, '/snapshots/')).map(({ id }) => id).sort()).toEqual(kept.sort());
  });

  it('`block-deletion-before-end-of-life`: a version that Azure refuses to delete, set last', async () => {
    await using local = await stage();
    const run = await local.run({
      'end-of-life': '2y',
      'block-deletion-before-end-of-life': 'true',
    });
    expect(errorsIn(run.log)).toEqual([]);
    const puts = (await local.control.requests()).filter(({ method }) => method === 'PUT');
    const safety = puts.map(
      ({ body }) => (body as { properties: { safetyProfile: object } }).properties.safetyProfile,
    );
    expect(safety).toMatchObject([
      { blockDeletionBeforeEndOfLife: false },
      { blockDeletionBeforeEndOfLife: true },
    ]);
  });

  it('`replication-mode: Shallow`: a version in the VM’s region, whose source stays', async () => {
    await using local = await stage();
    const shallow = { 'replication-mode': 'Shallow' };
    const refused = await local.run({ ...shallow, 'target-regions': 'northeurope' });
    expect(refused.exitCode).toBe(1);
    const deleting = await local.run({ ...shallow, 'after-capture': 'delete' });
    expect(deleting.exitCode).toBe(1);
    expect(await local.writes()).toEqual([]);
    const run = await local.run(shallow);
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs.state).toBe('succeeded');
    expect(await named(local, '/virtualMachines/build-linux')).toHaveLength(1);
  });
});

describe('several at once', () => {
  it('legs of a matrix, Linux and Windows, each make their own version', async () => {
    await using local = await stage();
    const linux = local.run({ snapshot: 'true' });
    const windows = local.run({
      vm: 'build-windows',
      'image-definition': 'windows-2022',
      snapshot: 'true',
    });
    const runs = [await linux, await windows];
    expect(runs.map(({ log }) => errorsIn(log))).toEqual([[], []]);
    expect(runs.map(({ outputs }) => outputs['image-definition'])).toEqual([
      'ubuntu-2404',
      'windows-2022',
    ]);
    const snapshots = runs.flatMap(({ outputs }) => JSON.parse(outputs['snapshot-ids'] ?? ''));
    expect(new Set(snapshots).size).toBe(snapshots.length);
  });

  it('legs with the same VM: the second finds the first at work and touches nothing of it', async () => {
    await using local = await stage();
    const first = local.run();
    await requestSeen(local, 'POST', '**/deallocate');
    const second = await local.run({ 'image-definition': 'ubuntu-2404-specialized' });
    expect(second.exitCode).toBe(1);
    const done = await first;
    expect(errorsIn(done.log)).toEqual([]);
    expect(done.outputs.state).toBe('succeeded');
    expect(await named(local, '/versions/')).toHaveLength(1);
  });
});
