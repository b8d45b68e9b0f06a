import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, textAt } from '../src/json.ts';
import { Bench, compute, machineId, osDiskId } from './gallery.ts';

const api = '2026-03-02';

function copyOf(sourceResourceId: string, more: JsonObject = {}): JsonObject {
  const creationData = { createOption: 'Copy', sourceResourceId };
  return { location: 'westeurope', properties: { creationData, ...more } };
}

describe('a snapshot', () => {
  it('is accepted with 202, both headers, Retry-After and what was sent', async () => {
    const bench = new Bench();
    const answer = await bench.send('PUT', 'snapshots/s', copyOf(osDiskId), api);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('azure-asyncoperation')).toContain('/DiskOperations/');
    expect(answer.headers.get('location')).toContain('monitor=true');
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.body).toEqual({
      name: 's',
      id: compute('snapshots/s'),
      type: 'Microsoft.Compute/snapshots',
      location: 'westeurope',
      properties: {
        creationData: { createOption: 'Copy', sourceResourceId: osDiskId },
        provisioningState: 'Updating',
      },
    });
    const { body } = await bench.send('GET', 'snapshots/s', undefined, api);
    expect(body).toMatchObject({
      sku: { name: 'Standard_LRS', tier: 'Standard' },
      properties: { provisioningState: 'Creating', osType: 'Linux', incremental: false },
    });
    expect(body.properties).not.toHaveProperty('diskSizeGB');
  });

  it('takes over what the disk is, and is the output of its operation', async () => {
    const bench = new Bench();
    const { end } = await bench.settle(
      'PUT',
      'snapshots/s',
      copyOf(osDiskId, { incremental: true }),
      api,
    );
    const { body } = await bench.send('GET', 'snapshots/s', undefined, api);
    expect(end).toMatchObject({ status: 'Succeeded', properties: { output: body } });
    expect(body).toMatchObject({
      sku: { name: 'Standard_LRS', tier: 'Standard' },
      properties: {
        osType: 'Linux',
        hyperVGeneration: 'V2',
        diskSizeGB: 30,
        incremental: true,
        incrementalSnapshotFamilyId: expect.any(String),
        creationData: { sourceUniqueId: 'aaaaaaaa-0000-4000-8000-000000000001' },
        provisioningState: 'Succeeded',
      },
    });
  });

  it('in another region succeeds at once and is copied afterwards', async () => {
    const bench = new Bench();
    await bench.settle('PUT', 'snapshots/s', copyOf(osDiskId, { incremental: true }), api);
    const creationData = { createOption: 'CopyStart', sourceResourceId: compute('snapshots/s') };
    const body = { location: 'northeurope', properties: { incremental: true, creationData } };
    const first = await bench.send('PUT', 'snapshots/far', body, api);
    bench.clock.advance(2);
    expect(await bench.poll(first)).toMatchObject({ status: 'Succeeded' });
    const percent = async () => (await bench.send('GET', 'snapshots/far', undefined, api)).body;
    expect(await percent()).toMatchObject({ properties: { completionPercent: 0 } });
    bench.clock.advance(600);
    expect(await percent()).toMatchObject({ properties: { completionPercent: 100 } });
  });

  it('is deleted with 202, and with 204 when it is not there', async () => {
    const bench = new Bench();
    await bench.settle('PUT', 'snapshots/s', copyOf(osDiskId), api);
    const { first } = await bench.settle('DELETE', 'snapshots/s', undefined, api);
    expect([first.status, first.headers.get('retry-after')]).toEqual([202, null]);
    expect((await bench.send('GET', 'snapshots/s', undefined, api)).status).toBe(404);
    expect((await bench.send('DELETE', 'snapshots/s', undefined, api)).status).toBe(204);
  });
});

describe('a disk', () => {
  it('comes back from a snapshot as it was', async () => {
    const bench = new Bench();
    await bench.settle('PUT', 'snapshots/s', copyOf(osDiskId), api);
    const sku = { name: 'Premium_LRS' };
    await bench.settle('PUT', 'disks/back', { ...copyOf(compute('snapshots/s')), sku }, api);
    expect((await bench.send('GET', 'disks/back', undefined, api)).body).toMatchObject({
      sku: { name: 'Premium_LRS', tier: 'Premium' },
      properties: {
        osType: 'Linux',
        diskSizeGB: 30,
        diskSizeBytes: 32_212_254_720,
        tier: 'P4',
        diskIOPSReadWrite: 120,
        diskState: 'Unattached',
      },
    });
  });

  it('grows but does not shrink, and keeps its source', async () => {
    const bench = new Bench();
    const resize = (diskSizeGB: number) =>
      bench.settle('PATCH', 'disks/build_Data', { properties: { diskSizeGB } }, api);
    expect((await resize(64)).end).toMatchObject({ status: 'Succeeded' });
    expect((await bench.send('GET', 'disks/build_Data', undefined, api)).body).toMatchObject({
      managedBy: machineId,
      properties: { diskSizeGB: 64, tier: 'P6', diskState: 'Attached' },
    });
    expect((await resize(32)).first.status).toBe(400);
  });

  it.each([
    ['Premium_LRS', 4, 'P1', 120, 25],
    ['Premium_LRS', 64, 'P6', 240, 50],
    ['Premium_LRS', 65, 'P10', 500, 100],
    ['Premium_ZRS', 1024, 'P30', 5000, 200],
    ['Premium_LRS', 32_767, 'P80', 20_000, 900],
    ['Standard_LRS', 64, undefined, 500, 60],
    ['StandardSSD_LRS', 64, undefined, 500, 100],
  ])('%s of %i GB is %s', async (name, diskSizeGB, tier, iops, mbps) => {
    const bench = new Bench();
    const properties = { creationData: { createOption: 'Empty' }, diskSizeGB };
    const body = { location: 'westeurope', sku: { name }, properties };
    await bench.settle('PUT', 'disks/sized', body, '2024-03-02');
    const shown = (await bench.send('GET', 'disks/sized', undefined, '2024-03-02')).body;
    expect(objectAt(shown, 'properties')).toMatchObject({
      diskSizeBytes: diskSizeGB * 1024 ** 3,
      diskIOPSReadWrite: iops,
      diskMBpsReadWrite: mbps,
    });
    expect(textAt(shown, 'properties', 'tier')).toBe(tier);
  });

  it('that is attached cannot be deleted', async () => {
    const bench = new Bench();
    expect((await bench.send('DELETE', 'disks/build_OsDisk', undefined, api)).status).toBe(409);
  });

  it('gives temporary access by a signed URL', async () => {
    const bench = new Bench();
    const body = { access: 'Read', durationInSeconds: 3600 };
    const { first, end } = await bench.settle('POST', 'disks/build_Data/beginGetAccess', body, api);
    expect(first.status).toBe(202);
    expect(end).toMatchObject({
      properties: { output: { accessSAS: expect.stringMatching(/[?&]sig=/) } },
    });
    expect((await bench.send('GET', 'disks/build_Data', undefined, api)).body).toMatchObject({
      properties: { diskState: 'ActiveSAS' },
    });
  });

  it('follows the api-version of the request', async () => {
    const bench = new Bench();
    const { body } = await bench.send('GET', 'disks/build_OsDisk', undefined, '2018-04-01');
    expect(Object.keys(body.properties ?? {}).sort()).toEqual([
      'creationData',
      'diskSizeGB',
      'diskState',
      'osType',
      'provisioningState',
      'timeCreated',
    ]);
  });
});

describe('a managed image', () => {
  it('is made from a generalized VM, with sizes once it is done', async () => {
    const bench = new Bench();
    const properties = { sourceVirtualMachine: { id: machineId }, hyperVGeneration: 'V2' };
    const body = { location: 'westeurope', properties };
    expect((await bench.send('PUT', 'images/i', body, '2024-07-01')).status).toBe(409);
    await bench.settle('POST', 'virtualMachines/build/deallocate', undefined, '2024-07-01');
    await bench.send('POST', 'virtualMachines/build/generalize', undefined, '2024-07-01');
    const { first, end } = await bench.settle('PUT', 'images/i', body, '2024-07-01');
    expect(first.status).toBe(201);
    expect(first.body).not.toHaveProperty('properties.storageProfile.osDisk.diskSizeGB');
    expect(end).toMatchObject({ status: 'Succeeded' });
    expect((await bench.send('GET', 'images/i', undefined, '2024-07-01')).body).toMatchObject({
      properties: {
        storageProfile: {
          osDisk: { osState: 'Generalized', diskSizeGB: 30, managedDisk: { id: osDiskId } },
          dataDisks: [{ lun: 0, diskSizeGB: 10 }],
        },
      },
    });
  });
});

describe('a managed image of disks', () => {
  const osDisk = { osType: 'Linux', osState: 'Generalized' };
  const snapshot = {
    id: compute('snapshots/s'),
    location: 'westeurope',
    properties: { diskSizeGB: 40 },
  };

  it.each([
    ['a disk', { ...osDisk, managedDisk: { id: osDiskId } }, { diskSizeGB: 30 }],
    ['a snapshot', { ...osDisk, snapshot: { id: snapshot.id } }, { diskSizeGB: 40 }],
    [
      'a VHD',
      { ...osDisk, blobUri: 'https://a.blob.core.windows.net/v/o.vhd', diskSizeGB: 50 },
      { diskSizeGB: 50, blobUri: 'https://a.blob.core.windows.net/v/o.vhd' },
    ],
  ])('such as %s has its size', async (_, disk, shown) => {
    const bench = new Bench([snapshot]);
    const body = { location: 'westeurope', properties: { storageProfile: { osDisk: disk } } };
    const { first, end } = await bench.settle('PUT', 'images/i', body, '2024-07-01');
    expect([first.status, end]).toMatchObject([201, { status: 'Succeeded' }]);
    const { body: image } = await bench.send('GET', 'images/i', undefined, '2024-07-01');
    expect(image).toMatchObject({ properties: { storageProfile: { osDisk: shown } } });
  });
});

describe('a disk encryption set', () => {
  it('gets an identity', async () => {
    const bench = new Bench();
    const properties = { activeKey: { keyUrl: 'https://vault.example/keys/k/1' } };
    const body = { location: 'westeurope', identity: { type: 'SystemAssigned' }, properties };
    await bench.settle('PUT', 'diskEncryptionSets/des', body, api);
    expect((await bench.send('GET', 'diskEncryptionSets/des', undefined, api)).body).toMatchObject({
      identity: { type: 'SystemAssigned', principalId: expect.any(String) },
      properties: { encryptionType: 'EncryptionAtRestWithCustomerKey' },
    });
  });
});

describe('a disk access', () => {
  it('is made, updated and deleted by operations of the disk service', async () => {
    const bench = new Bench();
    const path = 'diskAccesses/private';
    const first = await bench.send('PUT', path, { location: 'westeurope' }, '2024-03-02');
    expect(first.status).toBe(202);
    expect(first.headers.get('azure-asyncoperation')).toContain('/DiskOperations/');
    expect(first.body).toEqual({
      name: 'private',
      id: compute(path),
      type: 'Microsoft.Compute/diskAccesses',
      location: 'westeurope',
    });
    const tags = { purpose: 'test' };
    const body = { location: 'westeurope', tags, properties: {} };
    const { end } = await bench.settle('PUT', path, body, '2024-03-02');
    const { body: made } = await bench.send('GET', path, undefined, '2024-03-02');
    expect(end).toMatchObject({ status: 'Succeeded', properties: { output: made } });
    expect(made).toMatchObject({ tags, properties: { provisioningState: 'Succeeded' } });
    const { first: deletion } = await bench.settle('DELETE', path, undefined, '2024-03-02');
    expect(deletion.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect((await bench.send('GET', path, undefined, '2024-03-02')).status).toBe(404);
  });
});
