import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { ensureObject, objectAt, objectsAt } from '../src/json.ts';
import { asResource } from '../src/world.ts';
import { arm, computeClient, elapse, GROUP, pass } from './sdk.ts';

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

describe('a public IP address of an interface', () => {
  const nic = () => azure.world.all().find(({ id }) => id.endsWith('/build-linux-nic'));
  const address = (deleteOption?: string) => {
    const id = (nic()?.id ?? '').replace(/networkInterfaces.*/, 'publicIPAddresses/ip');
    azure.world.put(asResource({ id, location: 'westeurope', properties: {} }));
    const [configuration] = objectsAt(nic(), 'properties', 'ipConfigurations');
    const properties = deleteOption === undefined ? {} : { properties: { deleteOption } };
    ensureObject(configuration ?? {}, 'properties').publicIPAddress = { id, ...properties };
    return id;
  };
  const deletesVm = async (deleteOption: 'Delete' | 'Detach') => {
    const { virtualMachines } = computeClient(azure);
    const networkInterfaces = [{ id: nic()?.id ?? '', deleteOption }];
    await elapse(
      virtualMachines.update(GROUP, 'build-linux', { networkProfile: { networkInterfaces } }),
    );
    await elapse(virtualMachines.delete(GROUP, 'build-linux'));
  };

  it.each([
    ['goes with it and the VM', 'Delete', 'Delete', [false, false]],
    ['stays when its option says so', 'Delete', 'Detach', [false, true]],
    ['stays when it has no option', 'Delete', undefined, [false, true]],
    ['stays when the interface stays', 'Detach', 'Delete', [true, true]],
  ] as const)('%s', async (_, ofNic, ofAddress, wanted) => {
    azure = createLocalAzure({ throttling: false });
    const id = address(ofAddress);
    await deletesVm(ofNic);
    expect([nic() !== undefined, azure.world.get(id) !== undefined]).toEqual(wanted);
  });

  it('stays when the interface is deleted alone', async () => {
    azure = createLocalAzure({ throttling: false });
    const id = address('Delete');
    const path = nic()?.id ?? '';
    await deletesVm('Detach');
    await arm(azure, 'DELETE', path);
    await pass(60);
    azure.settle();
    expect([nic() !== undefined, azure.world.get(id) !== undefined]).toEqual([false, true]);
  });
});

it('a shared disk cannot go with one of its VMs', async () => {
  azure = createLocalAzure({ throttling: false });
  const disk = azure.world.all().find(({ id }) => id.endsWith('/build-linux_DataDisk_0'));
  Object.assign(disk?.properties ?? {}, { maxShares: 2 });
  const vm = azure.world.all().find(({ id }) => id.endsWith('/virtualMachines/build-linux'));
  const { osDisk, dataDisks } = structuredClone(objectAt(vm, 'properties', 'storageProfile'));
  const [data] = dataDisks as object[];
  const storageProfile = { osDisk, dataDisks: [{ ...data, deleteOption: 'Delete' }] };
  const { virtualMachines } = computeClient(azure);
  const change = { storageProfile } as object as Parameters<typeof virtualMachines.update>[2];
  await expect(elapse(virtualMachines.update(GROUP, 'build-linux', change))).rejects.toMatchObject({
    code: 'InvalidParameter',
  });
});
