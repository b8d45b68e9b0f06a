/** What is done to VMs beside their power: data disks, patches, new OS disks; what each API version shows. */
import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, objectsAt, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { Bench, compute, machineId, place } from './gallery.ts';

const vms = '2024-07-01';
const location = 'westeurope';
const spare: ResourceInput = {
  id: compute('disks/spare'),
  location,
  sku: { name: 'Premium_LRS' },
  properties: { diskSizeGB: 8, diskState: 'Unattached', creationData: { createOption: 'Empty' } },
};
const dataId = compute('disks/build_Data');

const dataDisks = (body: JsonObject) =>
  objectsAt(body, 'properties', 'storageProfile', 'dataDisks');
const stateOf = async (bench: Bench, id: string) => {
  const { body } = await bench.send('GET', id, undefined, '2024-03-02');
  return [textAt(body, 'properties', 'diskState'), body.managedBy];
};

/** The VM as it is, with other data disks. */
async function withDisks(bench: Bench, disks: JsonObject[]): Promise<JsonObject> {
  const { body } = await bench.send('GET', machineId, undefined, vms);
  const properties = objectAt(body, 'properties');
  const { vmId: _, timeCreated: __, provisioningState: ___, ...own } = properties;
  const storageProfile = { ...objectAt(properties, 'storageProfile'), dataDisks: disks };
  return { location, properties: { ...own, storageProfile } };
}

describe('data disks', () => {
  const attached = { lun: 5, createOption: 'Attach', managedDisk: { id: spare.id } };

  it('are attached and detached by a PUT, and shown until they are gone', async () => {
    const bench = new Bench([spare]);
    const body = await withDisks(bench, [attached]);
    const { first, end } = await bench.settle('PUT', machineId, body, vms);
    expect(dataDisks(first.body)).toMatchObject([{ lun: 0, toBeDetached: true }, { lun: 5 }]);
    expect(end).toMatchObject({ status: 'Succeeded' });
    const { body: after } = await bench.send('GET', machineId, undefined, vms);
    expect(dataDisks(after)).toMatchObject([{ lun: 5, toBeDetached: false }]);
    expect(await stateOf(bench, spare.id)).toEqual(['Attached', machineId]);
    expect(await stateOf(bench, dataId)).toEqual(['Unattached', undefined]);
  });

  it('are attached and detached by an action, answered with the storage profile', async () => {
    const bench = new Bench([spare]);
    const { first } = await bench.settle(
      'POST',
      `${machineId}/attachDetachDataDisks`,
      {
        dataDisksToAttach: [{ diskId: spare.id, lun: 5 }],
        dataDisksToDetach: [{ diskId: dataId }],
      },
      vms,
    );
    expect(objectsAt(first.body, 'dataDisks')).toMatchObject([
      { lun: 0, toBeDetached: true },
      { lun: 5, createOption: 'Attach' },
    ]);
    expect(await stateOf(bench, spare.id)).toEqual(['Attached', machineId]);
    expect(await stateOf(bench, dataId)).toEqual(['Unattached', undefined]);
  });

  it('that are VHDs become managed ones of a VM that is deallocated', async () => {
    const old = compute('virtualMachines/old');
    const osDisk = {
      osType: 'Linux',
      name: 'os',
      vhd: { uri: 'https://a.blob.core.windows.net/v/o.vhd' },
    };
    const bench = new Bench([{ id: old, location, properties: { storageProfile: { osDisk } } }]);
    const convert = () => bench.settle('POST', `${old}/convertToManagedDisks`, undefined, vms);
    expect((await convert()).first.status).toBe(409);
    await bench.settle('POST', `${old}/deallocate`, undefined, vms);
    expect((await convert()).end).toMatchObject({ status: 'Succeeded' });
    const { body } = await bench.send('GET', old, undefined, vms);
    const disk = objectAt(body, 'properties', 'storageProfile', 'osDisk');
    expect(disk.vhd).toBeUndefined();
    expect(await stateOf(bench, textAt(disk, 'managedDisk', 'id') ?? '')).toEqual([
      'Attached',
      old,
    ]);
  });
});

describe('patches', () => {
  it.each([
    ['assessPatches', { criticalAndSecurityPatchCount: 0, availablePatches: [] }],
    ['installPatches', { installedPatchCount: 0, patches: [] }],
  ])('there are none: %s', async (action, output) => {
    const bench = new Bench();
    const { first, end } = await bench.settle('POST', `${machineId}/${action}`, {}, vms);
    expect(first.status).toBe(202);
    expect(end).toMatchObject({
      status: 'Succeeded',
      properties: { output: { status: 'Succeeded', ...output } },
    });
  });

  it('are chosen by names that they can have', async () => {
    const windowsParameters = { kbNumbersToInclude: ['KB1', 'nonsense'] };
    const answer = await new Bench().send(
      'POST',
      `${machineId}/installPatches`,
      { windowsParameters },
      vms,
    );
    expect([answer.status, textAt(answer.body, 'error', 'message')]).toEqual([
      400,
      expect.stringContaining("'nonsense' is not valid"),
    ]);
  });
});

describe('a VM', () => {
  it('runs on when it is reimaged', async () => {
    const bench = new Bench();
    const { first, end } = await bench.settle('POST', `${machineId}/reimage`, {}, vms);
    expect([first.status, end]).toMatchObject([202, { status: 'Succeeded' }]);
    const { body } = await bench.send('GET', `${machineId}/instanceView`, undefined, vms);
    expect(objectsAt(body, 'statuses').map(({ code }) => code)).toContain('PowerState/running');
  });

  it('tells nothing of its agent and its system when it is deallocated', async () => {
    const bench = new Bench();
    const machine = bench.azure.world.get(machineId);
    Object.assign(objectAt(machine, 'properties', 'instanceView'), { osName: 'ubuntu' });
    const view = async () =>
      (await bench.send('GET', `${machineId}/instanceView`, undefined, vms)).body;
    expect(await view()).toMatchObject({ osName: 'ubuntu', vmAgent: {} });
    await bench.settle('POST', `${machineId}/deallocate`, undefined, vms);
    expect(Object.keys(await view())).not.toEqual(expect.arrayContaining(['vmAgent']));
    expect(Object.keys(await view())).not.toEqual(expect.arrayContaining(['osName']));
  });

  it.each([
    ['2024-07-01', false],
    ['2020-06-01', true],
  ])('whose tags alone change takes an operation in %s: %s', async (apiVersion, operation) => {
    const bench = new Bench();
    const stateOfVm = async () =>
      textAt(
        (await bench.send('GET', machineId, undefined, vms)).body,
        'properties',
        'provisioningState',
      );
    const first = await bench.send('PATCH', machineId, { tags: { a: 'b' } }, apiVersion);
    expect([first.status, first.headers.has('azure-asyncoperation')]).toEqual([200, operation]);
    expect(textAt(first.body, 'properties', 'provisioningState')).toBe('Updating');
    expect(await stateOfVm()).toBe('Updating');
    bench.clock.advance(operation ? 6 : 1.1);
    expect(await stateOfVm()).toBe('Succeeded');
  });

  it('that is no Spot VM is not evicted', async () => {
    const answer = await new Bench().send('POST', `${machineId}/simulateEviction`, undefined, vms);
    expect([answer.status, textAt(answer.body, 'error', 'code')]).toEqual([
      409,
      'OperationNotAllowed',
    ]);
  });

  it.each([
    ['2017-03-30', [false, false, false, false]],
    ['2018-06-01', [true, false, false, false]],
    ['2019-07-01', [true, true, false, false]],
    ['2021-07-01', [true, true, true, false]],
    ['2022-08-01', [true, true, true, true]],
  ])('as %s shows it', async (apiVersion, shown) => {
    const bench = new Bench();
    const machine = bench.azure.world.get(machineId);
    Object.assign(objectAt(machine, 'properties', 'storageProfile', 'osDisk'), {
      deleteOption: 'Detach',
    });
    Object.assign(machine?.properties ?? {}, {
      osProfile: { allowExtensionOperations: true },
      timeCreated: '2026-01-01T00:00:00Z',
    });
    const { body } = await bench.send(
      'GET',
      `${machineId}?$expand=instanceView`,
      undefined,
      apiVersion,
    );
    const has = (...keys: [string, ...string[]]) => {
      const last = keys.at(-1) ?? '';
      return last in objectAt(body, 'properties', ...keys.slice(0, -1));
    };
    expect([
      has('osProfile', 'allowExtensionOperations'),
      has('instanceView', 'hyperVGeneration'),
      has('storageProfile', 'osDisk', 'deleteOption'),
      has('timeCreated'),
    ]).toEqual(shown);
  });

  it('shows its identities as the API version does', async () => {
    const assigned = `/subscriptions/${place.subscriptionId}/resourceGroups/images/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i`;
    const bench = new Bench();
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [assigned]: {} } };
    await bench.settle('PATCH', machineId, { identity }, vms);
    const shown = async (apiVersion: string) =>
      objectAt((await bench.send('GET', machineId, undefined, apiVersion)).body, 'identity');
    expect(await shown(vms)).toMatchObject({
      type: 'UserAssigned',
      userAssignedIdentities: { [assigned]: { clientId: expect.any(String) } },
    });
    expect(await shown('2017-12-01')).toMatchObject({ identityIds: [assigned] });
  });
});
