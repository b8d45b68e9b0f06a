/** Galleries and definitions as they are shown. */
import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt } from '../src/json.ts';
import { Bench, compute, place } from './gallery.ts';

const location = 'westeurope';
const identifier = { publisher: 'p', offer: 'o', sku: 's' };
const linux = { osType: 'Linux', osState: 'Generalized', identifier };

describe('a gallery', () => {
  it('has a unique name of the subscription, and in lists its group in capitals', async () => {
    const bench = new Bench();
    const { body } = await bench.send('PUT', 'galleries/Fresh_1', { location });
    expect(body).toMatchObject({
      properties: { identifier: { uniqueName: `${place.subscriptionId}-FRESH_1` } },
    });
    const { body: listed } = await bench.send('GET', 'galleries');
    const ids = (listed.value as JsonObject[]).map(({ id }) => id);
    expect(ids).toContain(compute('galleries/Fresh_1').replace('/images/', '/IMAGES/'));
  });

  it('is shared with subscriptions and tenants, which only who asks is shown', async () => {
    const bench = new Bench();
    const sharingProfile = { permissions: 'Groups' };
    await bench.settle('PUT', 'galleries/shared', { location, properties: { sharingProfile } });
    const share = (operationType: string, ...ids: string[]) =>
      bench.settle('POST', 'galleries/shared/share', {
        operationType,
        groups: [{ type: 'Subscriptions', ids }],
      });
    expect((await share('Add', 'a', 'b')).end).toMatchObject({ status: 'Succeeded' });
    await share('Remove', 'a');
    const shown = async (query: string) =>
      objectAt(
        (await bench.send('GET', `galleries/shared${query}`)).body,
        'properties',
        'sharingProfile',
      );
    expect(await shown('')).toEqual(sharingProfile);
    expect(await shown('?$select=Permissions')).toEqual({
      permissions: 'Groups',
      groups: [{ type: 'Subscriptions', ids: ['b'] }],
    });
    await bench.settle('POST', 'galleries/shared/share', { operationType: 'Reset' });
    expect(await shown('?$select=Permissions')).toEqual({ permissions: 'Private' });
  });
});

describe('a definition', () => {
  const made = async (apiVersion: string, properties: JsonObject = {}) => {
    const body = { location, properties: { ...linux, ...properties } };
    const path = 'galleries/golden/images/new';
    return objectAt((await new Bench().send('PUT', path, body, apiVersion)).body, 'properties');
  };
  const trusted = [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }];

  it.each([
    [
      '2018-06-01',
      {},
      { hyperVGeneration: undefined, architecture: undefined, features: undefined },
    ],
    ['2020-09-30', {}, { hyperVGeneration: 'V1', architecture: undefined, features: undefined }],
    ['2023-07-03', {}, { hyperVGeneration: 'V1', architecture: 'x64', features: undefined }],
    ['2025-03-03', {}, { hyperVGeneration: 'V2', architecture: 'x64', features: trusted }],
    ['2025-03-03', { hyperVGeneration: 'V1' }, { hyperVGeneration: 'V1', features: undefined }],
    ['2025-03-03', { features: [] }, { hyperVGeneration: 'V2', features: undefined }],
    ['2025-03-03', { architecture: 'Arm64' }, { architecture: 'Arm64' }],
  ])('of %s that says %j has these defaults', async (apiVersion, properties, shown) => {
    const all = await made(apiVersion, properties);
    for (const [name, value] of Object.entries(shown))
      expect([name, all[name]]).toEqual([name, value]);
  });
});
