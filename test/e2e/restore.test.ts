import { expect, it } from 'vitest';
import {
  changeWorld,
  errorsIn,
  named,
  requestSeen,
  type Stage,
  setPower,
  stage,
} from './harness.ts';

const NEVER = { gallery: '', 'image-definition': '' };
const RESTORE = { ...NEVER, operation: 'restore' };

/** A capture that Azure refuses at this request, with snapshots taken. */
async function failedAt(local: Stage, method: string, path: string) {
  const error = { code: 'AuthorizationFailed', message: 'No.' };
  await local.misfortune(method, path, { status: 403, body: { error } });
  const run = await local.run({ snapshot: 'true' }, { runId: '7' });
  expect(run.exitCode, run.log).toBe(1);
  await local.control.clearFaults();
  await local.control.forgetRequests();
  return run;
}

const osDiskOf = async (local: Stage): Promise<string> => {
  const [vm] = await named(local, '/virtualMachines/build-linux');
  return JSON.stringify(vm?.properties?.storageProfile);
};

it('before the VM is generalized: dry run, restore, and a re-run that changes nothing', async () => {
  await using local = await stage();
  const failed = await failedAt(local, 'POST', '**/generalize');
  const snapshots = failed.outputs['snapshot-ids'] ?? '';
  expect(failed.log).toContain('operation: restore');

  const dry = await local.run({ ...RESTORE, 'dry-run': 'true' });
  expect(dry.exitCode, dry.log).toBe(0);
  expect(dry.outputs).toMatchObject({ state: 'planned', changed: 'false' });
  expect(await local.writes()).toEqual([]);

  const run = await local.run(RESTORE);
  expect(run.exitCode, run.log).toBe(0);
  expect(run.outputs).toMatchObject({ state: 'succeeded', changed: 'true' });
  expect(JSON.parse(run.outputs['snapshot-ids'] ?? '')).toEqual(JSON.parse(snapshots));
  expect(JSON.stringify(await named(local, '/virtualMachines/build-linux'))).toContain(
    'PowerState/running',
  );

  // Stopped by its user since: the same run leaves it so.
  await setPower(local, 'deallocated');
  const again = await local.run(RESTORE);
  expect(again.exitCode, again.log).toBe(0);
  expect(again.outputs).toMatchObject({ state: 'succeeded', changed: 'false' });
  expect(again.outputs['snapshot-ids']).toBe(run.outputs['snapshot-ids']);
  expect(await local.writes()).toEqual([]);
});

it('after it is generalized: only with `recreate`, then killed and resumed', async () => {
  await using local = await stage(120);
  await failedAt(local, 'PUT', '**/versions/*');
  const refused = await local.run(RESTORE);
  expect(refused.exitCode).toBe(1);
  expect(refused.outputs).toMatchObject({ state: 'failed', changed: 'false' });
  expect(JSON.parse(refused.outputs.plan ?? '').steps).not.toEqual([]);
  expect(errorsIn(refused.log).join()).toContain('recreate: true');
  expect(await local.writes()).toEqual([]);

  const recreate = { ...RESTORE, recreate: 'true' };
  // However late the signal is, the run is not further by then.
  await local.misfortune('PUT', '**/virtualMachines/build-linux', { hang: true });
  const killed = await local.run(recreate, {
    mainOnly: true,
    signalAt: {
      seen: () => requestSeen(local, 'DELETE', '**/virtualMachines/*', true),
      signal: 'SIGKILL',
    },
  });
  expect(killed.exitCode).toBeNull();
  await local.control.clearFaults();
  const resumed = await local.run(recreate);
  expect(resumed.exitCode, resumed.log).toBe(0);
  expect(resumed.outputs.state).toBe('succeeded');
  expect(await osDiskOf(local)).toMatch(/build-linux-restored-os-[0-9a-f]{24}/);
});

it('a VM that is gone: what there is left of it, and nothing is written', async () => {
  await using local = await stage();
  await failedAt(local, 'POST', '**/generalize');
  const world = await local.control.world();
  await local.control.setWorld(world.filter(({ id }) => !/virtualMachines\/build-linux/.test(id)));
  const run = await local.run(RESTORE);
  expect(run.exitCode).toBe(1);
  expect(run.outputs).toMatchObject({ state: 'failed', changed: 'false' });
  expect(run.log).toContain('az disk create');
  expect(run.log).toMatch(/build-linux-os-[0-9a-f]{24}/);
  expect(await local.writes()).toEqual([]);
});

it('all mistakes come at once, and nothing is sent', async () => {
  await using local = await stage();
  const run = await local.run({
    ...RESTORE,
    'old-disks': 'burn',
    recreate: 'maybe',
    'snapshot-ids': '/not/an/id',
    snapshot: 'true',
  });
  expect(run.exitCode).toBe(1);
  for (const name of ['old-disks', 'recreate', 'snapshot-ids', 'snapshot'])
    expect(run.log).toContain(`\`${name}\``);
  expect(await local.control.requests()).toEqual([]);
});

it('SIGTERM ends it, and a re-run goes on; a tag that others copied counts for nothing', async () => {
  await using local = await stage(120);
  await failedAt(local, 'POST', '**/generalize');
  const [own] = await named(local, '/snapshots/build-linux-os-');
  await changeWorld(local, {}, [
    { ...own, id: `${own?.id}-copy`, name: `${own?.name}-copy` } as NonNullable<typeof own>,
  ]);
  await local.misfortune('POST', '**/virtualMachines/build-linux/start', { hang: true });
  const ended = await local.run(RESTORE, {
    signalAt: {
      seen: () => requestSeen(local, 'PATCH', '**/virtualMachines/*', true),
      signal: 'SIGTERM',
    },
  });
  expect(ended.exitCode).toBe(1);
  expect(errorsIn(ended.log)[0]).toContain('cancelled');
  await local.control.clearFaults();
  const run = await local.run(RESTORE);
  expect(run.exitCode, run.log).toBe(0);
  expect(run.outputs['snapshot-ids']).not.toContain('-copy');
  expect(JSON.stringify(await named(local, '/virtualMachines/build-linux'))).toContain(
    'PowerState/running',
  );
});
