/** Who uses an image version: scale sets, their instances, Resource Graph; long lists; the bin's end. */
import { describe, expect, it } from 'vitest';
import { numberAt, objectAt, objectsAt, textAt } from '../src/json.ts';
import { Bench, compute, fromMachine, place, version } from './gallery.ts';

const GRAPH = '/providers/Microsoft.ResourceGraph/resources';
const INSTANCE = 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines';

const set = (image: string, capacity: number) => ({
  location: 'westeurope',
  sku: { name: 'Standard_D2s_v5', capacity },
  properties: {
    upgradePolicy: { mode: 'Manual' },
    virtualMachineProfile: {
      securityProfile: { securityType: 'TrustedLaunch' },
      storageProfile: { imageReference: { id: compute(image) } },
    },
  },
});

const query = (table: string, type: string) => ({
  subscriptions: [place.subscriptionId],
  query: `${table} | where type in~ ('${type}') | project id, properties`,
  options: { resultFormat: 'objectArray' },
});

it('instances keep the exact version that they were made of when the model changes', async () => {
  const bench = new Bench();
  await bench.settle('PUT', version('1.0.0'), fromMachine());
  await bench.settle(
    'PUT',
    'virtualMachineScaleSets/web',
    set('galleries/golden/images/ubuntu', 2),
  );
  await bench.settle('PUT', version('1.1.0'), fromMachine());
  await bench.settle('PUT', 'virtualMachineScaleSets/web', set(version('1.1.0'), 3));
  const { body } = await bench.send('GET', 'virtualMachineScaleSets/web/virtualMachines');
  const exact = objectsAt(body, 'value').map((each) =>
    textAt(each, 'properties', 'storageProfile', 'imageReference', 'exactVersion'),
  );
  expect(exact).toEqual(['1.0.0', '1.0.0', '1.1.0']);
  const found = await bench.send('POST', GRAPH, query('computeresources', INSTANCE), '2024-04-01');
  expect(numberAt(found.body, 'totalRecords')).toBe(3);
});

describe('Resource Graph', () => {
  it('answers in pages, and refuses what it does not model', async () => {
    const ids = Array.from({ length: 3 }, (_, index) => compute(`disks/more-${index}`));
    const bench = new Bench(ids.map((id) => ({ id, location: 'westeurope' })));
    const asked = query('resources', 'Microsoft.Compute/disks');
    const first = await bench.send('POST', GRAPH, { ...asked, options: { $top: 2 } }, '2024-04-01');
    expect(objectsAt(first.body, 'data')).toHaveLength(2);
    const $skipToken = textAt(first.body, '$skipToken') ?? '';
    const rest = await bench.send(
      'POST',
      GRAPH,
      { ...asked, options: { $top: 5, $skipToken } },
      '2024-04-01',
    );
    expect(objectsAt(rest.body, 'data')).toHaveLength(3);
    const wrong = await bench.send(
      'POST',
      GRAPH,
      { ...asked, query: 'resources | take 5' },
      '2024-04-01',
    );
    expect(wrong.status).toBe(400);
  });
});

it('a list of more than a hundred versions comes in pages', async () => {
  const bench = new Bench(
    Array.from({ length: 101 }, (_, index) => ({
      id: compute(version(`1.0.${index}`)),
      location: 'westeurope',
    })),
  );
  const first = await bench.send('GET', 'galleries/golden/images/ubuntu/versions');
  expect(objectsAt(first.body, 'value')).toHaveLength(100);
  const link = new URL(textAt(first.body, 'nextLink') ?? '');
  const rest = await bench.azure.fetch(new Request(link));
  expect(objectsAt(await rest.json(), 'value').map(({ name }) => name)).toEqual(['1.0.100']);
});

it('a deleted version is recoverable until retention and grace are over', async () => {
  const bench = new Bench();
  const policy = { isSoftDeleteEnabled: true, retentionPeriodInDays: 7, gracePeriodInDays: 3 };
  const gallery = bench.azure.world.get(compute('galleries/golden'));
  if (gallery) gallery.properties.softDeletePolicy = policy;
  await bench.settle('PUT', version('1.0.0'), fromMachine());
  await bench.settle('DELETE', version('1.0.0'));
  const bin = 'galleries/golden/softDeletedArtifactTypes/Images/artifacts/ubuntu/versions';
  const [kept] = objectsAt((await bench.send('GET', bin)).body, 'value');
  const gone = Date.parse(textAt(kept, 'properties', 'hardDeletionTargetTime') ?? '');
  const deleted = Date.parse(textAt(objectAt(kept, 'properties'), 'softDeletedTime') ?? '');
  expect((gone - deleted) / 86_400_000).toBe(10);
  bench.clock.advance(10 * 86_400);
  expect(objectsAt((await bench.send('GET', bin)).body, 'value')).toEqual([]);
});

it('every answer tells the emulated time', async () => {
  const { headers } = await new Bench().send('GET', 'galleries/golden');
  expect(headers.get('date')).toBe('Mon, 02 Mar 2026 08:00:00 GMT');
});
