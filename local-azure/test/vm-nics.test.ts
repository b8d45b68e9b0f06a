import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { objectAt } from '../src/json.ts';
import { computeClient, elapse, GROUP, pass } from './sdk.ts';

let azure: LocalAzure;
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2025-11-22T09:00:00Z') });
});
afterEach(() => {
  azure[Symbol.dispose]();
  vi.useRealTimers();
});

/** Deletes the VM of the default world, and creates it again of its own disks. */
async function deleted() {
  const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/${GROUP}/providers/Microsoft.Compute/virtualMachines/build-linux`;
  const { hardwareProfile, securityProfile, storageProfile, networkProfile } = structuredClone(
    azure.world.get(id)?.properties ?? {},
  );
  const { imageReference: _, osDisk, ...profile } = objectAt({ storageProfile }, 'storageProfile');
  const { virtualMachines } = computeClient(azure);
  await elapse(virtualMachines.delete(GROUP, 'build-linux'));
  const body = {
    location: 'westeurope',
    hardwareProfile,
    securityProfile,
    networkProfile,
    storageProfile: { ...profile, osDisk: { ...(osDisk as object), createOption: 'Attach' } },
  } as object as Parameters<typeof virtualMachines.createOrUpdate>[2];
  return () => elapse(virtualMachines.createOrUpdate(GROUP, 'build-linux', body));
}

describe('the interface of a VM that was deleted', () => {
  it('is reserved for three minutes', async () => {
    azure = createLocalAzure({ throttling: false });
    const create = await deleted();
    await expect(create()).rejects.toMatchObject({ code: 'NicReservedForAnotherVm' });
    await pass(180);
    expect((await create()).provisioningState).toBe('Succeeded');
  });

  it('is free at once where that is how Azure behaves', async () => {
    azure = createLocalAzure({ throttling: false, unknowns: { nicOfDeletedVm: 'free' } });
    const create = await deleted();
    expect((await create()).provisioningState).toBe('Succeeded');
  });
});
