/** How a prune finds which versions the instances of scale sets use: by Resource Graph, or by lists. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeClock, localAzure, prune } from './harness.ts';
import { compute, numbersIn, OLD, putUser, putVersions, versionId } from './prune-worlds.ts';
import { NO_RIGHT } from './rerun-worlds.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('instances of scale sets', () => {
  it('are found by lists where Resource Graph is refused', async () => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    azure.faults.add({
      match: { method: 'POST', path: '/providers/Microsoft.ResourceGraph/resources' },
      fate: NO_RIGHT,
      times: 1000,
    });
    putUser(azure, compute('virtualMachineScaleSets/a', azure.subscriptionId), {
      id: versionId(azure, '2.0.0'),
    });
    putUser(azure, compute('virtualMachineScaleSets/a/virtualMachines/0', azure.subscriptionId), {
      id: versionId(azure, '1.2.0'),
    });
    const run = await prune(azure);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(['1.2.0', '2.0.0']);
  });

  it('are found by lists where Resource Graph shows one instance twice, and another not at all', async () => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    const set = compute('virtualMachineScaleSets/a', azure.subscriptionId);
    putUser(azure, set, { id: versionId(azure, '2.0.0') }, 2);
    putUser(azure, `${set}/virtualMachines/0`, { id: versionId(azure, '1.1.0') });
    putUser(azure, `${set}/virtualMachines/1`, { id: versionId(azure, '1.2.0') });
    const imageReference = { id: versionId(azure, '1.1.0') };
    const row = {
      id: `${set}/virtualMachines/0`,
      properties: { storageProfile: { imageReference } },
    };
    azure.faults.add({
      match: { method: 'POST', path: '/providers/Microsoft.ResourceGraph/resources' },
      fate: { status: 200, body: { totalRecords: 2, count: 2, data: [row, row] } },
      times: 1000,
    });
    const run = await prune(azure);
    expect(azure.faults.hits).toBeGreaterThan(0);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(['1.1.0', '1.2.0', '2.0.0']);
  });

  it('are found by Resource Graph alone, though it takes two pages', async () => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    const set = compute('virtualMachineScaleSets/a', azure.subscriptionId);
    putUser(azure, set, { id: versionId(azure, '2.0.0') }, 1001);
    for (let index = 0; index <= 1000; index++)
      putUser(azure, `${set}/virtualMachines/${index}`, {
        id: versionId(azure, index === 999 ? '1.2.0' : '2.0.0'),
      });
    const run = await prune(azure);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(['1.2.0', '2.0.0']);
    const paths = azure.requests.all().map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith(`${set}/virtualMachines`))).toEqual([]);
  });

  it.each([
    [{}],
    [{ storageProfile: {} }],
    [{ storageProfile: { imageReference: null } }],
    [{ storageProfile: { imageReference: { Id: 'cut', version: 'latest' } } }],
  ])('are found by lists where all that Resource Graph shows of one is %j', async (properties) => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    const set = compute('virtualMachineScaleSets/a', azure.subscriptionId);
    const instance = `${set}/virtualMachines/0`;
    putUser(azure, set, { id: versionId(azure, '2.0.0') });
    putUser(azure, instance, { id: versionId(azure, '1.2.0') });
    azure.faults.add({
      match: { method: 'POST', path: '/providers/Microsoft.ResourceGraph/resources' },
      fate: {
        status: 200,
        body: { totalRecords: 1, count: 1, data: [{ id: instance, properties }] },
      },
      times: 1000,
    });
    const run = await prune(azure);
    expect(azure.faults.hits).toBeGreaterThan(0);
    expect(run.failure).toBeUndefined();
    expect(numbersIn(azure)).toEqual(['1.2.0', '2.0.0']);
  });
});
