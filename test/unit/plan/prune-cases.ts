/** What a prune makes of a version, for each reason to delete or to keep it. */
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import type { PruneRequest } from '../../../src/domain/request.ts';
import type { PruneFacts, Reason } from '../../../src/plan/prune.ts';
import { type Change, DEFINITION, lock, newest, version } from './prune-judging.ts';

const [group = ''] = DEFINITION.split('/providers/');
const [gallery = ''] = DEFINITION.split('/images/ubuntu');
export const replicated = (state: 'Completed' | 'Failed') => ({
  replication: [{ region: 'westeurope', state, progress: 50 }],
});
const failed = (state: 'Completed' | 'Failed', days: number) =>
  version('1.0.0', { days, provisioningState: 'Failed', ...replicated(state) });
const ephemeral = (days: number, change: Change = {}) =>
  version('0.0.1763800000', {
    days,
    excludeFromLatest: true,
    replicationMode: 'Shallow',
    tags: { 'golden-image-owner': 'a.b' },
    ...change,
  });

/** A version, what stands beside it, and what becomes of it. */
type Row = readonly [
  title: string,
  subject: ImageVersion,
  change: Partial<PruneFacts>,
  decision: 'keep' | 'delete',
  reason: Reason,
  request?: Partial<PruneRequest>,
];

/** A version that nothing protects. */
export const old = version('1.0.0');

export const CASES: readonly Row[] = [
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
  ...(
    ['Creating', 'Updating', 'Deleting', 'Migrating'] satisfies ImageVersion['provisioningState'][]
  ).map(
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
  ['tagged by value in capitals', { ...old, tags: { stage: 'Prod' } }, {}, 'keep', 'keep-tags'],
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
  ['0.0.N that was released', ephemeral(2, { replicationMode: 'Full' }), {}, 'keep', 'younger'],
  ['0.0.N of somebody else', ephemeral(2, { tags: {} }), {}, 'keep', 'younger'],
  ['Shallow 0.0.N that somebody chose', { ...ephemeral(2), name: '0.0.7' }, {}, 'keep', 'younger'],
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
