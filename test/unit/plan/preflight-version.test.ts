import { describe, expect, it, test } from 'vitest';
import { OWNER_TAG, SOURCE_TAG } from '../../../src/domain/owner.ts';
import { OTHER_OWNER, otherRun, ownTags, VM_ID, version, versionId, vm } from '../worlds.ts';
import { type Case, findingsOf, rulesBroken } from './judging.ts';

const exactly = {
  version: { choose: 'exactly', number: { major: 1, minor: 2, patch: 3 } },
  requestedVersion: '1.2.3',
} as const;
const next = (part: 'major' | 'minor' | 'patch') => ({
  version: { choose: 'next', part } as const,
});
const sealed = vm({ power: 'deallocated', generalized: true });

describe('breaks just this rule', () => {
  it.each<[string, string, Case]>([
    [
      'version-taken',
      'by nobody known',
      { asked: exactly, seen: { versions: [version('1.2.3')] } },
    ],
    [
      'version-taken',
      'by another run',
      { asked: exactly, seen: { versions: [version('1.2.3', 'Creating', { tags: otherRun() })] } },
    ],
    [
      'version-failed',
      'by another request of this run',
      { asked: exactly, seen: { versions: [version('1.2.3', 'Failed', { tags: ownTags() })] } },
    ],
    ['version-soft-deleted', 'in the bin', { asked: exactly, seen: { softDeleted: ['1.2.3'] } }],
    ['version-exhausted', 'no next', { seen: { versions: [version('1.0.2147483647')] } }],
    [
      'vm-captured-before',
      'by another run',
      { seen: { vm: sealed, versions: [version('1.0.0', 'Succeeded', { tags: otherRun() })] } },
    ],
    [
      'vm-captured-before',
      'by another run that is at it',
      { seen: { vm: sealed, versions: [version('1.0.0', 'Creating', { tags: otherRun() })] } },
    ],
    ['replicas-for-latest', 'two', { asked: { replicas: 2 } }],
    [
      'replicas-for-latest',
      'two in a region',
      { asked: { regions: [{ name: 'eastus', replicas: 2 }] } },
    ],
  ])('%s: %s', (rule, _, facts) => expect(rulesBroken(facts)).toEqual([rule]));
});

describe('passes every rule', () => {
  it.each<[string, Case]>([
    ['another number', { asked: exactly, seen: { versions: [version('1.2.2')] } }],
    [
      'this run’s own version of that number',
      {
        asked: exactly,
        seen: { versions: [version('1.2.3', 'Succeeded', { tags: ownTags(exactly) })] },
      },
    ],
    [
      'a number below one that is being deleted',
      { asked: exactly, seen: { versions: [version('1.10.0', 'Deleting')] } },
    ],
    ['another number in the bin', { asked: exactly, seen: { softDeleted: ['1.2.4'] } }],
    ['a number in the bin, and the next', { seen: { softDeleted: ['1.2.3'] } }],
    ['the last number there is', { seen: { versions: [version('1.0.2147483646')] } }],
    [
      'another part where one is exhausted',
      { asked: next('minor'), seen: { versions: [version('1.0.2147483647')] } },
    ],
    [
      'a generalized VM whose version failed in another run',
      { seen: { vm: sealed, versions: [version('1.0.0', 'Failed', { tags: otherRun() })] } },
    ],
    [
      'a generalized VM under the name of another one',
      {
        seen: { vm: sealed, versions: [version('1.0.0', 'Succeeded', { tags: otherRun('old') })] },
      },
    ],
    [
      'a running VM, captured before as a specialized one may be',
      { seen: { versions: [version('1.0.0', 'Succeeded', { tags: otherRun() })] } },
    ],
    ['three replicas', {}],
    ['one replica, out of latest', { asked: { replicas: 1, excludeFromLatest: true } }],
  ])('%s', (_, facts) => expect(rulesBroken(facts)).toEqual([]));
});

test('a taken number names who took it', () => {
  const versions = [version('1.2.3', 'Succeeded', { tags: otherRun() })];
  const [taken] = findingsOf({ asked: exactly, seen: { versions } });
  expect(taken?.message).toMatch(/1\.2\.3.*runs\/7/);
  expect(taken?.remedy).toMatch(/auto/);
});

test('a VM that was captured before names its version, which can be used', () => {
  const versions = [version('1.0.0', 'Succeeded', { tags: otherRun() })];
  const [before] = findingsOf({ seen: { vm: sealed, versions } });
  expect(before?.remedy).toContain(versionId('1.0.0'));
});

test('a VM whose ID is longer than a tag is recognised too', () => {
  const long = `${VM_ID}${'x'.repeat(200)}`;
  const tags = { ...otherRun(), [SOURCE_TAG]: long.slice(0, 256) };
  const versions = [version('1.0.0', 'Succeeded', { tags })];
  const facts = { asked: { vm: long }, seen: { vm: sealed, versions } };
  expect(rulesBroken(facts)).toEqual(['vm-captured-before']);
});

test('a machine of another run altogether is not known from its owner tag', () => {
  const versions = [
    version('1.0.0', 'Succeeded', { tags: { [OWNER_TAG]: OTHER_OWNER, [SOURCE_TAG]: VM_ID } }),
  ];
  expect(rulesBroken({ seen: { vm: sealed, versions } })).toEqual([]);
});
