/** A VM made of a gallery version, with an interface of its own, as a pipeline makes one to try an image. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzureOptions } from '../src/azure.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { Bench, compute } from './gallery.ts';
import { api, subnet, vm } from './image-vm.ts';
import { body, errorOf, parts, versionIn } from './trusted-launch-vm.ts';

let bench: Bench;
const open = (more: readonly ResourceInput[] = [], options: LocalAzureOptions = {}) => {
  bench = new Bench([...parts(), ...more], options);
};
beforeEach(() => open());

const put = (sent: JsonObject) => bench.send('PUT', vm, sent, api);
const nics = () =>
  bench.azure.world.all().filter(({ type }) => type === 'Microsoft.Network/networkInterfaces');

describe('a VM of a version that is excluded from latest and still being copied elsewhere', () => {
  it('comes with an interface in the subnet and no public address; one DELETE takes all', async () => {
    const before = bench.azure.world.all().length;
    const made = await bench.settle('PUT', vm, body(), api);
    expect([made.first.status, made.end.status]).toEqual([201, 'Succeeded']);
    const shown = (await bench.send('GET', vm, undefined, api)).body;
    expect(objectAt(shown, 'properties', 'networkProfile')).not.toHaveProperty(
      'networkInterfaceConfigurations',
    );
    const [nic] = nics();
    expect(nic?.name).toMatch(/^proof-nic-[0-9a-f]{8}$/);
    expect(nic?.properties).toMatchObject({
      virtualMachine: { id: compute(vm) },
      ipConfigurations: [{ properties: { privateIPAddress: '10.1.0.4', subnet: { id: subnet } } }],
    });
    expect(JSON.stringify(nic)).not.toContain('publicIPAddress');
    await bench.settle('DELETE', vm, undefined, api);
    expect(bench.azure.world.all()).toHaveLength(before);
  });

  it('keeps its interface when the same PUT comes again', async () => {
    await bench.settle('PUT', vm, body(), api);
    await bench.settle('PUT', vm, body(), api);
    expect(nics()).toHaveLength(1);
    const { body: shown } = await bench.send('GET', vm, undefined, api);
    expect(objectsAt(shown, 'properties', 'networkProfile', 'networkInterfaces')).toHaveLength(1);
  });

  it.each([
    ['not found', 404, 'GalleryImageNotFound'],
    ['conflict', 409, 'Conflict'],
  ] as const)('in a region it is not yet in is %s', async (vmOfUnfinishedVersion, status, code) => {
    bench = new Bench(parts('northeurope'), { unknowns: { vmOfUnfinishedVersion } });
    const answer = await put({ ...body(), location: 'northeurope' });
    expect(errorOf(answer)).toMatchObject({ status, code });
  });

  it('is not what the definition means by latest', async () => {
    const storageProfile = {
      imageReference: { id: compute('galleries/golden/images/app') },
      osDisk: { createOption: 'FromImage' },
    };
    const answer = errorOf(await put(body({ storageProfile })));
    expect(answer).toMatchObject({ status: 404, code: 'GalleryImageNotFound' });
    open([
      versionIn('0.9.0', {
        provisioningState: 'Succeeded',
        publishingProfile: { targetRegions: [{ name: 'westeurope' }] },
      }),
    ]);
    const { body: shown } = await put(body({ storageProfile }));
    expect(textAt(shown, 'properties', 'storageProfile', 'imageReference', 'exactVersion')).toBe(
      '0.9.0',
    );
  });
});
