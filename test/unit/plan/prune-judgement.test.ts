import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageVersion, VersionState } from '../../../src/domain/observed.ts';
import type { PruneRequest } from '../../../src/domain/request.ts';
import {
  judgeVersions,
  type PruneFacts,
  type Reason,
  whyKept,
} from '../../../src/plan/prune-judgement.ts';

const NOW = new Date('2026-11-22T09:00:00Z');
const DAY_MS = 24 * 3600 * 1000;
const DEFINITION =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/ubuntu';

const asked: PruneRequest = {
  operation: 'prune',
  definition: DEFINITION,
  keepVersions: 1,
  olderThan: { amount: 90, unit: 'd' },
  usageSubscriptions: [],
  maxDeletions: 50,
  keepTags: [{ name: 'keep' }, { name: 'stage', value: 'prod' }],
};

type Change = Partial<ImageVersion> & { readonly days?: number };

/** A version of 400 days, complete in one region, that nothing protects beside a newer one. */
function version(name: string, { days = 400, ...change }: Change = {}): ImageVersion {
  return {
    id: `${DEFINITION}/versions/${name}`,
    name,
    location: 'westeurope',
    provisioningState: 'Succeeded',
    excludeFromLatest: false,
    deletionBlocked: false,
    regions: [{ name: 'westeurope', replicas: 1 }],
    tags: {},
    published: new Date(NOW.getTime() - days * DAY_MS),
    ...change,
  };
}

const newest = version('9.0.0', { days: 1 });
const facts = (change: Partial<PruneFacts> = {}): PruneFacts => ({
  now: NOW,
  versions: [],
  uses: [],
  copies: [],
  locks: [],
  ...change,
});

/** What becomes of a version beside the newest one. */
function verdictOn(
  subject: ImageVersion,
  change: Partial<PruneFacts> = {},
  request: Partial<PruneRequest> = {},
) {
  const { versions = [] } = change;
  const all = facts({ ...change, versions: [subject, newest, ...versions] });
  const found = judgeVersions({ ...asked, ...request }, all).find(
    (each) => each.version.name === subject.name,
  );
  return [found?.decision, found?.reason];
}

const lock = (scope: string) => ({ name: 'stay', level: 'CanNotDelete', scope });
const [group = ''] = DEFINITION.split('/providers/');
const [gallery = ''] = DEFINITION.split('/images/ubuntu');
const replicated = (state: 'Completed' | 'Failed') => ({
  replication: [{ region: 'westeurope', state, progress: 50 }],
});
const failed = (state: 'Completed' | 'Failed', days: number) =>
  version('1.0.0', { days, provisioningState: 'Failed', ...replicated(state) });
const ephemeral = (days: number, change: Change = {}) =>
  version('0.0.7', {
    days,
    excludeFromLatest: true,
    tags: { 'golden-image-owner': 'a.b' },
    ...change,
  });

type Row = readonly [
  title: string,
  subject: ImageVersion,
  change: Partial<PruneFacts>,
  decision: 'keep' | 'delete',
  reason: Reason,
  request?: Partial<PruneRequest>,
];

const old = version('1.0.0');
const TABLE: readonly Row[] = [
  ['old, and needed by nobody', old, {}, 'delete', 'older-than'],
  ['excluded, and old', version('1.0.0', { excludeFromLatest: true }), {}, 'delete', 'older-than'],
  ['younger', version('1.0.0', { days: 89 }), {}, 'keep', 'younger'],
  ['as old as asked', version('1.0.0', { days: 90 }), {}, 'delete', 'older-than'],
  [
    'six months',
    version('1.0.0', { days: 170 }),
    {},
    'keep',
    'younger',
    { olderThan: { amount: 6, unit: 'mo' } },
  ],
  [
    'without a date',
    { ...old, published: undefined } as unknown as ImageVersion,
    {},
    'keep',
    'unknown-date',
  ],
  ...(['Creating', 'Updating', 'Deleting', 'Migrating'] satisfies VersionState[]).map(
    (state): Row => [
      state,
      version('1.0.0', { provisioningState: state, excludeFromLatest: true }),
      {},
      'keep',
      'in-flight',
    ],
  ),
  [
    '`latest` of one region',
    version('1.0.0', {
      regions: [
        { name: 'westeurope', replicas: 1 },
        { name: 'uksouth', replicas: 1 },
      ],
    }),
    {},
    'keep',
    'latest',
  ],
  [
    '`latest` of a region that alone is not excluded',
    version('1.0.0', {
      excludeFromLatest: true,
      regions: [{ name: 'uksouth', replicas: 1, excludeFromLatest: false }],
    }),
    {},
    'keep',
    'latest',
  ],
  [
    '`latest` where the newest is not complete yet',
    old,
    { versions: [version('8.0.0', { days: 1, ...replicated('Failed') })] },
    'delete',
    'older-than',
  ],
  ['one of the newest', old, {}, 'keep', 'keep-versions', { keepVersions: 2 }],
  [
    'beside excluded, failed and ephemeral ones, which do not count',
    old,
    {
      versions: [
        version('2.0.0', { excludeFromLatest: true }),
        version('3.0.0', { provisioningState: 'Failed', ...replicated('Failed') }),
        ephemeral(0),
      ],
    },
    'keep',
    'keep-versions',
    { keepVersions: 2 },
  ],
  [
    'blocked until its end of life',
    version('1.0.0', { deletionBlocked: true, endOfLife: new Date('2027-01-01') }),
    {},
    'keep',
    'end-of-life',
  ],
  [
    'blocked without an end',
    version('1.0.0', { deletionBlocked: true }),
    {},
    'keep',
    'end-of-life',
  ],
  [
    'blocked until it ended',
    version('1.0.0', { deletionBlocked: true, endOfLife: new Date('2026-01-01') }),
    {},
    'delete',
    'older-than',
  ],
  ['in use', old, { uses: [{ by: '/vm', how: 'vm', version: '1.0.0' }] }, 'keep', 'in-use'],
  ['perhaps in use', old, { uses: [{ by: '/vm', how: 'instance' }] }, 'keep', 'in-use'],
  [
    'not the one in use',
    old,
    { uses: [{ by: '/vm', how: 'vm', version: '9.0.0' }] },
    'delete',
    'older-than',
  ],
  [
    'being copied',
    old,
    {
      copies: [version('5.0.0', { provisioningState: 'Creating', sourceId: old.id.toUpperCase() })],
    },
    'keep',
    'copied',
  ],
  [
    'the source of a Shallow copy',
    old,
    { copies: [version('5.0.0', { replicationMode: 'Shallow', sourceId: old.id })] },
    'keep',
    'copied',
  ],
  [
    'the source of a copy that is complete',
    old,
    { copies: [version('5.0.0', { sourceId: old.id })] },
    'delete',
    'older-than',
  ],
  ...[
    old.id,
    DEFINITION,
    gallery,
    group,
    '/subscriptions/11111111-2222-4333-8444-555555555555',
  ].map((scope): Row => [`locked by ${scope}`, old, { locks: [lock(scope)] }, 'keep', 'locked']),
  ['another one locked', old, { locks: [lock(newest.id)] }, 'delete', 'older-than'],
  ['tagged by name', version('1.0.0', { tags: { Keep: 'x' } }), {}, 'keep', 'keep-tags'],
  ['tagged by value', version('1.0.0', { tags: { stage: 'prod' } }), {}, 'keep', 'keep-tags'],
  ['tagged otherwise', version('1.0.0', { tags: { stage: 'dev' } }), {}, 'delete', 'older-than'],
  ['failed everywhere for 8 days', failed('Failed', 8), {}, 'delete', 'failed'],
  ['failed everywhere for 6 days', failed('Failed', 6), {}, 'keep', 'younger'],
  [
    'failed, complete in one region, young',
    { ...failed('Completed', 8), excludeFromLatest: true },
    {},
    'keep',
    'younger',
  ],
  [
    'failed, complete in one region, old',
    { ...failed('Completed', 100), excludeFromLatest: true },
    {},
    'delete',
    'older-than',
  ],
  [
    'failed, and nobody looked where',
    version('1.0.0', { provisioningState: 'Failed' }),
    {},
    'keep',
    'not-read',
  ],
  ['ephemeral for two days', ephemeral(2), {}, 'delete', 'ephemeral'],
  ['ephemeral for an hour', ephemeral(0.04), {}, 'keep', 'younger'],
  ['0.0.N of somebody else', ephemeral(2, { tags: {} }), {}, 'keep', 'younger'],
  [
    '0.0.N that may be `latest`, which does not count',
    version('0.0.7'),
    { versions: [version('1.0.0')] },
    'delete',
    'older-than',
    { keepVersions: 3 },
  ],
  [
    'failed, and what `latest` may mean where it is complete',
    version('1.0.0', {
      provisioningState: 'Failed',
      regions: [{ name: 'uksouth', replicas: 1 }],
      replication: [{ region: 'uksouth', state: 'Completed', progress: 100 }],
    }),
    {},
    'keep',
    'latest',
  ],
  [
    'the source of a copy that migrates',
    old,
    { copies: [version('5.0.0', { provisioningState: 'Migrating', sourceId: old.id })] },
    'keep',
    'copied',
  ],
  ['beyond the most', old, {}, 'keep', 'max-deletions', { maxDeletions: 0 }],
];

describe('a version', () => {
  for (const [title, subject, change, decision, reason, request] of TABLE)
    it(`${title}: ${decision}, ${reason}`, () => {
      expect(verdictOn(subject, change, request)).toEqual([decision, reason]);
    });

  it('stays as `latest` where a newer one is not complete', () => {
    const lagging = version('9.9.0', { days: 1, ...replicated('Failed') });
    const all = facts({ versions: [version('1.0.0'), lagging] });
    expect(judgeVersions(asked, all).map(({ reason }) => reason)).toEqual(['latest', 'latest']);
  });

  it('stays when it is another one, or in use, right before its deletion', () => {
    expect(whyKept(asked, old, old, facts())).toBeUndefined();
    const changes: readonly [Change, Reason][] = [
      [{ days: 399 }, 'changed'],
      [{ excludeFromLatest: true }, 'changed'],
      [{ provisioningState: 'Updating' }, 'in-flight'],
      [{ tags: { keep: '' } }, 'keep-tags'],
    ];
    for (const [change, reason] of changes)
      expect(whyKept(asked, old, version('1.0.0', change), facts())).toMatchObject({ reason });
    const uses = [{ by: '/vm', how: 'vm', version: '1.0.0' } as const];
    expect(whyKept(asked, old, old, facts({ uses }))).toMatchObject({ reason: 'in-use' });
  });
});

/* Anything at all: few numbers, regions and days, so that reasons meet. */
const region = fc.record(
  {
    name: fc.constantFrom('westeurope', 'uksouth', 'eastus2'),
    replicas: fc.constant(1),
    excludeFromLatest: fc.boolean(),
  },
  { requiredKeys: ['name', 'replicas'] },
);
const anyVersion = fc
  .record({
    name: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3)).map((parts) => parts.join('.')),
    days: fc.nat(200),
    dated: fc.boolean(),
    provisioningState: fc.constantFrom<VersionState>(
      'Succeeded',
      'Succeeded',
      'Failed',
      'Updating',
      'Creating',
      'Deleting',
    ),
    excludeFromLatest: fc.boolean(),
    deletionBlocked: fc.boolean(),
    endOfLife: fc.option(fc.constantFrom(new Date('2025-01-01'), new Date('2027-01-01')), {
      nil: undefined,
    }),
    regions: fc.uniqueArray(region, { maxLength: 3, selector: ({ name }) => name }),
    tags: fc.constantFrom({}, { keep: 'x' }, { 'golden-image-owner': 'a.b' }),
    complete: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ name, days, dated, complete, endOfLife, ...rest }) => {
    const made = version(name, { days, ...rest });
    const replication = made.regions.map((each) => ({
      region: each.name,
      state: complete ? ('Completed' as const) : ('Failed' as const),
      progress: 100,
    }));
    const { published, ...undated } = made;
    return {
      ...(dated ? made : undated),
      ...(published && dated && { published }),
      ...(endOfLife && { endOfLife }),
      ...(complete !== undefined && { replication }),
    } as ImageVersion;
  });

const world = fc
  .uniqueArray(anyVersion, { maxLength: 12, selector: ({ name }) => name })
  .chain((versions) => {
    const one = fc.constantFrom(...versions.map(({ name }) => name), '7.7.7');
    return fc.record({
      versions: fc.constant(versions),
      uses: fc.array(
        fc.record({ by: fc.constant('/vm'), how: fc.constant('vm' as const), version: one }),
        { maxLength: 2 },
      ),
      copies: fc.array(
        fc.tuple(one, fc.boolean()).map(([name, shallow]) =>
          version('5.0.0', {
            sourceId: `${DEFINITION}/versions/${name}`,
            ...(shallow
              ? { replicationMode: 'Shallow' as const }
              : { provisioningState: 'Creating' as const }),
          }),
        ),
        { maxLength: 2 },
      ),
      locks: fc.array(
        one.map((name) => lock(`${DEFINITION}/versions/${name}`)),
        { maxLength: 2 },
      ),
      keepVersions: fc.integer({ min: 1, max: 4 }),
      maxDeletions: fc.integer({ min: 1, max: 5 }),
    });
  });

const numberOf = (name: string) => name.split('.').map(Number);
const isHigher = (a: string, b: string): boolean => {
  const [x, y] = [numberOf(a), numberOf(b)];
  const at = x.findIndex((part, index) => part !== y[index]);
  return at >= 0 && (x[at] ?? 0) > (y[at] ?? 0);
};

/** Said once more, in the plainest way: whether a version is in `latest` of a region by its settings. */
const isIn = (version: ImageVersion, name: string): boolean =>
  version.regions.some(
    (each) => each.name === name && !(each.excludeFromLatest ?? version.excludeFromLatest),
  );

describe('nothing that any reason protects is ever in a plan', () => {
  it('whatever there is', () => {
    fc.assert(
      fc.property(world, ({ versions, uses, copies, locks, keepVersions, maxDeletions }) => {
        const request = { ...asked, keepVersions, maxDeletions };
        const judged = judgeVersions(request, facts({ versions, uses, copies, locks }));
        const gone = judged.filter(({ decision }) => decision === 'delete');
        expect(judged).toHaveLength(versions.length);
        expect(gone.length).toBeLessThanOrEqual(maxDeletions);
        for (const { version: one, reason } of gone) {
          const days = (NOW.getTime() - (one.published?.getTime() ?? NOW.getTime())) / DAY_MS;
          expect(['Succeeded', 'Failed']).toContain(one.provisioningState);
          expect(days).toBeGreaterThan(1);
          if (reason === 'older-than') expect(days).toBeGreaterThanOrEqual(90);
          if (reason === 'failed') {
            expect(days).toBeGreaterThan(7);
            expect(one.replication?.some(({ state }) => state === 'Completed')).toBe(false);
          }
          if (one.provisioningState === 'Failed') expect(one.replication).toBeDefined();
          expect(one.deletionBlocked && !(one.endOfLife && one.endOfLife <= NOW)).toBe(false);
          expect(uses.some((use) => use.version === one.name)).toBe(false);
          expect(copies.some(({ sourceId }) => sourceId === one.id)).toBe(false);
          expect(locks.some(({ scope }) => scope === one.id)).toBe(false);
          expect(one.tags).not.toHaveProperty('keep');
          const higher = versions.filter(({ name }) => isHigher(name, one.name));
          const counted = (each: ImageVersion) =>
            each.provisioningState === 'Succeeded' &&
            !each.name.startsWith('0.0.') &&
            (each.regions.length === 0
              ? !each.excludeFromLatest
              : each.regions.some(({ name }) => isIn(each, name)));
          if (counted(one))
            expect(higher.filter(counted).length).toBeGreaterThanOrEqual(keepVersions);
          for (const { name } of one.provisioningState === 'Succeeded' ? one.regions : [])
            if (isIn(one, name))
              expect(
                higher.some((each) => each.provisioningState === 'Succeeded' && isIn(each, name)),
              ).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
