import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { writesAmong } from '../runner/control.ts';
import { isCalm } from '../runner/weather.ts';
import { buildVm, capture, definitionId, fakeClock, localAzure } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const resource = (azure: LocalAzure, id: string) => {
  azure.settle();
  return azure.world.get(id);
};

describe('a capture of a running VM', () => {
  it('goes from snapshots to a version that is complete in its region', async () => {
    const azure = localAzure();
    const { failure, heard } = await capture(azure, { request: { snapshot: true } });
    expect(failure).toBeUndefined();
    expect(heard.started).toEqual([
      'snapshot',
      'deprovision',
      'deallocate',
      'generalize',
      'publish',
      'replicate',
    ]);
    expect(heard.replication).toEqual([
      { region: 'westeurope', state: 'Completed', progress: 100 },
    ]);
    expect(heard.snapshots).toHaveLength(2);
    for (const id of heard.snapshots)
      expect(resource(azure, id)?.properties).toMatchObject({
        incremental: true,
        networkAccessPolicy: 'DenyAll',
        publicNetworkAccess: 'Disabled',
        provisioningState: 'Succeeded',
      });
  });

  it('keeps regions, replicas and storage types as they were asked for', async () => {
    const azure = localAzure();
    const { failure, heard } = await capture(azure, {
      request: {
        replicas: 2,
        regions: [
          { name: 'northeurope', replicas: 3, storageAccountType: 'Premium_LRS' },
          { name: 'westeurope' },
          { name: 'eastus2', storageAccountType: 'Standard_LRS' },
        ],
      },
    });
    expect(failure).toBeUndefined();
    const version = resource(azure, heard.known?.version ?? '');
    expect(version?.properties?.publishingProfile).toMatchObject({
      replicaCount: 2,
      excludeFromLatest: false,
      targetRegions: [
        { name: 'North Europe', regionalReplicaCount: 3, storageAccountType: 'Premium_LRS' },
        { name: 'West Europe', regionalReplicaCount: 2 },
        { name: 'East US 2', regionalReplicaCount: 2, storageAccountType: 'Standard_LRS' },
      ],
    });
    expect(heard.replication.map(({ region, state }) => [region, state])).toEqual([
      ['northeurope', 'Completed'],
      ['westeurope', 'Completed'],
      ['eastus2', 'Completed'],
    ]);
  });

  it('captures into a specialized definition without touching the guest', async () => {
    const azure = localAzure();
    const { failure, heard } = await capture(azure, {
      request: { definition: definitionId(azure, 'ubuntu-2404-specialized') },
    });
    expect(failure).toBeUndefined();
    expect(heard.started).toEqual(['deallocate', 'publish', 'replicate']);
  });
});

describe('running it again', () => {
  it('finds everything done and sends not one write', async () => {
    const azure = localAzure();
    const first = await capture(azure, { request: { snapshot: true } });
    azure.requests.clear();
    const again = await capture(azure, { request: { snapshot: true } });
    expect(again.failure).toBeUndefined();
    expect(again.heard.started).toEqual([]);
    expect(again.wrote).toBe(false);
    expect(writesAmong(azure.requests.all())).toEqual([]);
    expect(again.heard.known?.version).toBe(first.heard.known?.version);
  });

  it('refuses a generalized VM that another run has captured, and names the version', async () => {
    const azure = localAzure();
    const first = await capture(azure);
    azure.requests.clear();
    const other = await capture(azure, { runId: '2' });
    expect(other.failure?.kind).toBe('refused');
    expect(other.failure?.message).toContain(first.heard.known?.version);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });
});

describe('a VM that is not running', () => {
  const stopped = async (deprovision: 'auto' | 'always' | 'never', power = 'powerOff') => {
    const azure = localAzure();
    await send(azure, `${buildVm(azure)}/${power}?api-version=2024-07-01`);
    await new Promise((done) => setTimeout(done, 120_000));
    azure.requests.clear();
    return { azure, run: await capture(azure, { request: { deprovision } }) };
  };

  it('is refused when merely stopped: nothing proves that it was deprovisioned', async () => {
    const { azure, run } = await stopped('auto');
    expect(run.heard.findings).toMatchObject([{ rule: 'vm-stopped', severity: 'error' }, {}]);
    expect(run.failure?.message).toContain('deprovision: never');
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('is started and deprovisioned with `always`', async () => {
    const { run } = await stopped('always');
    expect(run.failure).toBeUndefined();
    expect(run.heard.started.slice(0, 2)).toEqual(['start', 'deprovision']);
  });

  it('is captured as it is when deallocated and vouched for', async () => {
    const { run } = await stopped('never', 'deallocate');
    expect(run.failure).toBeUndefined();
    expect(run.heard.started).toEqual(['generalize', 'publish', 'replicate']);
  });

  // It sends requests itself, which weather would disturb.
  it.runIf(isCalm())('is captured as it is when already generalized', async () => {
    const azure = localAzure();
    await send(azure, `${buildVm(azure)}/deallocate?api-version=2024-07-01`);
    await new Promise((done) => setTimeout(done, 120_000));
    await send(azure, `${buildVm(azure)}/generalize?api-version=2024-07-01`);
    const run = await capture(azure, { request: { snapshot: true } });
    expect(run.failure).toBeUndefined();
    expect(run.heard.started).toEqual(['publish', 'replicate']);
    expect(run.heard.findings.map(({ rule }) => rule)).toContain('vm-generalized-snapshot');
  });
});

async function send(azure: LocalAzure, path: string): Promise<void> {
  const headers = { authorization: `Bearer ${await azure.accessToken()}` };
  const response = await azure.fetch(
    new Request(`${azure.endpoint}${path}`, { method: 'POST', headers }),
  );
  expect(response.status).toBeLessThan(300);
}
