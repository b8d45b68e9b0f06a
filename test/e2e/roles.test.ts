import { describe, expect, it } from 'vitest';
import { assignments, roleOf } from '../roles/proof.ts';
import type { Grant } from '../roles/roles.ts';
import { RUNS } from '../roles/runs.ts';
import { errorsIn, type Stage, stage } from './harness.ts';

/** The grants of the run of this name. */
function roleFor(name: string): readonly Grant[] {
  const run = RUNS.find((each) => each.name === name);
  if (!run) throw new Error(`There is no run ${name}`);
  return roleOf(run);
}

/** Gives the action's identity these grants alone. */
async function assign({ azure, control }: Stage, grants: readonly Grant[]): Promise<void> {
  const group = `/subscriptions/${azure.subscriptionId}/resourceGroups/images`;
  const compute = `${group}/providers/Microsoft.Compute`;
  const scopes = {
    build: group,
    source: `${compute}/galleries/golden`,
    gallery: `${compute}/galleries/golden`,
    keys: `${compute}/diskEncryptionSets/keys`,
  };
  const world = await control.world();
  await control.setWorld([...world, ...assignments(azure.subscriptionId, scopes, grants)]);
}

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
    expect(run.log).toContain('beginGetAccess on the disk for a snapshot');
  });
});
