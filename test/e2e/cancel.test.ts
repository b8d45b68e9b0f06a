import { describe, expect, it } from 'vitest';
import { errorsIn, requestSeen, setPower, stage } from './harness.ts';

describe('a run that is ended from outside', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves its record on %s, and waits for nothing more',
    async (signal) => {
      await using local = await stage();
      const run = await local.run({}, { signalAt: { line: /westeurope \d+ %/, signal } });
      expect(run.exitCode).toBe(1);
      expect(run.outputs).toMatchObject({ state: 'replicating', 'image-version': '1.0.0' });
      expect(errorsIn(run.log)[0]).toContain('cancelled');
      expect(errorsIn(run.log)[0]).toContain('1.0.0 is being replicated');
      expect(errorsIn(run.log)[0]).toContain(
        `source-image-version: ${run.outputs['image-version-id']}`,
      );
      const again = await local.run();
      expect(again.outputs).toMatchObject({ state: 'succeeded', 'image-version': '1.0.0' });
    },
  );

  it.each([
    ['sign-in', 'POST', '**/oauth2/v2.0/token', { hang: true }],
    ['the look at the VM', 'GET', '**/virtualMachines/*', { hang: true }],
    ['a write', 'PUT', '**/snapshots/*', { hang: true }],
    [
      'a long back-off',
      'GET',
      '**/images/*/versions/*',
      { status: 429, headers: { 'retry-after': '3600' } },
    ],
  ] as const)('ends although nothing answers any more: %s', async (_, method, path, then) => {
    await using local = await stage(600);
    await local.misfortune(method, path, then, 99);
    const seen = () => requestSeen(local, method, path);
    const run = await local.run(
      { snapshot: 'true' },
      { mainOnly: true, signalAt: { seen, signal: 'SIGTERM' } },
    );
    expect(run.exitCode).toBe(1);
    expect(errorsIn(run.log)).toEqual([expect.stringContaining('The run was cancelled.')]);
    expect(run.outputs.state).toMatch(/failed|replicating/);
    expect(run.summary).toContain('cancelled');
  });

  it('by its own time limit fails with `replicating`, the ID, and the way to go on', async () => {
    await using local = await stage(20);
    await setPower(local, 'deallocated');
    const run = await local.run({ deprovision: 'never', 'timeout-minutes': '0.08' });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ state: 'replicating', 'image-version': '1.0.0' });
    expect(run.log).toContain('Re-run the failed job');
  });

  it('by a kill tells in `post` what goes on in Azure', async () => {
    await using local = await stage();
    const run = await local.run({}, { signalAt: { line: /westeurope \d+ %/, signal: 'SIGKILL' } });
    expect(run.exitCode).toBeNull();
    expect(run.outputs['image-version']).toBe('1.0.0');
    expect(run.post.log).toMatch(
      /::warning.*killed during "Replicate image version 1\.0\.0.*accepted continue.*operation: wait/,
    );
  });
});
