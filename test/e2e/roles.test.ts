import { describe, expect, it } from 'vitest';
import { assign, roleFor } from './assigned.ts';
import { errorsIn, stage } from './harness.ts';

describe('the shipped bundle under exactly its role', () => {
  it('captures with snapshots', async () => {
    await using local = await stage();
    await assign(local, roleFor('a capture, `snapshot: true`'));
    const run = await local.run({ snapshot: 'true' });
    expect(errorsIn(run.log)).toEqual([]);
    expect([run.exitCode, run.outputs.state]).toEqual([0, 'succeeded']);
  });

  it('runs dry with nothing but reads', async () => {
    await using local = await stage();
    await assign(local, roleFor('a dry run'));
    const run = await local.run({ 'dry-run': 'true' });
    expect(errorsIn(run.log)).toEqual([]);
    expect([run.exitCode, run.outputs.state]).toEqual([0, 'planned']);
  });

  it('waits with a single action', async () => {
    await using local = await stage();
    await local.run();
    await assign(local, roleFor('`operation: wait` for a number'));
    const run = await local.run({
      operation: 'wait',
      'source-image-version': 'golden/ubuntu-2404/1.0.0',
      vm: '',
      gallery: '',
      'image-definition': '',
    });
    expect(errorsIn(run.log)).toEqual([]);
    expect([run.exitCode, run.outputs.state]).toEqual([0, 'succeeded']);
  });

  it('names the action that it lacks, and the remedy', async () => {
    await using local = await stage();
    const lacking = 'Microsoft.Compute/disks/beginGetAccess/action';
    const role = roleFor('a capture, `snapshot: true`');
    await assign(
      local,
      role.filter(({ action }) => action !== lacking),
    );
    const run = await local.run({ snapshot: 'true' });
    expect(run.exitCode).toBe(1);
    expect(errorsIn(run.log).join()).toContain(lacking);
    expect(run.log).toContain('`beginGetAccess` on the disk for a snapshot');
  });
});
