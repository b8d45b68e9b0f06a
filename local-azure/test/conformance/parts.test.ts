import { describe, expect, it } from 'vitest';
import { compareBodies } from '../../src/conformance/compare.ts';
import { fitted } from '../../src/conformance/durations.ts';
import { Aliases, masked } from '../../src/conformance/mask.ts';
import { targetOf } from '../../src/conformance/resource-path.ts';

const guid = (digit: string) => `${digit.repeat(8)}-1111-4111-8111-111111111111`;

describe('what is masked', () => {
  it.each([
    [`/operations/${guid('a')}`, '/operations/<guid>'],
    ['2025-01-07T05:56:46.4648477+00:00', '<time>'],
    ['vm1_OsDisk_1_5cb9727d60504e1d8932ff1ee8f8a292', 'vm1_OsDisk_1_<hex>'],
    [`${guid('a')}-GALLERY_K6DU4`, '<guid>-<GALLERY>'],
    ['/resourceGroups/CLITEST.RGX/providers/x', '/resourceGroups/<GROUP>/providers/x'],
    ['https://md-1.blob.core.windows.net/a?sv=1&sig=secret', '<signed url>'],
  ])('%s', (text, expected) => expect(masked(text)).toBe(expected));

  it('is learnt, so that later requests reach the counterpart', () => {
    const aliases = new Aliases();
    aliases.learn(
      `disks/os_${'a'.repeat(32)} ${guid('a')}`,
      `disks/os_${'b'.repeat(32)} ${guid('b')}`,
    );
    expect(aliases.applied(`/disks/os_${'a'.repeat(32)}`)).toBe(`/disks/os_${'b'.repeat(32)}`);
    expect(aliases.applied(`/operations/${guid('a')}`)).toBe(`/operations/${guid('b')}`);
  });
});

describe('a recorded duration', () => {
  it.each([
    ['lies between what was seen', { exact: 5, moreThan: 1, atMost: 10 }, 5],
    ['is moved past what was still unfinished', { exact: 1, moreThan: 2, atMost: 10 }, 2.005],
    ['is moved before what was finished', { exact: 3, moreThan: 0, atMost: 2 }, 1.995],
    ['is the usual one when none was told', { exact: undefined, moreThan: 0, atMost: 900 }, 428],
  ])('%s', (_, recorded, expected) => expect(fitted(recorded, 428)).toBeCloseTo(expected));
});

describe('bodies', () => {
  const differences = (recorded: unknown, local: unknown) =>
    compareBodies(recorded, local, new Aliases()).map(({ kind, where }) => `${kind} ${where}`);

  it('compare in the order of their regions but not of their members', () => {
    expect(differences({ a: [1, 2], b: 1 }, { b: 1, a: [1, 2] })).toEqual([]);
    expect(differences({ a: ['x', 'y'] }, { a: ['y', 'x'] })).toEqual(['value a[0]', 'value a[1]']);
  });

  it('compare in the case of their names and values', () => {
    expect(differences({ Name: 'a' }, { name: 'a' })).toEqual(['missing Name', 'extra name']);
    expect(differences({ name: 'West US' }, { name: 'west us' })).toEqual(['value name']);
  });
});

describe('a path', () => {
  const group = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute';
  it.each([
    ['GET', `${group}/galleries/a/images/b`, { type: 'Microsoft.Compute/galleries/images' }],
    [
      'POST',
      `${group}/disks/d/beginGetAccess`,
      { id: `${group}/disks/d`, action: 'beginGetAccess' },
    ],
    ['GET', `${group}/disks`, { type: 'Microsoft.Compute/disks', isCollection: true }],
    [
      'GET',
      '/subscriptions/s/providers/Microsoft.Compute/locations/westus/capsOperations/ABC',
      { operation: 'abc' },
    ],
  ])('%s %s', (method, path, expected) => expect(targetOf(method, path)).toMatchObject(expected));
});
