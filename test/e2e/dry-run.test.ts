import { describe, expect, it } from 'vitest';
import { errorsIn, setPower, stage } from './harness.ts';

describe('a dry run', () => {
  it('tells the whole plan, writes nothing, and succeeds', async () => {
    await using local = await stage();
    const run = await local.run({ 'dry-run': 'true', snapshot: 'true' }, { skipIdlePost: false });
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({
      state: 'planned',
      changed: 'false',
      'image-version-id': '',
      'image-version': '',
    });
    const plan = JSON.parse(run.outputs.plan ?? '') as { steps: { do: string }[] };
    expect(plan.steps.map((step) => step.do)).toEqual([
      'snapshot',
      'deprovision',
      'deallocate',
      'generalize',
      'publish',
      'replicate',
    ]);
    expect(await local.writes()).toEqual([]);
    expect(run.summary).toContain('### ✅ Dry run: no problem would stop this capture');
    expect(run.post.log).toBe('');
  });

  it('of a promotion finds everything at once, and claims nothing of latest', async () => {
    await using local = await stage();
    const built = await local.run({ 'exclude-from-latest': 'true', deprovision: 'never' });
    await local.control.forgetRequests();
    const run = await local.run({
      operation: 'promote',
      'dry-run': 'true',
      'resource-group': '',
      vm: '',
      gallery: '',
      'image-definition': '',
      'source-image-version': built.outputs['image-version-id'] ?? '',
      'target-regions': 'atlantis, westus=3=Standard_ZRS, northeurope=100',
      'exclude-from-latest': 'false',
    });
    expect(run.exitCode).toBe(1);
    expect(errorsIn(run.log).map((line) => /title=([\w-]+)/.exec(line)?.[1])).toEqual([
      'region-unknown',
      'region-zone-redundancy',
      'replicas-total',
    ]);
    expect(run.outputs).toMatchObject({ state: 'planned', 'latest-after': '{}' });
    expect(run.summary).toContain('### ❌ Dry run: 3 problems would stop this promotion');
    expect(run.summary).not.toContain('<code>latest</code> after');
    expect(await local.writes()).toEqual([]);
  });

  it('fails when a check finds an error, and is still `planned`', async () => {
    await using local = await stage();
    await setPower(local, 'stopped');
    const run = await local.run({ 'dry-run': 'true' });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ state: 'planned', changed: 'false' });
    expect(JSON.parse(run.outputs.plan ?? '')).toMatchObject({
      findings: [{ rule: 'vm-stopped', severity: 'error' }, {}],
    });
    expect(await local.writes()).toEqual([]);
  });
});
