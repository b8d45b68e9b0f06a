import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { objectAt, objectsAt } from '../../local-azure/src/json.ts';
import type { PromoteRequest } from '../../src/domain/request.ts';
import { writesAmong } from '../runner/control.ts';
import { fakeClock, promote, type Run } from './harness.ts';
import { DESTINATION, devAndProduction, inDev, stored } from './promotion.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** Whether Azure may delete the regions of version 1.0.0. */
const allowsDeletion = (azure: LocalAzure) =>
  objectAt(stored(azure, inDev(azure)).properties, 'safetyProfile')
    .allowDeletionOfReplicatedLocations;

async function well(run: Promise<Run>): Promise<Run> {
  const done = await run;
  if (done.failure) throw done.failure;
  return done;
}

describe('a copy into the gallery of another subscription', () => {
  it('has the source’s number, regions, replicas, exclusion and tags, and tells where it is from', async () => {
    const azure = await devAndProduction({
      regions: [{ name: 'northeurope', replicas: 3, storageAccountType: 'Premium_LRS' }],
    });
    const run = await well(promote(azure, { destination: DESTINATION }));
    expect(run.heard.started).toEqual(['publish', 'replicate']);
    const copy = stored(azure, `${DESTINATION}/versions/1.0.0`);
    const source = stored(azure, inDev(azure));
    expect(copy.properties.publishingProfile).toMatchObject({
      targetRegions: objectsAt(source.properties, 'publishingProfile', 'targetRegions'),
      excludeFromLatest: true,
    });
    expect(objectAt(copy.properties, 'storageProfile', 'source')).toMatchObject({
      id: inDev(azure),
    });
    expect(copy.tags).toMatchObject({ team: 'images', 'golden-image-source': inDev(azure) });
  });

  it('enters `latest` last, in every region at once', async () => {
    const azure = await devAndProduction();
    const seen: unknown[] = [];
    const run = await well(
      promote(azure, {
        destination: DESTINATION,
        regions: [{ name: 'westeurope' }, { name: 'eastus2' }],
        excludeFromLatest: false,
      }),
    );
    for (const { method, path, body } of azure.requests.all())
      if (method === 'PUT' && path.includes('/versions/'))
        seen.push(objectAt(body, 'properties', 'publishingProfile').excludeFromLatest);
    expect(seen).toEqual([true, false]);
    expect(run.heard.started).toEqual(['publish', 'replicate', 'update', 'replicate']);
    expect(run.heard.latestBefore).toEqual({ westeurope: null, eastus2: null });
    expect(run.heard.latestAfter).toEqual({ westeurope: '1.0.0', eastus2: '1.0.0' });
  });

  it('repeated by any run does nothing, with not one write', async () => {
    const azure = await devAndProduction();
    const asked = { destination: DESTINATION, excludeFromLatest: false } as const;
    await well(promote(azure, asked, { runId: 'first' }));
    for (const runId of ['first', 'second']) {
      azure.requests.clear();
      const again = await well(promote(azure, asked, { runId }));
      expect(again.wrote).toBe(false);
      expect(writesAmong(azure.requests.all())).toEqual([]);
    }
  });

  it.each<[string, Partial<PromoteRequest>, string]>([
    ['a number that is taken', {}, 'version-taken'],
    [
      'a definition that is not there',
      { destination: `${DESTINATION}-none` },
      'copy-definition-missing',
    ],
    ['regions without the source', { regions: [{ name: 'eastus2' }] }, 'copy-home-region'],
  ])('is refused beforehand: %s', async (_, asked, rule) => {
    const azure = await devAndProduction();
    if (rule === 'version-taken') {
      const other = stored(azure, inDev(azure));
      azure.world.put({ ...other, id: `${DESTINATION}/versions/1.0.0`, name: '1.0.0' });
    }
    const run = await promote(azure, { destination: DESTINATION, ...asked });
    expect(run.failure?.kind).toBe('refused');
    expect(run.heard.findings.map((finding) => finding.rule)).toContain(rule);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });
});

describe('a change where the version is', () => {
  it('adds regions, and enters `latest` only once they are complete', async () => {
    const azure = await devAndProduction();
    const run = await well(
      promote(azure, { regions: [{ name: 'eastus2', replicas: 2 }], excludeFromLatest: false }),
    );
    expect(run.heard.started).toEqual(['update', 'replicate', 'update', 'replicate']);
    const puts = azure.requests
      .all()
      .filter(({ method }) => method === 'PUT')
      .map(({ body }) => objectAt(body, 'properties', 'publishingProfile'));
    expect(puts.map((profile) => profile.excludeFromLatest)).toEqual([true, false]);
    expect(puts.map((profile) => objectsAt(profile, 'targetRegions').at(-1))).toMatchObject([
      { name: 'eastus2', excludeFromLatest: true },
      { name: 'East US 2', excludeFromLatest: false },
    ]);
    expect(run.heard.latestAfter).toEqual({ westeurope: '1.0.0', eastus2: '1.0.0' });
  });

  it('goes on where a killed attempt stopped, and ends the same', async () => {
    const azure = await devAndProduction();
    const asked = { regions: [{ name: 'eastus2' }], excludeFromLatest: false };
    const end = new AbortController();
    setTimeout(() => end.abort(new Error('killed')), 100_000);
    const killed = await promote(azure, asked, { signal: end.signal });
    expect(killed.failure).toBeDefined();
    await well(promote(azure, asked, { runId: 'other' }));
    const profile = objectAt(stored(azure, inDev(azure)).properties, 'publishingProfile');
    expect(profile).toMatchObject({ excludeFromLatest: false });
    expect(objectsAt(profile, 'targetRegions').map(({ name }) => name)).toEqual([
      'West Europe',
      'East US 2',
    ]);
  });

  it('takes a bad version out of `latest`, but not the only one unless that is allowed', async () => {
    const azure = await devAndProduction({ excludeFromLatest: false });
    const refused = await promote(azure, { excludeFromLatest: true });
    expect(refused.heard.findings).toMatchObject([{ rule: 'latest-none', severity: 'error' }]);
    expect(refused.heard.latestAfter).toBeUndefined();
    expect(writesAmong(azure.requests.all())).toEqual([]);
    const run = await well(promote(azure, { excludeFromLatest: true, allowNoLatest: true }));
    expect(run.heard.latestBefore).toEqual({ westeurope: '1.0.0' });
    expect(run.heard.latestAfter).toEqual({ westeurope: null });
  });

  it('warns when two runs at once take the last two versions out of `latest`', async () => {
    const azure = await devAndProduction({ excludeFromLatest: false });
    const of = () => stored(azure, inDev(azure));
    const id = of().id.replace(/[^/]+$/, '0.9.0');
    azure.world.put({ ...structuredClone(of()), id, name: '0.9.0' });
    const taken = setInterval(() => {
      const { excludeFromLatest } = objectAt(of().properties, 'publishingProfile');
      if (excludeFromLatest === true) azure.world.delete(id);
    }, 1000);
    const run = await well(promote(azure, { excludeFromLatest: true }));
    clearInterval(taken);
    expect(run.heard.latestAfter).toEqual({ westeurope: null });
    expect(run.heard.warnings.join()).toMatch(/Nothing is `latest` any more in `westeurope`/);
  });

  it.each(['none', 'home'] as const)(
    'does not miss a `latest` that there never was: with `wait-for: %s`',
    async (waitFor) => {
      const azure = await devAndProduction();
      const asked = { regions: [{ name: 'eastus2' }], excludeFromLatest: false, waitFor };
      const { heard } = await well(promote(azure, asked));
      expect(heard.latestAfter).toEqual({ westeurope: null, eastus2: null });
      expect(heard.warnings).toEqual([]);
    },
  );

  it('removes regions only when that is allowed', async () => {
    const azure = await devAndProduction({
      regions: [{ name: 'westeurope' }, { name: 'northeurope' }],
    });
    const asked = { regionChanges: 'replace', regions: [{ name: 'westeurope' }] } as const;
    const refused = await promote(azure, asked);
    expect(refused.heard.findings).toMatchObject([{ rule: 'region-removal' }]);
    const run = await well(promote(azure, { ...asked, allowRegionRemoval: true }));
    const profile = objectAt(stored(azure, inDev(azure)).properties, 'publishingProfile');
    expect(objectsAt(profile, 'targetRegions').map(({ name }) => name)).toEqual(['West Europe']);
    expect(run.heard.started).toContain('update');
    expect(allowsDeletion(azure)).toBe(false);
  });

  it('forbids the deletion of regions again also when the run that removed some was killed', async () => {
    const azure = await devAndProduction({
      regions: [{ name: 'westeurope' }, { name: 'northeurope' }],
    });
    const asked = { regionChanges: 'replace', regions: [{ name: 'westeurope' }] } as const;
    const removal = { ...asked, allowRegionRemoval: true };
    const match = { method: 'PUT', path: '**/versions/*' };
    azure.faults.add({ match, after: 1, times: 99, fate: { status: 403 } });
    expect((await promote(azure, removal)).failure).toBeDefined();
    expect(allowsDeletion(azure)).toBe(true);
    azure.faults.clear();
    await well(promote(azure, removal));
    expect(allowsDeletion(azure)).toBe(false);
    expect(Object.keys(stored(azure, inDev(azure)).tags ?? {})).not.toContain(
      'golden-image-forbid-region-deletion',
    );
  });

  it('by two runs at once: the regions of both are there at the end', async () => {
    const azure = await devAndProduction();
    const [one, two] = await Promise.all([
      promote(azure, { regions: [{ name: 'eastus2' }] }, { runId: 'one' }),
      promote(azure, { regions: [{ name: 'northeurope' }] }, { runId: 'two' }),
    ]);
    expect([one.failure, two.failure]).toEqual([undefined, undefined]);
    const profile = objectAt(stored(azure, inDev(azure)).properties, 'publishingProfile');
    expect(
      objectsAt(profile, 'targetRegions')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['East US 2', 'North Europe', 'West Europe']);
  });

  it('enters `latest` although another write is in hand when it begins', async () => {
    const azure = await devAndProduction();
    const other = promote(azure, { regions: [{ name: 'northeurope' }] }, { runId: 'other' });
    await new Promise((done) => setTimeout(done, 60_000));
    const asked = { regions: [{ name: 'eastus2' }], excludeFromLatest: false };
    const run = await well(promote(azure, asked, { runId: 'late' }));
    await well(other);
    expect(run.heard.started[0]).toBe('replicate');
    expect(run.heard.latestAfter).toMatchObject({ westeurope: '1.0.0', eastus2: '1.0.0' });
  });

  it('with `wait-for: home` leaves what comes last undone, says so, and does it when run again', async () => {
    const azure = await devAndProduction();
    const asked = {
      regions: [{ name: 'eastus2' }],
      excludeFromLatest: false,
      waitFor: 'home',
    } as const;
    const first = await well(promote(azure, asked));
    expect(first.heard.findings.map(({ rule }) => rule)).toContain('last-waits');
    expect(first.heard.latestAfter).toEqual({ westeurope: null, eastus2: null });
    await new Promise((done) => setTimeout(done, 3 * 3600_000));
    const again = await well(promote(azure, asked));
    expect(again.heard.latestAfter).toEqual({ westeurope: '1.0.0', eastus2: '1.0.0' });
  });

  it('notices a region that another writer removed between our look and our change', async () => {
    const azure = await devAndProduction({
      regions: [{ name: 'westeurope' }, { name: 'northeurope' }],
    });
    const id = inDev(azure);
    let looks = 0;
    const run = promote(
      {
        ...azure,
        fetch: async (request: Request) => {
          const response = await azure.fetch(request);
          const isLook = request.method === 'GET' && new URL(request.url).pathname === id;
          // The third look is the one that the change is laid over.
          if (isLook && ++looks === 4) removeNorth(azure, id);
          return response;
        },
      } as LocalAzure,
      { endOfLife: new Date('2027-06-30T00:00:00Z') },
    );
    const { heard } = await well(run);
    expect(heard.warnings.join()).toContain('northeurope');
  });
});

function removeNorth(azure: LocalAzure, id: string): void {
  const version = azure.world.get(id);
  const profile = objectAt(version?.properties, 'publishingProfile');
  const status = objectAt(version?.properties, 'replicationStatus');
  profile.targetRegions = objectsAt(profile, 'targetRegions').slice(0, 1);
  status.summary = objectsAt(status, 'summary').slice(0, 1);
}
