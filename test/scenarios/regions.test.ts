import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { type JsonObject, objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { OTHER_WAY } from '../../local-azure/src/unknowns.ts';
import { capture, definitionId, fakeClock, localAzure } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const TWO = [{ name: 'westeurope' }, { name: 'northeurope' }];
const THREE = [...TWO, { name: 'eastus2' }];

const versionId = (azure: LocalAzure) => `${definitionId(azure)}/versions/1.0.0`;

/** The version as it stands, with what is to come of it applied. */
async function profileOf(azure: LocalAzure): Promise<JsonObject> {
  await new Promise((done) => setTimeout(done, 3_600_000));
  azure.settle();
  return objectAt(azure.world.get(versionId(azure))?.properties, 'publishingProfile');
}

const names = (profile: JsonObject): unknown[] =>
  objectsAt(profile, 'targetRegions').map(({ name }) => name);

/** A network on which something happens right before the first request of a kind. */
function before(
  azure: LocalAzure,
  fits: (request: PipelineRequest) => boolean,
  happens: () => unknown,
): HttpClient {
  const way = inProcessHttpClient(azure);
  let happened = false;
  return {
    sendRequest: async (request) => {
      if (!happened && fits(request)) {
        happened = true;
        await happens();
      }
      return way.sendRequest(request);
    },
  };
}

const putsVersion = ({ method, url }: PipelineRequest): boolean =>
  method === 'PUT' && url.includes('/versions/');

/** Somebody else's PUT of the version, who has read it as everybody does. */
async function otherWriter(azure: LocalAzure, ...added: string[]): Promise<void> {
  azure.settle();
  const version = azure.world.get(versionId(azure));
  const { location, properties, tags } = version ?? { location: '', properties: {}, tags: {} };
  const profile = objectAt(properties, 'publishingProfile');
  const targetRegions = [
    ...objectsAt(profile, 'targetRegions'),
    ...added.map((name) => ({ name, regionalReplicaCount: 3 })),
  ];
  const { publishedDate: _, ...sent } = profile;
  const answer = await azure.fetch(
    new Request(`${azure.endpoint}${versionId(azure)}?api-version=2025-12-03`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${azure.accessToken()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        location,
        tags,
        properties: { storageProfile: {}, publishingProfile: { ...sent, targetRegions } },
      }),
    }),
  );
  expect(answer.status).toBeLessThan(300);
}

describe('an update of a version', () => {
  it('keeps what the action knows nothing of: replica sets, edge zones, encryption, exclusion', async () => {
    const azure = localAzure();
    await capture(azure, { request: { regions: TWO } });
    const profile = await profileOf(azure);
    const [home, north] = objectsAt(profile, 'targetRegions');
    if (!home || !north) throw new Error('There should be two regions');
    home.regionalReplicaCount = 7;
    home.excludeFromLatest = true;
    home.additionalReplicaSets = [{ storageAccountType: 'Premium_LRS', regionalReplicaCount: 2 }];
    const securityProfile = { confidentialVMEncryptionType: 'EncryptedWithPmk' };
    north.encryption = { osDiskImage: { securityProfile } };
    profile.targetExtendedLocations = [
      {
        name: 'westeurope',
        extendedLocation: { name: 'microsoftrotterdam', type: 'EdgeZone' },
        extendedLocationReplicaCount: 1,
      },
    ];
    const kept = structuredClone(profile);
    const { failure, heard } = await capture(azure, { request: { regions: THREE } });
    expect(failure).toBeUndefined();
    expect(heard.started).toEqual(['update', 'replicate']);
    const after = await profileOf(azure);
    expect(objectsAt(after, 'targetRegions').slice(0, 2)).toEqual(objectsAt(kept, 'targetRegions'));
    // Azure shows the region's display name there too.
    expect(objectsAt(after, 'targetExtendedLocations')).toMatchObject(
      objectsAt(kept, 'targetExtendedLocations').map(({ name: _, ...zone }) => zone),
    );
    expect(names(after)).toEqual(['West Europe', 'North Europe', 'East US 2']);
  });

  // A writer whose regions are not copied yet, where Azure queues updates: races.test.ts.
  it.each([
    ['refused while the other is at work', {}, 0],
    ['its list refused as stale', {}, 3600],
    ['its list refused as stale, where the rest is the other way round', OTHER_WAY, 3600],
  ])('that races with another writer loses neither’s regions: %s', async (_, unknowns, later) => {
    const azure = localAzure({ unknowns });
    await capture(azure, { request: { regions: TWO } });
    await profileOf(azure);
    const httpClient = before(azure, putsVersion, async () => {
      await otherWriter(azure, 'uksouth');
      await new Promise((done) => setTimeout(done, later * 1000));
    });
    const { failure } = await capture(azure, { request: { regions: THREE }, httpClient });
    expect(failure).toBeUndefined();
    const after = await profileOf(azure);
    expect(names(after).toSorted()).toEqual([
      'East US 2',
      'North Europe',
      'UK South',
      'West Europe',
    ]);
    const theirs = objectsAt(after, 'targetRegions').find(({ name }) => name === 'UK South');
    expect(theirs).toMatchObject({ regionalReplicaCount: 3 });
  });

  it('never allows Azure to delete a region', async () => {
    const azure = localAzure();
    await capture(azure, { request: { regions: TWO } });
    await capture(azure, { request: { regions: THREE } });
    const puts = azure.requests
      .all()
      .filter(({ method, path }) => method === 'PUT' && path.includes('/versions/'))
      .map(({ body }) => objectAt(body, 'properties', 'safetyProfile'));
    expect(puts.map((profile) => profile.allowDeletionOfReplicatedLocations)).toEqual([
      false,
      false,
    ]);
  });
});
