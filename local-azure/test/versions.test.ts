import { describe, expect, it } from 'vitest';
import { numberAt, objectsAt, textAt } from '../src/json.ts';
import { Bench, compute, fromMachine, machineId, version } from './gallery.ts';
import { expectListed } from './refusals.ts';

const path = version('1.0.0');

describe('creating a version', () => {
  it('answers 201 Creating with an operation to poll every 60 s, and no Location', async () => {
    const bench = new Bench();
    const first = await bench.send('PUT', path, fromMachine());
    expect(first.status).toBe(201);
    expect(first.headers.get('azure-asyncoperation')).toContain(
      '/locations/westeurope/capsOperations/',
    );
    expect(first.headers.get('location')).toBeNull();
    expect(first.headers.get('retry-after')).toBe('60');
    expect(first.body).toMatchObject({
      properties: {
        provisioningState: 'Creating',
        publishingProfile: {
          targetRegions: [{ name: 'West Europe', storageAccountType: 'Standard_ZRS' }],
          storageAccountStrategy: 'PreferStandard_ZRS',
        },
        storageProfile: { source: { virtualMachineId: machineId } },
      },
    });
    expect(first.body).not.toHaveProperty('properties.storageProfile.osDiskImage');
  });

  it('shows the disks of the source when it has succeeded', async () => {
    const bench = new Bench();
    const { end } = await bench.settle('PUT', path, fromMachine());
    expect(end).toMatchObject({ status: 'Succeeded' });
    expect((await bench.send('GET', path)).body).toMatchObject({
      properties: {
        provisioningState: 'Succeeded',
        storageProfile: {
          osDiskImage: { sizeInGB: 30, hostCaching: 'ReadWrite', source: {} },
          dataDiskImages: [{ lun: 0, sizeInGB: 10, hostCaching: 'None' }],
        },
      },
    });
  });

  it('follows the api-version of the request', async () => {
    const bench = new Bench();
    const storageProfile = { source: { id: machineId } };
    const body = { location: 'westeurope', properties: { storageProfile } };
    const first = await bench.send('PUT', path, body, '2021-07-01');
    expect(first.body).toMatchObject({
      properties: { publishingProfile: { storageAccountType: 'Standard_LRS' } },
    });
    expect(first.body).not.toHaveProperty('properties.safetyProfile');
  });

  it('keeps the order of the target regions and takes any spelling of them', async () => {
    const bench = new Bench();
    const { body } = await bench.send(
      'PUT',
      path,
      fromMachine('East US 2', 'westeurope', 'NorthEurope'),
    );
    const names = objectsAt(body, 'properties', 'publishingProfile', 'targetRegions');
    expect(names.map(({ name }) => name)).toEqual(['East US 2', 'West Europe', 'North Europe']);
  });
});

describe('replication', () => {
  const expanded = `${path}?$expand=ReplicationStatus`;
  const summaryOf = async (bench: Bench) =>
    objectsAt(
      (await bench.send('GET', expanded)).body,
      'properties',
      'replicationStatus',
      'summary',
    );

  it('shows progress by region, only when asked to', async () => {
    const bench = new Bench();
    await bench.send('PUT', path, fromMachine('westeurope', 'northeurope'));
    bench.clock.advance(200);
    expect((await bench.send('GET', path)).body).not.toHaveProperty('properties.replicationStatus');
    const summary = await summaryOf(bench);
    expect(summary.map(({ region, state }) => [region, state])).toEqual([
      ['westeurope', 'Replicating'],
      ['northeurope', 'Replicating'],
    ]);
    expect(summary.every((each) => (numberAt(each, 'progress') ?? 0) > 0)).toBe(true);
  });

  it('leaves a region at 99 % for a while after the operation has succeeded', async () => {
    const bench = new Bench();
    const regions = ['westeurope', 'northeurope', 'eastus2', 'uksouth'];
    const { end } = await bench.settle('PUT', path, fromMachine(...regions));
    expect(end).toMatchObject({ status: 'Succeeded' });
    const lagging = (await summaryOf(bench)).filter(({ state }) => state !== 'Completed');
    expect(lagging).toMatchObject([{ state: 'Replicating', progress: 99 }]);
    expect((await bench.send('GET', path)).body).toMatchObject({
      properties: { provisioningState: 'Succeeded' },
    });
    bench.clock.advance(900);
    expect((await summaryOf(bench)).every(({ state }) => state === 'Completed')).toBe(true);
  });

  it('can be told not to lag', async () => {
    const bench = new Bench([], { unknowns: { regionsAfterSuccess: 'never lag' } });
    await bench.settle('PUT', path, fromMachine('westeurope', 'northeurope', 'eastus2', 'uksouth'));
    expect((await summaryOf(bench)).every(({ state }) => state === 'Completed')).toBe(true);
  });

  it('fails in one region, and is repaired by the same PUT', async () => {
    const bench = new Bench([], { unknowns: { regionsAfterSuccess: 'never lag' } });
    bench.azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      fate: { region: { name: 'northeurope', state: 'Failed', details: 'No room.' } },
    });
    const body = fromMachine('westeurope', 'northeurope');
    const { end } = await bench.settle('PUT', path, body);
    const phrase = 'Gallery replication jobs failed in one or more regions.';
    expect(textAt(end, 'error', 'message')).toContain(phrase);
    expect(textAt(end, 'error', 'message')).toContain("'{region:northeurope, detail:No room.}'");
    expectListed('version.partial_replication_failure', '', phrase);
    expect(await summaryOf(bench)).toMatchObject([{ state: 'Completed' }, { state: 'Failed' }]);
    expect((await bench.settle('PUT', path, body)).end).toMatchObject({ status: 'Succeeded' });
    expect(await summaryOf(bench)).toMatchObject([{ state: 'Completed' }, { state: 'Completed' }]);
  });

  it('takes 45 s when shallow', async () => {
    const bench = new Bench();
    const body = fromMachine();
    Object.assign(body.properties ?? {}, {
      publishingProfile: { targetRegions: [{ name: 'westeurope' }], replicationMode: 'Shallow' },
    });
    const first = await bench.send('PUT', path, body);
    bench.clock.advance(44);
    expect(await bench.poll(first)).toMatchObject({ status: 'InProgress' });
    bench.clock.advance(2);
    expect(await bench.poll(first)).toMatchObject({ status: 'Succeeded' });
  });
});

describe('updating a version', () => {
  const update = (properties: object) => ({
    location: 'westeurope',
    properties: { ...properties },
  });

  it('replicates only to what is new, and keeps the source when none is sent', async () => {
    const bench = new Bench([], { unknowns: { regionsAfterSuccess: 'never lag' } });
    await bench.settle('PUT', path, fromMachine());
    const targetRegions = [{ name: 'northeurope' }, { name: 'westeurope' }];
    const { first, end } = await bench.settle(
      'PUT',
      path,
      update({ publishingProfile: { targetRegions }, storageProfile: {} }),
    );
    expect([first.status, textAt(first.body, 'properties', 'provisioningState')]).toEqual([
      200,
      'Updating',
    ]);
    expect(end).toMatchObject({ status: 'Succeeded' });
    const { body } = await bench.send('GET', `${path}?$expand=ReplicationStatus`);
    expect(body).toMatchObject({
      properties: {
        storageProfile: { source: { virtualMachineId: machineId }, osDiskImage: { sizeInGB: 30 } },
        replicationStatus: { summary: [{ region: 'northeurope' }, { region: 'westeurope' }] },
      },
    });
  });

  it('lets the last writer win as a whole', async () => {
    const bench = new Bench();
    await bench.settle('PUT', path, { ...fromMachine(), tags: { owner: 'one', kept: 'no' } });
    await bench.settle('PUT', path, { ...update({}), tags: { owner: 'two' } });
    expect((await bench.send('GET', path)).body.tags).toEqual({ owner: 'two' });
  });

  it('merges a PATCH', async () => {
    const bench = new Bench();
    await bench.settle('PUT', path, fromMachine());
    const body = { properties: { publishingProfile: { excludeFromLatest: true } } };
    const { first } = await bench.settle('PATCH', path, body);
    expect(first.status).toBe(200);
    expect((await bench.send('GET', path)).body).toMatchObject({
      properties: {
        publishingProfile: { excludeFromLatest: true, targetRegions: [{ name: 'West Europe' }] },
      },
    });
  });

  it('drops a region when that is allowed', async () => {
    const bench = new Bench([], { unknowns: { regionsAfterSuccess: 'never lag' } });
    await bench.settle('PUT', path, fromMachine('westeurope', 'northeurope'));
    const body = update({
      publishingProfile: { targetRegions: [{ name: 'westeurope' }] },
      safetyProfile: { allowDeletionOfReplicatedLocations: true },
    });
    expect((await bench.settle('PUT', path, body)).end).toMatchObject({ status: 'Succeeded' });
    const { body: shown } = await bench.send('GET', `${path}?$expand=ReplicationStatus`);
    expect(objectsAt(shown, 'properties', 'replicationStatus', 'summary')).toHaveLength(1);
  });

  it('is queued behind the one under way when Azure is taken to do so', async () => {
    const bench = new Bench([], { unknowns: { updateOfBusyVersion: 'queued' } });
    await bench.send('PUT', path, fromMachine());
    const second = await bench.send('PUT', path, { ...fromMachine(), tags: { owner: 'two' } });
    expect(second.status).toBe(200);
    bench.clock.advance(430);
    expect(await bench.poll(second)).toMatchObject({ status: 'InProgress' });
    bench.clock.advance(900);
    expect(await bench.poll(second)).toMatchObject({ status: 'Succeeded' });
    expect((await bench.send('GET', path)).body).toMatchObject({ tags: { owner: 'two' } });
  });
});

describe('deleting', () => {
  it('answers 202, and the version is gone when the operation has ended', async () => {
    const bench = new Bench();
    await bench.settle('PUT', path, fromMachine());
    const first = await bench.send('DELETE', path);
    expect([first.status, first.headers.get('retry-after')]).toEqual([202, '60']);
    expect(first.headers.get('location')).toContain('monitor=true');
    expect((await bench.send('GET', path)).body).toMatchObject({
      properties: { provisioningState: 'Deleting' },
    });
    bench.clock.advance(92);
    expect((await bench.send('GET', path)).status).toBe(404);
    expect((await bench.send('DELETE', path)).status).toBe(204);
  });

  it('lets a parent go only some time after its child', async () => {
    const bench = new Bench();
    const image = 'galleries/golden/images/ubuntu';
    await bench.settle('PUT', path, fromMachine());
    await bench.send('DELETE', path);
    bench.clock.advance(92);
    await bench.send('GET', path);
    // Also returned for some seconds after the child's deletion
    expect(textAt((await bench.send('DELETE', image)).body, 'error', 'code')).toBe(
      'CannotDeleteResource',
    );
    bench.clock.advance(20);
    expect((await bench.send('DELETE', image)).status).toBe(202);
  });

  it('is soft where the gallery says so, and a PUT brings the version back', async () => {
    const bench = new Bench();
    const policy = { softDeletePolicy: { isSoftDeleteEnabled: true } };
    await bench.settle('PUT', 'galleries/golden', { location: 'westeurope', properties: policy });
    await bench.settle('PUT', path, fromMachine());
    await bench.settle('DELETE', path);
    expect((await bench.send('GET', path)).status).toBe(404);
    const deleted = compute(
      'galleries/golden/softDeletedArtifactTypes/Images/artifacts/ubuntu/versions',
    );
    const { body } = await bench.send('GET', deleted);
    expect(objectsAt(body, 'value')).toMatchObject([
      { properties: { resourceArmId: compute(path) } },
    ]);
    const { first } = await bench.settle('PUT', path, { location: 'westeurope', tags: {} });
    expect([first.status, textAt(first.body, 'properties', 'provisioningState')]).toEqual([
      200,
      'Updating',
    ]);
    expect((await bench.send('GET', path)).body).toMatchObject({
      properties: {
        provisioningState: 'Succeeded',
        storageProfile: { osDiskImage: { sizeInGB: 30 } },
      },
    });
  });
});

describe('a first build that fails', () => {
  it('leaves a version that stays Failed until it is deleted', async () => {
    const bench = new Bench();
    const error = { code: 'InternalOperationError', message: 'Something broke.' };
    bench.azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      fate: { operation: { status: 'Failed', error } },
    });
    expect((await bench.settle('PUT', path, fromMachine())).end).toMatchObject({
      status: 'Failed',
      error,
    });
    const { body } = await bench.send('GET', `${path}?$expand=ReplicationStatus`);
    expect(body).toMatchObject({
      properties: { provisioningState: 'Failed', replicationStatus: { aggregatedState: 'Failed' } },
    });
    expect((await bench.settle('PUT', path, fromMachine())).end).toMatchObject({
      status: 'Failed',
      error,
    });
    await bench.settle('DELETE', path);
    expect((await bench.settle('PUT', path, fromMachine())).end).toMatchObject({
      status: 'Succeeded',
    });
  });
});
