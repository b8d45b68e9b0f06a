import type { HttpClient } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { PromoteRequest, WaitFor } from '../../src/domain/request.ts';
import type { LocalAzure } from '../azure/azure.ts';
import { inProcessHttpClient } from '../azure/in-process.ts';
import { type JsonObject, objectAt, objectsAt } from '../azure/json.ts';
import { DEFAULT_UNKNOWNS, OTHER_WAY, type Unknowns } from '../azure/unknowns.ts';
import { fakeClock, localAzure, promote } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';

const WAYS = [
  ['refuses updates of a busy version', DEFAULT_UNKNOWNS],
  ['queues them', OTHER_WAY],
] as const;
const WAITS: readonly WaitFor[] = ['replicated', 'home', 'none'];

const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Version 1.0.0, complete in these regions. */
function released(unknowns: Unknowns, ...names: string[]): LocalAzure {
  const azure = localAzure({ unknowns });
  putVersion(
    azure,
    names.map((name) => ({ name })),
  );
  return azure;
}

/** The version once Azure has nothing left to do. */
async function ended(azure: LocalAzure): Promise<{ regions: unknown[]; tags: JsonObject }> {
  await wait(3 * 3600);
  azure.settle();
  const version = azure.world.get(storedVersionId(azure));
  return {
    regions: objectsAt(version?.properties, 'publishingProfile', 'targetRegions')
      .map(({ name }) => name)
      .toSorted(),
    tags: objectAt(version, 'tags'),
  };
}

/** A network that is slow: each request takes so long to arrive, each answer to come back. */
function slow(azure: LocalAzure, seconds: readonly number[]): HttpClient {
  const way = inProcessHttpClient(azure);
  let next = 0;
  const lag = () => wait(seconds[next++ % seconds.length] ?? 0);
  return {
    sendRequest: async (request) => {
      await lag();
      const answer = await way.sendRequest(request);
      await lag();
      return answer;
    },
  };
}

describe.each(WAYS)('where Azure %s, two promotions at once', (_, unknowns) => {
  const lags = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 23 });
  const waits = fc.constantFrom(...WAITS);

  test('have both what they want in the end, however their requests fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        lags,
        lags,
        waits,
        waits,
        fc.nat({ max: 90 }),
        async (a, b, w1, w2, later) => {
          using _clock = fakeClock();
          const azure = released(unknowns, 'West Europe');
          const run = async (
            name: string,
            tag: string,
            lag: readonly number[],
            waitFor: WaitFor,
          ) => {
            const asked = { regions: [{ name }], tags: { [tag]: 'yes' }, waitFor };
            return promote(azure, asked, { runId: tag, httpClient: slow(azure, lag) });
          };
          const [one, two] = await Promise.all([
            run('eastus2', 'one', a, w1),
            wait(later).then(() => run('northeurope', 'two', b, w2)),
          ]);
          expect([one.failure, two.failure]).toEqual([undefined, undefined]);
          const { regions, tags } = await ended(azure);
          expect(regions).toEqual(['East US 2', 'North Europe', 'West Europe']);
          expect(tags).toMatchObject({ one: 'yes', two: 'yes' });
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});

/** What somebody else does to the version, who reads it, thinks, and writes it as a whole. */
interface Writer {
  read(): void;
  write(): Promise<number>;
}

function otherWriter(azure: LocalAzure, change: (regions: JsonObject[]) => JsonObject[]): Writer {
  let known: JsonObject = {};
  return {
    read: () => {
      azure.settle();
      known = structuredClone(azure.world.get(storedVersionId(azure)) ?? {}) as JsonObject;
    },
    write: async () => {
      const { publishedDate: _, ...profile } = objectAt(known, 'properties', 'publishingProfile');
      const targetRegions = change(objectsAt(profile, 'targetRegions'));
      const goes = targetRegions.length < objectsAt(profile, 'targetRegions').length;
      const answer = await azure.fetch(
        new Request(`${azure.endpoint}${storedVersionId(azure)}?api-version=2025-12-03`, {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${azure.accessToken()}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            location: known.location,
            tags: known.tags,
            properties: {
              storageProfile: {},
              publishingProfile: { ...profile, targetRegions },
              safetyProfile: { allowDeletionOfReplicatedLocations: goes },
            },
          }),
        }),
      );
      return answer.status;
    },
  };
}

/** A run during which somebody else reads before the so-maniest request for the version, and writes before another. */
async function disturbed(
  azure: LocalAzure,
  asked: Partial<PromoteRequest>,
  writer: Writer,
  { reads, writes }: { readonly reads: number; readonly writes: number },
) {
  const way = inProcessHttpClient(azure);
  const seen: string[] = [];
  let status = 0;
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      if (new URL(request.url).pathname === storedVersionId(azure)) {
        if (seen.length === reads) writer.read();
        if (seen.length === writes) status = await writer.write();
        seen.push(request.method);
      }
      return way.sendRequest(request);
    },
  };
  const run = await promote(azure, asked, { httpClient });
  return { run, seen, status };
}

/** Requests for the version that are worth coming before: all the first ones, the rest are alike. */
const FIRST = 9;
const MOMENTS = Array.from({ length: FIRST }, (_, reads) =>
  Array.from({ length: FIRST - reads }, (__, more) => ({ reads, writes: reads + more })),
).flat();

const adds = (regions: JsonObject[]) => [...regions, { name: 'UK South', regionalReplicaCount: 2 }];
const removes = (regions: JsonObject[]) => regions.filter(({ name }) => name !== 'North Europe');

describe.each(WAYS)('where Azure %s, a writer of another kind', (way, unknowns) => {
  it.each(WAITS)(
    'that adds a region at any moment of a promotion loses none of ours, nor we theirs but in one: wait-for %s',
    async (waitFor) => {
      for (const moment of MOMENTS) {
        using _clock = fakeClock();
        const azure = released(unknowns, 'West Europe');
        const asked = { regions: [{ name: 'eastus2' }], waitFor };
        const { run, seen, status } = await disturbed(
          azure,
          asked,
          otherWriter(azure, adds),
          moment,
        );
        expect(run.failure).toBeUndefined();
        const { regions } = await ended(azure);
        const at = `${way}, ${JSON.stringify(moment)}: ${regions.join()}`;
        expect(regions, at).toContain('East US 2');
        // What is accepted between our look and our change, and not copied yet, nobody can see.
        const isOverwritten = way === 'queues them' && seen[moment.writes] === 'PUT';
        if (status > 0 && status < 300 && !isOverwritten) expect(regions, at).toContain('UK South');
      }
    },
    120_000,
  );

  it('that removes a region at any moment of a promotion is obeyed, or it is told', async () => {
    for (const moment of MOMENTS) {
      using _clock = fakeClock();
      const azure = released(unknowns, 'West Europe', 'North Europe');
      const asked = { endOfLife: new Date('2027-06-30T00:00:00Z') };
      const { run, status } = await disturbed(azure, asked, otherWriter(azure, removes), moment);
      expect(run.failure).toBeUndefined();
      const { regions } = await ended(azure);
      const told = run.heard.warnings.join();
      const at = `${way}, ${JSON.stringify(moment)}: ${regions.join()}; ${told}`;
      if (status < 300 && status > 0 && regions.includes('North Europe'))
        expect(told, at).toContain('northeurope');
      const version = azure.world.get(storedVersionId(azure));
      expect(objectAt(version?.properties, 'publishingProfile').endOfLifeDate, at).toContain(
        '2027',
      );
    }
  }, 120_000);
});
