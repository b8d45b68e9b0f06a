import type { HttpClient } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { type JsonObject, objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { DEFAULT_UNKNOWNS, OTHER_WAY, type Unknowns } from '../../local-azure/src/unknowns.ts';
import type { PromoteRequest, WaitFor } from '../../src/domain/request.ts';
import { slice, times } from '../runner/slice.ts';
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
function slow(
  azure: LocalAzure,
  seconds: readonly number[],
  sends: (request: number) => void = () => undefined,
): HttpClient {
  const way = inProcessHttpClient(azure);
  let next = 0;
  let sent = 0;
  const lag = () => wait(seconds[next++ % seconds.length] ?? 0);
  return {
    sendRequest: async (request) => {
      sends(sent++);
      await lag();
      const answer = await way.sendRequest(request);
      await lag();
      return answer;
    },
  };
}

describe.each(WAYS)('where Azure %s, two promotions at once', (_, unknowns) => {
  const lagsUpTo = (most: number) =>
    fc.array(fc.integer({ min: 0, max: most }), { minLength: 1, maxLength: 23 });
  // Often one is over while the other still takes what it has read for what is there.
  const situations = fc.record({
    lags: fc.tuple(fc.oneof(lagsUpTo(8), lagsUpTo(25)), fc.oneof(lagsUpTo(0), lagsUpTo(8))),
    waits: fc.tuple(fc.constantFrom(...WAITS), fc.constantFrom(...WAITS)),
    /** The request of the first one with which the second one begins. */
    begins: fc.nat({ max: 12 }),
  });

  test('have both what they want in the end, however their requests fall', async () => {
    await fc.assert(
      fc.asyncProperty(situations, async ({ lags, waits, begins }) => {
        using _clock = fakeClock();
        const azure = released(unknowns, 'West Europe');
        const second = Promise.withResolvers<void>();
        const [one, two] = await Promise.all([
          promote(
            azure,
            { regions: [{ name: 'eastus2' }], tags: { one: 'yes' }, waitFor: waits[0] },
            {
              runId: 'one',
              httpClient: slow(azure, lags[0], (n) => n === begins && second.resolve()),
            },
          ).finally(second.resolve),
          second.promise.then(() =>
            promote(
              azure,
              { regions: [{ name: 'northeurope' }], tags: { two: 'yes' }, waitFor: waits[1] },
              { runId: 'two', httpClient: slow(azure, lags[1]) },
            ),
          ),
        ]);
        expect([one.failure, two.failure]).toEqual([undefined, undefined]);
        const { regions, tags } = await ended(azure);
        expect(regions).toEqual(['East US 2', 'North Europe', 'West Europe']);
        expect(tags).toMatchObject({ one: 'yes', two: 'yes' });
      }),
      { numRuns: times(6, 40) },
    );
  });
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

/** When somebody else reads and writes. */
interface Moment {
  /** Before which of the run's requests for the version they read; the first is 0. */
  readonly reads: number;
  /** Before which they write, when that is what counts. */
  readonly writes?: number;
  /** Seconds they think before they write, whether the run is still there or not. */
  readonly thinks?: number;
}

/** A run beside which somebody else is at work. */
async function disturbed(
  azure: LocalAzure,
  asked: Partial<PromoteRequest>,
  writer: Writer,
  { reads, writes, thinks }: Moment,
) {
  const way = inProcessHttpClient(azure);
  const seen: string[] = [];
  let written: Promise<number> | undefined;
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      if (new URL(request.url).pathname === storedVersionId(azure)) {
        if (seen.length === reads) {
          writer.read();
          if (thinks !== undefined) written = wait(thinks).then(writer.write);
        }
        if (seen.length === writes) {
          written = writer.write();
          await written;
        }
        seen.push(request.method);
      }
      return way.sendRequest(request);
    },
  };
  const run = await promote(azure, asked, { httpClient });
  const status = (await written) ?? 0;
  return { run, isWritten: status > 0 && status < 300, isUnseen: seen[writes ?? -1] === 'PUT' };
}

/** Requests for the version that are worth coming before: all the first ones, the rest are alike. */
const FIRST = 8;
const MOMENTS: readonly Moment[] = Array.from({ length: FIRST }, (_, reads) => [
  ...Array.from({ length: FIRST - reads }, (__, more) => ({ reads, writes: reads + more })),
  ...[1, 60].map((thinks) => ({ reads, thinks })),
]).flat();

const adds = (regions: JsonObject[]) => [...regions, { name: 'UK South', regionalReplicaCount: 2 }];
const removes = (regions: JsonObject[]) => regions.filter(({ name }) => name !== 'North Europe');

describe.each(WAYS)('where Azure %s, a writer of another kind', (way, unknowns) => {
  // Three quarters of the moments, one for each `wait-for`; a removal is tried at the fourth, below.
  it.each(WAITS.map((waitFor, quarter) => [waitFor, quarter] as const))(
    'that adds a region at any moment of a promotion loses us nothing, nor we them but at one: wait-for %s',
    async (waitFor, quarter) => {
      for (const moment of slice(MOMENTS, 4, quarter)) {
        using _clock = fakeClock();
        const azure = released(unknowns, 'West Europe');
        const asked = { regions: [{ name: 'eastus2' }], waitFor };
        const { run, isWritten, isUnseen } = await disturbed(
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
        const isLost = way === 'queues them' && isUnseen;
        if (isWritten) expect(regions.includes('UK South'), at).toBe(!isLost);
      }
    },
    120_000,
  );

  it('that removes a region at any moment of a promotion is obeyed, or it is told', async () => {
    for (const moment of slice(MOMENTS, 4, 3)) {
      using _clock = fakeClock();
      const azure = released(unknowns, 'West Europe', 'North Europe');
      const asked = { endOfLife: new Date('2027-06-30T00:00:00Z') };
      const { run, isWritten } = await disturbed(azure, asked, otherWriter(azure, removes), moment);
      expect(run.failure).toBeUndefined();
      const { regions } = await ended(azure);
      const told = run.heard.warnings.join();
      const at = `${way}, ${JSON.stringify(moment)}: ${regions.join()}; ${told}`;
      if (isWritten && regions.includes('North Europe')) expect(told, at).toContain('northeurope');
      const version = azure.world.get(storedVersionId(azure));
      expect(objectAt(version?.properties, 'publishingProfile').endOfLifeDate, at).toContain(
        '2027',
      );
    }
  });
});
