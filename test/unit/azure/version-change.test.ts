import type { GalleryImageVersion } from '@azure/arm-compute';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { versionFacts } from '../../../src/azure/gallery-facts.ts';
import { sendChange, updatedBody } from '../../../src/azure/version-change.ts';
import { type RegionChoice, sameRegion } from '../../../src/domain/regions.ts';
import { memoryOf, remembered } from '../../../src/domain/removed-regions.ts';
import {
  applied,
  holds,
  NO_CHANGE,
  type VersionChange,
} from '../../../src/domain/version-change.ts';
import { StaleFacts } from '../../../src/run/interruption.ts';
import { versionId } from '../worlds.ts';
import { answered } from './answers.ts';

const ID = versionId('1.0.0');
const NAMES = ['West Europe', 'North Europe', 'East US 2', 'UK South'] as const;

/** A version as the SDK gives it, every region with more than the action knows of. */
const found: fc.Arbitrary<GalleryImageVersion> = fc
  .record({
    names: fc.subarray([...NAMES], { minLength: 1 }),
    replicas: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 4 }),
    excluded: fc.boolean(),
    block: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ names, replicas, excluded, block }) => ({
    id: ID,
    location: 'westeurope',
    tags: { team: 'images' },
    provisioningState: 'Succeeded',
    publishingProfile: {
      replicaCount: 1,
      excludeFromLatest: excluded,
      replicationMode: 'Full',
      targetRegions: names.map((name, index) => ({
        name,
        regionalReplicaCount: replicas[index] ?? 1,
        storageAccountType: 'Premium_LRS',
        ...(index === 1 && { excludeFromLatest: true }),
        additionalReplicaSets: [{ storageAccountType: 'Standard_LRS', regionalReplicaCount: 2 }],
      })),
    },
    safetyProfile: {
      allowDeletionOfReplicatedLocations: false,
      ...(block !== undefined && { blockDeletionBeforeEndOfLife: block }),
    },
  }));

const compact = ['westeurope', 'northeurope', 'eastus2', 'uksouth'] as const;
const choice: fc.Arbitrary<RegionChoice> = fc.record(
  { name: fc.constantFrom(...compact), replicas: fc.integer({ min: 1, max: 9 }) },
  { requiredKeys: ['name'] },
);
const change: fc.Arbitrary<VersionChange> = fc.record(
  {
    regions: fc.uniqueArray(choice, { selector: ({ name }) => name }),
    remove: fc.constant([]),
    excludeFromLatest: fc.boolean(),
    endOfLife: fc.constant(new Date('2027-06-30T00:00:00Z')),
    blockDeletionBeforeEndOfLife: fc.boolean(),
    tags: fc.constantFrom({}, { stage: 'prod' }),
  },
  { requiredKeys: ['regions', 'remove', 'tags'] },
);

/** Azure takes it, and shows it. */
const taken = (before: GalleryImageVersion, body: GalleryImageVersion): GalleryImageVersion => ({
  ...before,
  ...body,
  publishingProfile: { ...before.publishingProfile, ...body.publishingProfile },
});

const facts = (version: GalleryImageVersion) => {
  const { tags: _, ...rest } = versionFacts(ID, version);
  return rest;
};
test('a region that tags remember and that is there is not removed', () => {
  const tags = { ...memoryOf({ name: 'westeurope' }), ...memoryOf({ name: 'eastus' }) };
  const publishingProfile = { targetRegions: [{ name: 'West Europe' }] };
  expect(facts({ location: 'westeurope', tags, publishingProfile }).removed).toEqual([
    { name: 'eastus', replicas: 1 },
  ]);
});

const names = (version: GalleryImageVersion) =>
  (version.publishingProfile?.targetRegions ?? []).map(({ name }) => name);

describe('what an update leaves as it was', () => {
  const version: GalleryImageVersion = {
    location: 'westeurope',
    publishingProfile: {
      targetRegions: [{ name: 'westeurope' }],
      storageAccountType: 'Standard_ZRS',
      storageAccountStrategy: 'PreferStandard_ZRS',
    },
    safetyProfile: { allowDeletionOfReplicatedLocations: true },
  };

  test('is whether regions may be removed', () => {
    const allowed = (found: GalleryImageVersion) =>
      updatedBody(found, NO_CHANGE).safetyProfile?.allowDeletionOfReplicatedLocations;
    expect(allowed(version)).toBe(true);
    expect(allowed({ ...version, safetyProfile: {} })).toBe(false);
  });

  test('is that they are not allowed to, after a change of ours that allowed it', () => {
    const removal = { ...NO_CHANGE, remove: ['eastus'] };
    const forbidden = { ...version, safetyProfile: {} };
    const forNow = taken(forbidden, updatedBody(forbidden, removal));
    expect(facts(forNow)).toMatchObject({ regionDeletion: 'for-now' });
    const renamed = { ...forNow, tags: { 'Golden-Image-Forbid-Region-Deletion': 'true' } };
    expect(facts(renamed)).toMatchObject({ regionDeletion: 'for-now' });
    expect(updatedBody(renamed, NO_CHANGE).tags).toEqual({});
    const back = taken(forNow, updatedBody(forNow, NO_CHANGE));
    expect(facts(back)).not.toHaveProperty('regionDeletion');
    expect(back.tags).toEqual({});
    const theirs = taken(version, updatedBody(version, removal));
    expect(facts(theirs)).toMatchObject({ regionDeletion: 'allowed' });
    expect(theirs.tags).toEqual({});
  });

  test('is fifty tags, which leave no room for one more', () => {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, tag) => [`t${tag}`, '']));
    const full = { ...version, safetyProfile: {}, tags };
    expect(updatedBody(full, { ...NO_CHANGE, remove: ['eastus'] }).tags).toEqual(tags);
  });

  test('is the storage strategy, which Azure takes without a type alone', () => {
    const { publishingProfile } = updatedBody(version, NO_CHANGE);
    expect(publishingProfile?.storageAccountStrategy).toBe('PreferStandard_ZRS');
    expect(publishingProfile).not.toHaveProperty('storageAccountType');
  });
});

describe('what is sent', () => {
  test('is what the plan reckoned with', () => {
    fc.assert(
      fc.property(found, change, fc.nat(), (before, asked, seed) => {
        const removeForNow = asideOf(before, seed);
        const wanted = {
          ...asked,
          regions: asked.regions.filter((region) => !removeForNow.some(same(region))),
          removeForNow,
        };
        const after = taken(before, updatedBody(before, wanted));
        const { tags: _, ...planned } = applied(versionFacts(ID, before), wanted);
        expect(facts(after)).toEqual(planned);
        expect(holds(versionFacts(ID, after), wanted)).toBe(true);
      }),
    );
  });

  test('brings back what was removed exactly as it was, whatever is changed in between', () => {
    fc.assert(
      fc.property(found, change, fc.nat(), (before, between, seed) => {
        const removeForNow = asideOf(before, seed);
        const bringBack = removeForNow.map(({ name }) => name);
        const untouched = {
          ...between,
          regions: between.regions.filter((region) => !removeForNow.some(same(region))),
        };
        const without = taken(before, updatedBody(before, { ...NO_CHANGE, removeForNow }));
        expect(
          names(without).some((name) => bringBack.some((each) => sameRegion(each, name))),
        ).toBe(false);
        const changed = taken(without, updatedBody(without, untouched));
        const back = taken(changed, updatedBody(changed, { ...NO_CHANGE, bringBack }));
        for (const { name, ...was } of before.publishingProfile?.targetRegions ?? [])
          if (bringBack.some((each) => sameRegion(each, name)))
            expect(back.publishingProfile?.targetRegions?.find(same({ name }))).toMatchObject(was);
        expect(remembered(back.tags ?? {})).toEqual([]);
        expect(names(back)).toHaveLength(new Set([...names(before), ...names(changed)]).size);
      }),
    );
  });
});

/** Some of the regions but the first, which is the home region. */
const asideOf = (version: GalleryImageVersion, seed: number) =>
  versionFacts(ID, version)
    .regions.slice(1)
    .filter((_, index) => (seed >> index) % 2 === 1);

const same =
  ({ name }: { readonly name: string }) =>
  (other: { readonly name: string }): boolean =>
    sameRegion(name, other.name);

describe('a change that sets regions aside', () => {
  const version = (replicas = 3, north = 'Failed'): GalleryImageVersion => ({
    location: 'westeurope',
    provisioningState: 'Failed',
    replicationStatus: {
      summary: [
        { region: 'West Europe', state: 'Completed', progress: 100 },
        { region: 'North Europe', state: north, progress: 0 },
      ],
    },
    publishingProfile: {
      targetRegions: [
        { name: 'West Europe', regionalReplicaCount: 1 },
        { name: 'North Europe', regionalReplicaCount: replicas },
      ],
    },
  });
  const removeForNow = [{ name: 'northeurope', replicas: 3 }];
  const incomplete = () =>
    answered(400, 'BadRequest', {}, 'Complete set of target locations not specified while …');

  /** Answers one after the other; what is put is kept. */
  const access = (reads: readonly GalleryImageVersion[], refusals = 0) => {
    const put: GalleryImageVersion[] = [];
    let looked = 0;
    return {
      put,
      read: async () => reads[Math.min(looked++, reads.length - 1)] ?? version(),
      write: async (body: GalleryImageVersion) => {
        put.push(body);
        if (put.length <= refusals) throw incomplete();
      },
    };
  };
  const send = ({ read, write }: ReturnType<typeof access>) =>
    sendChange(ID, { ...NO_CHANGE, removeForNow }, { read, put: write, lent: new Set() });
  const allowed = (bodies: readonly GalleryImageVersion[]) =>
    bodies.map(({ safetyProfile }) => safetyProfile?.allowDeletionOfReplicatedLocations);

  test('does not allow Azure to delete anything as long as it need not', async () => {
    const azure = access([version()]);
    await send(azure);
    expect(allowed(azure.put)).toEqual([false]);
  });

  test('allows it where Azure counts the failed region as replicated', async () => {
    const azure = access([version()], 1);
    await send(azure);
    expect(allowed(azure.put)).toEqual([false, true]);
  });

  test('is not sent when another writer has changed the region', async () => {
    const azure = access([version(9)]);
    await expect(send(azure)).rejects.toBeInstanceOf(StaleFacts);
    expect(azure.put).toEqual([]);
  });

  test('is not sent, let alone forced, once another writer has repaired the region', async () => {
    const repaired = version(3, 'Completed');
    for (const reads of [[repaired], [version(), repaired]]) {
      const azure = access(reads, 1);
      await expect(send(azure)).rejects.toBeInstanceOf(StaleFacts);
      expect(allowed(azure.put)).toEqual(Array(reads.length - 1).fill(false));
    }
  });

  test('is not forced when the refusal is because another writer has added a region', async () => {
    const more = version();
    more.publishingProfile?.targetRegions?.push({ name: 'UK South' });
    const azure = access([version(), more], 1);
    await expect(send(azure)).rejects.toThrow(/Complete set/);
    expect(allowed(azure.put)).toEqual([false]);
  });
});
