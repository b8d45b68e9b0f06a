/** Images of the marketplace, as `az vm create` and `az vm image` ask for them. */
import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, objectsAt } from '../src/json.ts';
import { Bench, place } from './gallery.ts';

const bench = new Bench();

const path = (publisher: string, offer: string, sku: string): string =>
  `/subscriptions/${place.subscriptionId}/providers/Microsoft.Compute/locations/eastus` +
  `/publishers/${publisher}/artifacttypes/vmimage/offers/${offer}/skus/${sku}/versions`;

async function image(publisher: string, offer: string, sku: string) {
  const list = await bench.send('GET', path(publisher, offer, sku), undefined, '2024-11-01');
  const [newest] = list.body as unknown as JsonObject[];
  const name = String(newest?.name);
  const one = await bench.send(
    'GET',
    `${path(publisher, offer, sku)}/${name}`,
    undefined,
    '2024-11-01',
  );
  return { newest, name, body: one.body, properties: objectAt(one.body, 'properties') };
}

describe('an image of the marketplace', () => {
  it('has the ID that Azure writes', async () => {
    const { newest, body } = await image('OpenLogic', 'CentOS', '7.5');
    const id =
      `/Subscriptions/${place.subscriptionId}/Providers/Microsoft.Compute/Locations/eastus` +
      `/Publishers/OpenLogic/ArtifactTypes/VMImage/Offers/CentOS/Skus/7.5/Versions/${body.name}`;
    expect([newest?.id, body.id]).toEqual([id, id]);
  });

  it('of the first generation is a VHD without features', async () => {
    const { properties } = await image('OpenLogic', 'CentOS', '7.5');
    expect(properties).toEqual({
      hyperVGeneration: 'V1',
      architecture: 'x64',
      replicaType: 'Unmanaged',
      disallowed: { vmDiskType: 'None' },
      automaticOSUpgradeProperties: { automaticOSUpgradeSupported: true },
      imageDeprecationStatus: { imageState: 'Active' },
      osDiskImage: { operatingSystem: 'Linux', sizeInBytes: 32_212_255_232 },
      dataDiskImages: [],
    });
  });

  it('of the second is managed, and tells its size in gigabytes as well', async () => {
    const { properties } = await image('Canonical', 'ubuntu-24_04-lts', 'server');
    expect(properties).toMatchObject({
      hyperVGeneration: 'V2',
      replicaType: 'Managed',
      imageDeprecationStatus: { imageState: 'Active' },
      osDiskImage: { operatingSystem: 'Linux', sizeInGb: 31, sizeInBytes: 32_213_303_808 },
    });
  });

  it.each([
    ['Canonical', '0001-com-ubuntu-server-focal', '20_04-lts-gen2', 'TrustedLaunchSupported'],
    ['Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2', 'TrustedLaunchSupported'],
    ['OpenLogic', 'CentOS', '7_6-gen2', undefined],
    ['OpenLogic', 'CentOS', '7.5', undefined],
  ])('%s:%s:%s says of security %s', async (publisher, offer, sku, wanted) => {
    const { properties } = await image(publisher, offer, sku);
    const found = objectsAt(properties, 'features').find(({ name }) => name === 'SecurityType');
    expect(found?.value).toBe(wanted);
  });

  it.each([
    ['Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2', /^22\.04\./],
    ['Canonical', 'UbuntuServer', '18.04-LTS', /^18\.04\./],
    ['OpenLogic', 'CentOS', '7.5', /^7\.5\./],
    ['MicrosoftWindowsServer', 'WindowsServer', '2019-Datacenter', /^17763\./],
    ['MicrosoftWindowsServer', 'WindowsServer', '2022-datacenter-g2', /^20348\./],
  ])('%s:%s:%s has versions of its own offer', async (publisher, offer, sku, form) => {
    expect((await image(publisher, offer, sku)).name).toMatch(form);
  });
});
