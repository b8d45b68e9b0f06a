/** Restores to which Azure refuses a write, or does not bring it to an end. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../local-azure/src/faults.ts';
import { timedOut } from '../../src/action.ts';
import { changeVm } from './changed-vm.ts';
import { fakeClock, localAzure, type Run, restore } from './harness.ts';
import { NO_RIGHT } from './rerun-worlds.ts';
import { differences, worldOf } from './restored-world.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const VM = '**/virtualMachines/build-linux';

type Azure = ReturnType<typeof localAzure>;
type Bring = (azure: Azure, signal?: AbortSignal) => Promise<Run>;

/** The writes of a restore: what they are to, and how often that is written before. */
type Write = readonly [name: string, method: string, path: string, after: number];
const WRITES: readonly Write[] = [
  ['a new disk', 'PUT', '**/disks/build-linux-restored-lun0-*', 0],
  ['the deallocation', 'POST', `${VM}/deallocate`, 0],
  ['the detaching of the old disks', 'PATCH', VM, 0],
  ['the attaching of the new ones', 'PATCH', VM, 1],
  ['the start', 'POST', `${VM}/start`, 0],
  ['the last note', 'PATCH', '**/disks/build-linux-restored-os-*', 0],
];
const OF_GENERALIZED: readonly Write[] = [
  ['a new disk', 'PUT', '**/disks/build-linux-restored-lun0-*', 0],
  ['the deletion of the VM', 'DELETE', VM, 0],
  ['its creation', 'PUT', VM, 0],
];

const CASES: readonly [string, string, Bring, readonly Write[]][] = [
  [
    'a restore',
    'deprovision',
    (azure, signal) => restore(azure, {}, { ...(signal && { signal }) }),
    WRITES,
  ],
  [
    'a restore of a generalized VM',
    'generalize',
    (azure, signal) => restore(azure, { recreate: true }, { ...(signal && { signal }) }),
    OF_GENERALIZED,
  ],
];

async function troubled(until: string, bring: Bring, write: Write, fate: Fault) {
  const azure = localAzure();
  const before = worldOf(azure);
  await changeVm(azure, until);
  const [, method, path, after = 0] = write;
  azure.faults.add({ match: { method, path }, after, times: 1, fate });
  const end = new AbortController();
  setTimeout(() => end.abort(timedOut(7200)), 7_200_000);
  const run = await bring(azure, end.signal);
  expect(azure.faults.hits).toBe(1);
  return { azure, before, run };
}

describe.each(CASES)('%s', (_, until, bring, writes) => {
  it.each(writes)('that lacks the right to %s says so, and resumes', async (...write: Write) => {
    const { azure, before, run } = await troubled(until, bring, write, NO_RIGHT);
    expect(run.failure?.code).toBe('AuthorizationFailed');
    expect(run.failure?.remedy).toContain('build-linux');
    expect(run.failure?.remedy).toMatch(/re-run the failed job/i);
    const again = await bring(azure);
    expect(again.failure).toBeUndefined();
    expect(differences(before, worldOf(azure), again)).toEqual([]);
  });

  it.each(writes)(
    'of which Azure never ends %s tells what is in flight',
    async (...write: Write) => {
      const fate = { operation: { status: 'InProgress' } } as const;
      const { run } = await troubled(until, bring, write, fate);
      // Azure shows a VM that it has created, whatever the operation says.
      if (write[0] === 'its creation') return expect(run.failure).toBeUndefined();
      expect(run.failure?.kind).toBe('timeout');
      expect(run.record.failure?.why).toMatch(/In Azure, .*build-linux.* being/);
      expect(run.record.failure?.why).not.toContain('Replication');
      expect(run.failure?.remedy).toContain('Re-run the failed job; it resumes here.');
    },
  );

  it('whose operations never tell their end is seen at the resources', async () => {
    const azure = localAzure();
    const before = worldOf(azure);
    await changeVm(azure, until);
    const match = { method: 'GET', path: '**/{operations,DiskOperations}/*' };
    const fate = { status: 200, body: { status: 'InProgress' } };
    azure.faults.add({ match, times: 9999, fate });
    const run = await bring(azure);
    expect(run.failure).toBeUndefined();
    expect(differences(before, worldOf(azure), run)).toEqual([]);
  });
});
