/** What a version can be made from, and what it shows of it before and after. */
import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { Bench, compute, fromMachine, machineId, osDiskId, version } from './gallery.ts';
import { fromSource } from './refusals.ts';

const location = 'westeurope';
const snapshot: ResourceInput = {
  id: compute('snapshots/os'),
  location,
  sku: { name: 'Standard_LRS' },
  properties: { osType: 'Linux', diskSizeGB: 64, hyperVGeneration: 'V2' },
};
const image: ResourceInput = {
  id: compute('images/managed'),
  location,
  properties: {
    hyperVGeneration: 'V2',
    storageProfile: {
      osDisk: { osType: 'Linux', osState: 'Specialized', diskSizeGB: 31, caching: 'ReadOnly' },
      dataDisks: [{ lun: 3, diskSizeGB: 8, caching: 'None' }],
    },
  },
};
const account = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a';
const vhd = { uri: 'https://a.blob.core.windows.net/vhds/os.vhd' };

const cases: readonly [what: string, profile: JsonObject, finished: JsonObject, before?: string][] =
  [
    [
      'a VM',
      { source: { virtualMachineId: machineId } },
      { osDiskImage: { sizeInGB: 30 }, dataDiskImages: [{ lun: 0, sizeInGB: 10 }] },
    ],
    ['a VM by the old member', { source: { id: machineId } }, { osDiskImage: { sizeInGB: 30 } }],
    [
      'a managed image',
      { source: { id: image.id } },
      {
        osDiskImage: { sizeInGB: 31, hostCaching: 'ReadOnly' },
        dataDiskImages: [{ lun: 3, sizeInGB: 8 }],
      },
    ],
    [
      'another version',
      { source: { id: compute(version('0.9.0')) } },
      { osDiskImage: { sizeInGB: 30 }, dataDiskImages: [{ lun: 0, sizeInGB: 10 }] },
      '0.9.0',
    ],
    [
      'a disk',
      { osDiskImage: { source: { id: osDiskId } } },
      { osDiskImage: { sizeInGB: 30, source: { id: osDiskId } } },
    ],
    [
      'snapshots and disks',
      {
        osDiskImage: { hostCaching: 'ReadOnly', source: { id: snapshot.id } },
        dataDiskImages: [{ lun: 1, source: { id: compute('disks/build_Data') } }],
      },
      {
        osDiskImage: { sizeInGB: 64, hostCaching: 'ReadOnly' },
        dataDiskImages: [{ lun: 1, sizeInGB: 10 }],
      },
    ],
    [
      'a VHD',
      {
        osDiskImage: {
          source: {
            ...vhd,
            storageAccountId: account.replace('/s/', `/${machineId.split('/')[2]}/`),
          },
        },
      },
      { osDiskImage: { sizeInGB: 30, source: vhd } },
    ],
  ];

describe('a version of', () => {
  it.each(cases)('%s shows sizes when it is made', async (_, profile, finished, before) => {
    const bench = new Bench([snapshot, image]);
    if (before !== undefined) await bench.settle('PUT', version(before), fromMachine());
    const path = version('1.0.0');
    const { first, end } = await bench.settle('PUT', path, fromSource(profile));
    expect([first.status, end]).toMatchObject([201, { status: 'Succeeded' }]);
    const shown = objectAt(first.body, 'properties', 'storageProfile');
    expect(JSON.stringify(shown)).not.toContain('sizeInGB');
    const { body } = await bench.send('GET', path);
    expect(body).toMatchObject({ properties: { storageProfile: finished } });
  });
});
