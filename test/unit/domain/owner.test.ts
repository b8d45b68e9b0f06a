import { describe, expect, it, test } from 'vitest';
import { byOwner, isOurs } from '../../../src/domain/claim.ts';
import {
  DEPROVISION_TAG,
  deprovisionedBy,
  deprovisionMark,
  deprovisionNonce,
  formatDeprovisionMark,
  snapshotsDigest,
} from '../../../src/domain/deprovision-mark.ts';
import {
  describeOwner,
  isOfOtherJob,
  JOB_TAG,
  OWNER_TAG,
  ownerKey,
  RUN_TAG,
  sameMachine,
} from '../../../src/domain/owner.ts';
import { LONGEST_TAG_VALUE } from '../../../src/domain/tags.ts';
import { VM_ID } from '../worlds.ts';

const owner = {
  repository: 'octo/images',
  runId: '42',
  operation: 'capture',
  source: VM_ID,
  sourceInstance: '22222222-2222-2222-2222-222222222222',
  definition: '/d',
  requestedVersion: 'auto',
};
const key = ownerKey(owner);

describe('the owner key', () => {
  test('is the same for the same work, however IDs are cased', () => {
    expect(ownerKey({ ...owner, source: VM_ID.toUpperCase() })).toBe(key);
  });

  it.each([
    ['repository', { repository: 'octo/other' }],
    ['run', { runId: '43' }],
    ['operation', { operation: 'promote' }],
    ['VM', { source: `${VM_ID}2` }],
    ['machine under the same name', { sourceInstance: 'another' }],
    ['definition', { definition: '/e' }],
    ['requested version', { requestedVersion: '1.2.3' }],
    ['parts that only look the same when joined', { runId: '4', operation: '2capture' }],
  ])('differs with another %s', (_, change) =>
    expect(ownerKey({ ...owner, ...change })).not.toBe(key),
  );

  test('fits into a tag, twice with a stage and a nonce', () => {
    const mark = formatDeprovisionMark({ stage: 'scheduled', owner: key, nonce: 'n'.repeat(64) });
    expect(mark.length).toBeLessThan(LONGEST_TAG_VALUE);
  });

  test('begins with the request’s, which does not need the machine', () => {
    const [asked] = ownerKey({ ...owner, sourceInstance: '' }).split('.');
    expect(key.startsWith(`${asked}.`)).toBe(true);
  });
});

describe('what another job made', () => {
  const tags = (run: string, job: string) => ({ [RUN_TAG]: run, [JOB_TAG]: job });
  const own = tags('/runs/1/attempts/2', 'verify');
  it.each([
    ['another run', tags('/runs/2/attempts/2', 'verify'), true],
    ['another job of this attempt', tags('/runs/1/attempts/2', 'other'), true],
    ['this job', own, false],
    [
      'another job of an earlier attempt, which has ended',
      tags('/runs/1/attempts/1', 'other'),
      false,
    ],
    ['this job in an earlier attempt', tags('/runs/1/attempts/1', 'verify'), false],
    ['somebody without a job', { [RUN_TAG]: own[RUN_TAG] }, false],
    ['nobody', {}, false],
  ])('%s', (_, made, is) => expect(isOfOtherJob(made, own)).toBe(is));
});

test('a resource is owned by the key in its tag, in any case of the tag’s name', () => {
  expect(isOurs(byOwner(key), { tags: { [OWNER_TAG.toUpperCase()]: key } })).toBe(true);
  expect(isOurs(byOwner(key), { tags: { [OWNER_TAG]: ownerKey({ ...owner, runId: '43' }) } })).toBe(
    false,
  );
  expect(isOurs(byOwner(key), { tags: {} })).toBe(false);
});

test('the same machine is recognised across runs, another machine is not', () => {
  const other = (change: Partial<typeof owner>) => ({
    [OWNER_TAG]: ownerKey({ ...owner, ...change }),
  });
  expect(sameMachine(key, other({ runId: '43', definition: '/e' }))).toBe(true);
  expect(sameMachine(key, other({ sourceInstance: 'another' }))).toBe(false);
  expect(sameMachine(key, {})).toBe(false);
});

it.each([
  [{ [RUN_TAG]: 'https://github.com/octo/images/actions/runs/7/attempts/1' }, /runs\/7/],
  [{ [OWNER_TAG]: key }, /another run of this action/],
  [{}, /an unknown run \(no tag/],
])('describes the owner of %j', (tags, words) => expect(describeOwner(tags)).toMatch(words));

describe('the deprovision mark', () => {
  it.each(['asked', 'scheduled', 'complete'] as const)('is read as it was written: %s', (stage) => {
    const mark = { stage, owner: key, nonce: '0a1b2c3d-4e5f' };
    const tags = { [DEPROVISION_TAG]: formatDeprovisionMark(mark) };
    expect(deprovisionMark(tags)).toEqual(mark);
    expect(deprovisionedBy(tags)).toBe(stage === 'asked' ? undefined : key);
  });

  it('tells snapshots from others of the same names, and tells nothing where Azure does not', () => {
    const snapshots = snapshotsDigest([{ id: '/s', published: new Date(0) }]);
    const mark = { stage: 'scheduled', owner: key, nonce: 'n', snapshots: `${snapshots}` } as const;
    expect(deprovisionMark({ [DEPROVISION_TAG]: formatDeprovisionMark(mark) })).toEqual(mark);
    const times = { ...mark, os: 'd', completed: new Date(1000), off: new Date(2000) };
    expect(deprovisionMark({ [DEPROVISION_TAG]: formatDeprovisionMark(times) })).toEqual(times);
    const { snapshots: _, ...none } = times;
    expect(deprovisionMark({ [DEPROVISION_TAG]: formatDeprovisionMark(none) })).toEqual(none);
    expect(snapshotsDigest([{ id: '/s', published: new Date(1000) }])).not.toBe(snapshots);
    expect(snapshotsDigest([{ id: '/s-b', published: new Date(0) }])).not.toBe(snapshots);
    const two = [
      { id: '/s', published: new Date(1000) },
      { id: '/a', published: new Date(0) },
    ] as const;
    expect(snapshotsDigest(two)).toBe(snapshotsDigest(two.toReversed()));
    expect(snapshotsDigest([{ id: '/s' }])).toBeUndefined();
    expect(snapshotsDigest([])).toBeUndefined();
  });

  it('carries the same nonce in every attempt of an owner, and another for another', () => {
    expect(deprovisionNonce(key)).toBe(deprovisionNonce(key));
    expect(deprovisionNonce(key)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}$/);
    expect(deprovisionNonce(key)).not.toBe(deprovisionNonce(ownerKey({ ...owner, runId: '43' })));
  });

  it.each(['', 'complete', `complete ${key}`, `done ${key} n`, ` complete ${key} n`])(
    'is none when the tag says %j',
    (text) => expect(deprovisionMark({ [DEPROVISION_TAG]: text })).toBeUndefined(),
  );
});
