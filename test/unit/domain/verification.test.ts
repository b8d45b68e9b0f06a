import { describe, expect, test } from 'vitest';
import {
  isThrowAwayOf,
  madeOfTag,
  taggedThrowAway,
  throwAwayId,
  whereTag,
} from '../../../src/domain/throw-away.ts';
import {
  passedVerification,
  recordOf,
  recordTags,
  VERIFICATION_TAG,
  type Verification,
} from '../../../src/domain/verification.ts';
import { SUBSCRIPTION, VM_ID, version, versionId, vm } from '../worlds.ts';

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/tests`;
const ID = throwAwayId(versionId('1.0.0'), GROUP);

const came: Verification = {
  passed: true,
  boot: 31.4,
  agent: 12,
  script: 15,
  exitCode: 0,
  vmSize: 'Standard_D2s_v5',
  region: 'westeurope',
};

const made = version('1.0.0', 'Succeeded', {
  published: new Date('2026-11-01T00:00:00Z'),
  sourceId: VM_ID,
});

const recorded = (change: object = {}, script?: string, result = came) => ({
  ...made,
  tags: recordTags(made, script, result),
  ...change,
});

describe('the record', () => {
  test('is read as it was written, in whole seconds', () => {
    expect(passedVerification(recorded())).toEqual({ ...came, boot: 31 });
  });

  test('fits into a tag, also with the longest names', () => {
    const long = { ...came, vmSize: 'S'.repeat(64), region: 'r'.repeat(40), boot: 86_400 };
    const text = recordTags(made, 'x', { ...long, exitCode: -2_147_483_648 })[VERIFICATION_TAG];
    expect(text?.length).toBeLessThanOrEqual(256);
    expect(text).not.toMatch(/[<>%&\\?/]/);
  });

  test.each([
    ['of another version', { id: versionId('1.0.1') }],
    ['of the same number, made anew', { published: new Date('2026-11-02T00:00:00Z') }],
    ['of another source', { sourceId: `${VM_ID}-2` }],
    ['without its time', { published: undefined }],
  ])('does not hold for a version %s', (_, change) => {
    expect(recordOf(recorded(change))).toBeUndefined();
  });

  test.each(['', 'passed', 'passed yes', 'PASSED x -', 'passed '.repeat(40)])(
    '"%s" is none',
    (text) => expect(recordOf({ ...made, tags: { [VERIFICATION_TAG]: text } })).toBeUndefined(),
  );

  test('of a failure is no proof', () => {
    const failed = recorded({}, undefined, { ...came, passed: false, exitCode: 3 });
    expect(recordOf(failed)).toMatchObject({ passed: false, exitCode: 3 });
    expect(passedVerification(failed)).toBeUndefined();
  });

  test('holds for the script that passed, and where none is asked for', () => {
    expect(passedVerification(recorded({}, 'exit 0'))).toBeDefined();
    expect(passedVerification(recorded({}, 'exit 0'), 'exit 0')).toBeDefined();
    expect(passedVerification(recorded({}, 'exit 0'), 'test -e /x')).toBeUndefined();
    expect(passedVerification(recorded(), 'test -e /x')).toBeUndefined();
  });
});

describe('the throw-away VM', () => {
  const standing = vm({
    id: ID,
    name: ID.slice(ID.lastIndexOf('/') + 1),
    image: versionId('1.0.0'),
    tags: madeOfTag(versionId('1.0.0')),
  });

  test('has one name for each version, whatever the case of its ID', () => {
    expect(throwAwayId(versionId('1.0.0').toUpperCase(), GROUP)).toBe(ID);
    expect(throwAwayId(versionId('1.0.1'), GROUP)).not.toBe(ID);
    expect(standing.name).toMatch(/^verify-[0-9a-f]{16}$/);
  });

  test('is found again by the tag of its version', () => {
    expect(taggedThrowAway({ tags: whereTag(ID) })).toBe(ID);
    for (const text of ['', 'x/y/z', `${SUBSCRIPTION}/tests/build`, `${SUBSCRIPTION}/a/b/c`])
      expect(taggedThrowAway({ tags: { 'golden-image-verify-vm': text } })).toBeUndefined();
  });

  test.each([
    ['as it was made', {}, true],
    ['whose tag a policy removed', { tags: {} }, true],
    ['with the tag of another version', { tags: madeOfTag(versionId('2.0.0')) }, false],
    ['with a tag that a policy rewrote', { tags: { 'golden-image-verify-vm': 'none' } }, true],
    ['made of another version', { image: versionId('2.0.0') }, false],
    ['made of no image', { image: undefined }, false],
    ['of another name', { name: 'verify-0123456789abcdef' }, false],
  ])('%s', (_, change, is) => {
    expect(isThrowAwayOf(versionId('1.0.0'), { ...standing, ...(change as object) })).toBe(is);
  });
});

test('reads a record without what is no name', () => {
  const text = String(recorded().tags[VERIFICATION_TAG]);
  const hostile = text
    .replace(/size=\S+/, 'size=<img>`|')
    .replace(/region=\S+/, 'region=::error::');
  const read = recordOf({ ...made, tags: { [VERIFICATION_TAG]: hostile } });
  expect(read).toMatchObject({ passed: true, vmSize: '', region: '' });
});
