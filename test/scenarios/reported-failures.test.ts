/**
 * What people suffer from when they make images in Azure, each shown not to happen here. The titles
 * name the threads. Those of the guest and the VM are in `reported-failures-vm.test.ts`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { fleet } from './fleet.ts';
import {
  awaitIt,
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  promote,
} from './harness.ts';
import {
  HOUR,
  named,
  profileOf,
  refusedBy,
  replicatingFor,
  rules,
  TWO,
  versionId,
  well,
} from './reported-failure.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('waiting', () => {
  it('packer#7865, #8802, ansible-collections/azure#1721: publishing "times out" though the image is fine', async () => {
    const azure = localAzure(replicatingFor(5));
    const { heard } = await well(capture(azure, { request: TWO }));
    expect(heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
  });

  it('azure/login#180, #372, azure-cli#28708: sign-in dies in long jobs with AADSTS700024', async () => {
    const azure = localAzure(replicatingFor(3));
    await well(capture(azure));
    expect(azure.requests.all().some(({ status }) => status === 401)).toBe(false);
  });

  it('terraform-provider-azurerm#3517, azure-cli#7363: no choice whether to wait', async () => {
    const azure = localAzure();
    const { heard, seconds } = await well(capture(azure, { request: { waitFor: 'none' } }));
    expect(heard.known?.version).toBe(versionId(azure));
    expect(seconds).toBeLessThan(300);
  });

  it('azure-cli#34004: a wait that timed out looks like a success', async () => {
    const azure = localAzure(replicatingFor(5));
    const end = new AbortController();
    setTimeout(() => end.abort(new Error('Out of time')), HOUR * 1000);
    const { failure, heard } = await capture(azure, { signal: end.signal });
    expect(failure).toBeDefined();
    expect(heard.replication.every(({ state }) => state === 'Completed')).toBe(false);
    await well(awaitIt(azure, '1.0.0'));
  });

  it('AgentBaker#8373, #8374: Succeeded, but a region does not have the image yet', async () => {
    const azure = localAzure({ unknowns: { regionsAfterSuccess: 'may lag' } });
    await well(capture(azure, { request: TWO }));
    azure.settle();
    const status = objectAt(azure.world.get(versionId(azure))?.properties, 'replicationStatus');
    expect(objectsAt(status, 'summary').map(({ state }) => state)).toEqual([
      'Completed',
      'Completed',
    ]);
  });
});

describe('regions', () => {
  it('azure-cli#24099, AgentBaker#9228, #9477: an update that names some regions loses the others', async () => {
    const azure = localAzure();
    await well(capture(azure, { request: TWO }));
    await well(promote(azure, { regions: [{ name: 'eastus2' }] }));
    const names = objectsAt(profileOf(azure), 'targetRegions').map(({ name }) => name);
    expect(names).toEqual(['West Europe', 'North Europe', 'East US 2']);
  });

  it('azure-cli#15539, image-builder#2125: a region fails, and only folklore repairs it', async () => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      fate: { region: { name: 'northeurope', state: 'Failed', details: 'Storage allocation.' } },
    });
    const { heard } = await well(capture(azure, { request: TWO }));
    expect(heard.warnings.join()).toContain('northeurope failed: Storage allocation.');
  });

  it('terraform#12332, #7751: display names and short names are taken for different regions', async () => {
    const azure = localAzure();
    await well(capture(azure, { request: TWO }));
    const again = await well(capture(azure, { request: TWO }));
    expect([again.wrote, objectsAt(profileOf(azure), 'targetRegions').length]).toEqual([false, 2]);
  });

  it('packer-plugin-azure#341, azure-powershell#9911: replica counts and storage types are ignored', async () => {
    const azure = localAzure();
    const regions = [
      { name: 'westeurope', replicas: 3 },
      { name: 'northeurope', replicas: 2, storageAccountType: 'Premium_LRS' as const },
    ];
    await well(capture(azure, { request: { regions } }));
    expect(objectsAt(profileOf(azure), 'targetRegions')).toMatchObject([
      { regionalReplicaCount: 3 },
      { regionalReplicaCount: 2, storageAccountType: 'Premium_LRS' },
    ]);
  });

  it('packer-plugin-azure#264, #371, azure-cli#12899: a key for each region cannot be had', async () => {
    const azure = localAzure();
    const diskEncryptionSetId = buildVm(azure).replace(
      /virtualMachines.*/,
      'diskEncryptionSets/keys',
    );
    const encryption = { osDiskImage: { diskEncryptionSetId } };
    const regions = [{ name: 'westeurope', encryption }, { name: 'northeurope' }];
    await refusedBy('encryption-partial', azure, { regions });
  });
});

describe('numbers and latest', () => {
  it('packer-plugin-azure#65, #392, #447: the version exists; replace it, or count on?', async () => {
    const azure = localAzure();
    azure.world.put({
      ...structuredClone(azure.world.get(definitionId(azure)) ?? {}),
      id: versionId(azure),
      type: 'Microsoft.Compute/galleries/images/versions',
      name: '1.0.0',
      tags: {},
      location: 'westeurope',
      properties: { provisioningState: 'Succeeded', publishingProfile: {}, storageProfile: {} },
    });
    const taken = await capture(azure, {
      request: {
        version: { choose: 'exactly', number: { major: 1, minor: 0, patch: 0 } },
        requestedVersion: '1.0.0',
      },
    });
    expect([rules(taken), taken.wrote]).toEqual([['version-taken'], false]);
    const next = await well(capture(azure));
    expect(next.heard.known?.version).toMatch(/1\.0\.1$/);
  });

  it('packer#8667: `latest` moves before the image was accepted', async () => {
    const azure = localAzure();
    await well(capture(azure, { request: { ...TWO, excludeFromLatest: true } }));
    expect(profileOf(azure).excludeFromLatest).toBe(true);
    const promoted = await well(promote(azure, { excludeFromLatest: false }));
    expect(promoted.heard.latestAfter).toMatchObject({ westeurope: '1.0.0' });
  });

  it('azure-rest-api-specs#10707: parts of a version overflow 32 bits', async () => {
    const azure = localAzure();
    const part = 2 ** 31 - 1;
    const request = {
      version: { choose: 'exactly' as const, number: { major: part, minor: part, patch: part } },
      requestedVersion: `${part}.${part}.${part}`,
    };
    const { heard } = await well(capture(azure, { request }));
    expect(heard.known?.version).toContain(`/${part}.${part}.${part}`);
    const azureLater = await capture(azure, { runId: '2' });
    expect(rules(azureLater)).toContain('version-exhausted');
  });
});

describe('what is left over', () => {
  it('packer-plugin-azure#305: no snapshot before the change', async () => {
    const azure = localAzure();
    const { heard } = await well(capture(azure, { request: { snapshot: true } }));
    expect(heard.snapshots).toHaveLength(2);
    expect(heard.started[0]).toBe('snapshot');
  });

  it('packer#3389, retina#2184: a cancelled run leaves orphans', async () => {
    const azure = localAzure();
    const end = new AbortController();
    setTimeout(() => end.abort(new Error('cancelled')), 260_000);
    const request = { captureFrom: 'disks' as const };
    await capture(azure, { request, signal: end.signal });
    await well(capture(azure, { request }));
    expect([named(azure, '/snapshots/'), named(azure, '/versions/')]).toEqual([0, 1]);
  });

  it('azure-rest-api-specs#11559, jenkins-infra/packer-images#629: old things pile up', async () => {
    const azure = localAzure();
    const definition = definitionId(azure, 'ubuntu-2404-specialized');
    const request = { snapshot: true, snapshotRetention: 1, definition };
    for (const runId of ['1', '2']) await well(capture(azure, { runId, request }));
    expect(named(azure, '/snapshots/')).toBe(2);
  });

  it('azure-cli#30820: a version is deleted by mistake', async () => {
    const azure = localAzure();
    const endOfLife = new Date('2027-11-22T00:00:00Z');
    const request = { endOfLife, blockDeletionBeforeEndOfLife: true };
    await well(capture(azure, { request }));
    const safety = objectAt(azure.world.get(versionId(azure))?.properties, 'safetyProfile');
    expect(safety.blockDeletionBeforeEndOfLife).toBe(true);
  });

  it('ec2-image-builder-roadmap#80, azvmimagebuilder#18: a failed distribution costs the whole build', async () => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      times: 2,
      fate: { region: { name: 'northeurope', state: 'Failed', details: 'No room.' } },
    });
    expect((await capture(azure, { request: TWO })).failure).toBeDefined();
    const again = await well(capture(azure, { request: TWO }));
    expect(again.heard.started).toEqual(['update', 'replicate']);
  });

  it('terraform#2284: captures at once get in each other’s way', async () => {
    const { runs } = await fleet(5, 1);
    expect(runs.flatMap(({ failure }) => failure ?? [])).toEqual([]);
  });

  it('azure-cli#14057, azure-powershell#13210: promotion means to build again', async () => {
    const azure = localAzure();
    await well(capture(azure));
    const { heard } = await well(promote(azure, { tags: { stage: 'prod' } }));
    expect(heard.started).not.toContain('deprovision');
    expect(azure.world.get(versionId(azure))?.tags).toMatchObject({ stage: 'prod' });
  });

  it('build-vm-image#33, azvmimagebuilder#63: an error says nothing', async () => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      fate: {
        operation: { status: 'Failed', error: { code: 'Conflict', message: 'The disk is gone.' } },
      },
    });
    const { failure } = await capture(azure);
    expect(failure?.why).toContain('The disk is gone.');
    expect(failure?.remedy).toBeTruthy();
  });
});
