/** A restore that is run again after its snapshots have gone. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { changeVm } from './changed-vm.ts';
import { fakeClock, localAzure, restore } from './harness.ts';
import { NO_RIGHT } from './rerun-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

async function interrupted(method: string, path: string): Promise<LocalAzure> {
  const azure = localAzure();
  await changeVm(azure, 'deprovision');
  azure.faults.add({ match: { method, path }, fate: NO_RIGHT });
  expect((await restore(azure, {})).failure).toBeDefined();
  return azure;
}

function dropSnapshots(azure: LocalAzure, part: string): void {
  for (const { id, type } of azure.world.all())
    if (/\/snapshots$/i.test(type) && id.includes(part)) azure.world.drop(id);
}

it('never gives back a part of the disks, when the set is not complete any more', async () => {
  const azure = await interrupted('PUT', '**/disks/*lun0*');
  dropSnapshots(azure, '-lun0-');
  const again = await restore(azure, {});
  expect(again.failure?.what).toContain('no complete set of snapshots');
  expect(again.wrote).toBe(false);
});

it('ends well without any snapshot, when all disks were exchanged', async () => {
  const azure = await interrupted('POST', '**/virtualMachines/build-linux/start');
  dropSnapshots(azure, 'build-linux-');
  const again = await restore(azure, {});
  expect(again.failure).toBeUndefined();
  expect(again.wrote).toBe(true);
});

it('says that it does not know whether the VM ran, where its new disks have lost their tags', async () => {
  const azure = await interrupted('POST', '**/virtualMachines/build-linux/start');
  for (const each of azure.world.all()) if (each.id.includes('/disks/')) each.tags = {};
  const { failure, heard } = await restore(azure, {});
  expect(failure).toBeUndefined();
  const told = heard.findings.find(({ rule }) => rule === 'restore-power-unknown');
  expect(told?.message).toContain('It is deallocated and stays off');
});
