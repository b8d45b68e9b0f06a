/** The gallery service as it was, and what soft delete leaves behind. */
import { describe, expect, it } from 'vitest';
import { manualClock } from '../src/clock.ts';
import { objectAt } from '../src/json.ts';
import { asResource } from '../src/world.ts';
import { Bench, compute, fromMachine, version } from './gallery.ts';

describe('the first API, 2018-06-01', () => {
  const api = '2018-06-01';
  const path = 'galleries/golden/images/plain/versions/1.1.2';
  const image = asResource({
    id: compute('images/captured'),
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      storageProfile: {
        osDisk: { osType: 'Linux', osState: 'Generalized', diskSizeGB: 30, caching: 'ReadWrite' },
        dataDisks: [],
      },
    },
  });
  const definition = asResource({
    id: compute('galleries/golden/images/plain'),
    location: 'westeurope',
    properties: { osType: 'Linux', osState: 'Generalized', hyperVGeneration: 'V1' },
  });
  const source = { managedImage: { id: image.id } };
  const body = (...names: string[]) => ({
    location: 'westeurope',
    tags: {},
    properties: { publishingProfile: { targetRegions: names.map((name) => ({ name })), source } },
  });

  it('has the source in the publishing profile and accepts updates with 202', async () => {
    const bench = new Bench([image, definition], {
      clock: manualClock(Date.parse('2018-11-10T01:00:00Z')),
    });
    const first = await bench.send('PUT', path, body('westeurope'), api);
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      id: compute(path),
      name: '1.1.2',
      type: 'Microsoft.Compute/galleries/images/versions',
      location: 'westeurope',
      properties: {
        publishingProfile: {
          replicaCount: 1,
          excludeFromLatest: false,
          publishedDate: '2018-11-10T00:00:00+00:00',
          targetRegions: [{ name: 'West Europe', regionalReplicaCount: 1 }],
          source,
        },
        provisioningState: 'Creating',
      },
    });
  });

  it('shows sizes with success, and nothing of them during an update', async () => {
    const bench = new Bench([image, definition]);
    await bench.settle('PUT', path, body('westeurope'), api);
    const { body: made } = await bench.send('GET', path, undefined, api);
    expect(made.properties).toMatchObject({
      provisioningState: 'Succeeded',
      storageProfile: { osDiskImage: { sizeInGB: 30, hostCaching: 'ReadWrite' } },
    });
    const update = await bench.send('PUT', path, body('westus', 'westeurope'), api);
    expect(update.status).toBe(202);
    expect(update.headers.get('location')).toContain('monitor=true');
    expect(update.body.properties).not.toHaveProperty('storageProfile');
    expect(objectAt(update.body, 'properties', 'publishingProfile').targetRegions).toEqual([
      { name: 'West US', regionalReplicaCount: 1 },
      { name: 'West Europe', regionalReplicaCount: 1 },
    ]);
  });
});

describe('soft delete that is switched off', () => {
  it('leaves nothing behind, so that the gallery can go', async () => {
    const bench = new Bench();
    const policy = (isSoftDeleteEnabled: boolean) => ({
      location: 'westeurope',
      properties: { softDeletePolicy: { isSoftDeleteEnabled } },
    });
    await bench.settle('PUT', 'galleries/golden', policy(true));
    await bench.settle('PUT', version('1.0.0'), fromMachine());
    await bench.settle('DELETE', version('1.0.0'));
    bench.clock.advance(60);
    await bench.settle('DELETE', 'galleries/golden/images/ubuntu');
    bench.clock.advance(60);
    expect((await bench.send('DELETE', 'galleries/golden')).status).toBe(409);
    await bench.settle('PUT', 'galleries/golden', policy(false));
    expect((await bench.send('DELETE', 'galleries/golden')).status).toBe(202);
  });
});
