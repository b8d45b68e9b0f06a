import { describe, expect, it } from 'vitest';
import { requestSeen, type Stage, setPower, stage } from './harness.ts';

const FROM_DISKS = { 'capture-from': 'disks' };
const VERSION = '**/versions/*';
const DENIED = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } };

const snapshots = async ({ control }: Stage) =>
  (await control.world()).filter(({ id }) => /\/snapshots\//i.test(id)).map(({ id }) => id);

describe('post, after a run that did not end well,', () => {
  it('deletes what existed only to capture from, when no version came of it', async () => {
    await using local = await stage(600);
    await local.misfortune('PUT', VERSION, DENIED);
    const run = await local.run(FROM_DISKS);
    expect(run.exitCode).toBe(1);
    expect(run.post.log).toMatch(/Deleted build-linux-source-os-.*, build-linux-source-lun0-/);
    expect(run.post.exitCode).toBe(0);
    expect(await snapshots(local)).toEqual([]);
    const again = await local.run(FROM_DISKS);
    expect(again.outputs).toMatchObject({ state: 'succeeded', 'image-version': '1.0.0' });
    expect(await snapshots(local)).toEqual([]);
  });

  it('leaves them while a version is being made of them, and says so', async () => {
    await using local = await stage(20);
    await setPower(local, 'deallocated');
    const inputs = { ...FROM_DISKS, deprovision: 'never' };
    const seen = () => requestSeen(local, 'PUT', VERSION, true);
    const run = await local.run(inputs, { signalAt: { seen, signal: 'SIGINT' } });
    expect(run.exitCode).toBe(1);
    expect(run.post.log).toMatch(/::warning.*stay: image version 1\.0\.0 is being made of them/);
    expect(await snapshots(local)).toHaveLength(2);
    const again = await local.run(inputs);
    expect(again.outputs).toMatchObject({ state: 'succeeded', 'image-version': '1.0.0' });
    expect(await snapshots(local)).toEqual([]);
  });

  it('leaves the way back, and does not sign in for nothing', async () => {
    await using local = await stage(600);
    await local.misfortune('PUT', VERSION, DENIED);
    const run = await local.run({ snapshot: 'true' }, { skipIdlePost: false });
    expect(run.post).toEqual({ exitCode: 0, log: '' });
    expect(await snapshots(local)).toHaveLength(2);
  });

  it('only warns, with the command that helps, when it cannot', async () => {
    await using local = await stage(600);
    await local.misfortune('PUT', VERSION, DENIED);
    await local.misfortune('DELETE', '**/snapshots/*', DENIED, 9);
    const run = await local.run(FROM_DISKS);
    expect(run.post.exitCode).toBe(0);
    expect(run.post.log).toMatch(/::warning.*could not be checked.*az resource delete --ids/s);
  });
});
