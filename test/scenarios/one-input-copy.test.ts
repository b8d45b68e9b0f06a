/** A copy with one input given, by its name in action.yml: the rest is as in its source. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { type JsonObject, objectAt } from '../../local-azure/src/json.ts';
import { definition, gallery } from '../../local-azure/src/world-parts.ts';
import { writesAmong } from '../runner/control.ts';
import { fakeClock } from './harness.ts';
import {
  given,
  profileOf,
  region,
  regionsIn,
  type Stored,
  stored,
  world,
} from './whole-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('a promotion into another definition, with one input given besides,', () => {
  const place = (azure: LocalAzure) => ({
    subscriptionId: azure.subscriptionId,
    resourceGroup: 'images',
    location: 'westeurope',
  });

  /** What a copy has of its source, unless it is given. */
  const copied = (version: Stored) => ({
    regions: regionsIn(version).map(({ additionalReplicaSets: _, ...each }): JsonObject => each),
    excludeFromLatest: profileOf(version).excludeFromLatest,
    endOfLifeDate: profileOf(version).endOfLifeDate,
    replicationMode: profileOf(version).replicationMode,
    tags: Object.fromEntries(
      Object.entries(objectAt(version, 'tags')).filter(([tag]) => !tag.startsWith('golden-image-')),
    ),
  });
  type Copied = ReturnType<typeof copied>;

  const COPIES: Readonly<Record<string, readonly [string, (copy: Copied) => Partial<Copied>]>> = {
    'image-version': ['3.1.4', () => ({})],
    'replica-count': [
      '6',
      ({ regions }) => ({ regions: regions.map((each) => ({ ...each, regionalReplicaCount: 6 })) }),
    ],
    'target-regions': [
      'westeurope=8, uksouth',
      ({ regions: [home] }) => ({
        regions: [
          { ...home, regionalReplicaCount: 8 },
          region('UK South', { regionalReplicaCount: 1 }),
        ],
      }),
    ],
    'storage-account-type': [
      'Premium_LRS',
      ({ regions }) => ({
        regions: regions.map((each) => ({ ...each, storageAccountType: 'Premium_LRS' })),
      }),
    ],
    'exclude-from-latest': [
      'true',
      ({ regions }) => ({ regions: regions.map((each) => ({ ...each, excludeFromLatest: true })) }),
    ],
    'end-of-life': ['2027-06-30', () => ({ endOfLifeDate: '2027-06-30T00:00:00+00:00' })],
    'block-deletion-before-end-of-life': ['true', () => ({})],
    tags: ['stage=prod', ({ tags }) => ({ tags: { ...tags, stage: 'prod' } })],
    'repair-regions': ['true', () => ({})],
  };

  it.each(Object.entries(COPIES))('%s has the rest from its source', async (input, [value, of]) => {
    const azure = world(false);
    azure.world.put(gallery(place(azure), 'production'));
    azure.world.put(
      definition(place(azure), 'production', {
        name: 'ubuntu',
        osType: 'Linux',
        osState: 'Generalized',
        securityType: 'TrustedLaunch',
      }),
    );
    const source = stored(azure);
    const inputs = { gallery: 'production', 'image-definition': 'ubuntu', [input]: value };
    const run = await given(azure, inputs);
    expect(stored(azure)).toEqual(source);
    azure.settle();
    const copy = azure.world.get(run.heard.known?.version ?? '');
    if (!copy) throw new Error('There is no copy');
    expect(copy.name).toBe(input === 'image-version' ? value : '1.0.0');
    const wanted = copied(source);
    expect(copied(copy)).toEqual({ ...wanted, ...of(wanted) });
    azure.requests.clear();
    expect((await given(azure, inputs)).wrote).toBe(false);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });
});
