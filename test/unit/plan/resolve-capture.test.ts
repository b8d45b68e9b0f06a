import { describe, expect, it, test } from 'vitest';
import { OWNER_TAG, ownerKey, SOURCE_TAG } from '../../../src/domain/owner.ts';
import type { CaptureRequest } from '../../../src/domain/request.ts';
import { nameOf } from '../../../src/domain/resource-id.ts';
import { LONGEST_TAG_VALUE, MOST_TAGS, tagProblem } from '../../../src/domain/tags.ts';
import { TAGS_LEFT } from '../../../src/github/inputs/rows/version.ts';
import { planOutput, reportedTarget } from '../../../src/plan/reported.ts';
import { ownVersion, resolveCapture } from '../../../src/plan/resolve-capture.ts';
import {
  DEFINITION_ID,
  dataDisk,
  inventory,
  origin,
  ownerOfRequest,
  ownTags,
  request,
  target,
  VM_ID,
  version,
  versionId,
  vm,
} from '../worlds.ts';

test('pins the version, the home region and the owner', () => {
  expect(target()).toMatchObject({
    version: versionId('1.0.0'),
    location: 'westeurope',
    owner: ownerOfRequest(),
    osState: 'Generalized',
    regions: [{ name: 'westeurope', replicas: 1 }],
    snapshots: [],
  });
});

describe('the version number', () => {
  it.each<[string, Partial<CaptureRequest>, string[], string[], string]>([
    ['counts up the highest, whatever its state', {}, ['1.9.0', '1.10.0'], [], '1.10.1'],
    ['counts the deleted ones that the gallery keeps', {}, ['1.0.0'], ['1.0.7'], '1.0.8'],
    ['passes over names that are no numbers', {}, ['1.0.0', 'latest'], [], '1.0.1'],
    ['is the one asked for, even if it is taken', exactly('2.0.0'), ['2.0.0'], [], '2.0.0'],
    ['is the time', { version: { choose: 'date' } }, ['3000.0.0'], [], '2026.1122.93005'],
  ])('%s', (_, asked, taken, softDeleted, number) => {
    const versions = taken.map((name, index) => version(name, index % 2 ? 'Failed' : 'Succeeded'));
    expect(nameOf(target(asked, { versions, softDeleted }).version)).toBe(number);
  });

  test('is none when there is no next one', () => {
    const seen = inventory({ versions: [version('1.0.2147483647')] });
    expect(resolveCapture(request(), origin(), seen)).toBeUndefined();
  });
});

function exactly(number: string): Partial<CaptureRequest> {
  const [major = 0, minor = 0, patch = 0] = number.split('.').map(Number);
  return {
    version: { choose: 'exactly', number: { major, minor, patch } },
    requestedVersion: number,
  };
}

it.each([
  ['VM', { vm: undefined }],
  ['definition', { definition: undefined }],
])('resolves to nothing without the %s', (_, lack) => {
  expect(resolveCapture(request(), origin(), inventory(lack))).toBeUndefined();
});

describe('a version that this run has made already', () => {
  const mine = version('1.4.0', 'Succeeded', { tags: ownTags() });
  const versions = [version('1.5.0'), mine, version('1.3.0')];
  const own = (seen = inventory({ versions }), from = origin(), asked = request()) =>
    ownVersion(asked, from, seen)?.name;

  test('is the target again, not the next number', () => {
    expect(nameOf(target({}, { versions }).version)).toBe('1.4.0');
  });

  test('is found in whatever state while the VM is there', () => {
    const failed = { ...mine, provisioningState: 'Failed' as const };
    expect(own(inventory({ versions: [failed] }))).toBe('1.4.0');
  });

  test('is found by its tags when a later step has deleted the VM, if it is finished', () => {
    expect(own(inventory({ vm: undefined, versions }))).toBe('1.4.0');
    const seen = inventory({ vm: undefined, versions });
    expect(resolveCapture(request(), origin(), seen)).toMatchObject({
      version: versionId('1.4.0'),
      location: 'westeurope',
      owner: ownTags()[OWNER_TAG],
    });
    const failed = { ...mine, provisioningState: 'Failed' as const };
    expect(own(inventory({ vm: undefined, versions: [failed] }))).toBeUndefined();
  });

  test('is found whatever the case of its tag’s name', () => {
    const shouting = { ...mine, tags: { [OWNER_TAG.toUpperCase()]: ownerOfRequest() } };
    expect(own(inventory({ versions: [shouting] }))).toBe('1.4.0');
    expect(own(inventory({ vm: undefined, versions: [shouting] }))).toBe('1.4.0');
  });

  it.each([
    ['another run', origin({ runId: '43' }), request(), vm()],
    ['another repository', origin({ repository: 'octo/other' }), request(), vm()],
    ['another requested version', origin(), request({ requestedVersion: 'minor' }), vm()],
    ['another machine under the VM’s name', origin(), request(), vm({ vmId: 'another' })],
  ])('is not one of %s', (_, from, asked, machine) => {
    expect(own(inventory({ vm: machine, versions }), from, asked)).toBeUndefined();
  });
});

describe('snapshots', () => {
  const longest = vm({ name: `build-${'x'.repeat(58)}`, dataDisks: [dataDisk(63), dataDisk(0)] });
  const withData = inventory({ vm: vm({ dataDisks: [dataDisk(0), dataDisk(63)] }) });
  const ids = target({ snapshot: true }, { vm: longest }).snapshots;

  test('are one for each managed disk, OS disk first, then by LUN', () => {
    expect(ids.map(({ disk }) => nameOf(disk))).toEqual([
      'build-os',
      'build-data0',
      'build-data63',
    ]);
    const unmanaged = vm({ osDisk: { name: 'vhd', ephemeral: false } });
    expect(target({ snapshot: true }, { vm: unmanaged }).snapshots).toEqual([]);
  });

  test('have names that Azure takes, each its own, the same on every attempt', () => {
    const names = ids.map(({ snapshot }) => nameOf(snapshot));
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][\w.-]{0,78}\w$/);
    expect(new Set(names).size).toBe(names.length);
    expect(target({ snapshot: true }, { vm: longest }).snapshots).toEqual(ids);
  });

  test('of another machine, or for another run, have other names', () => {
    const other = vm({ ...longest, vmId: '33333333-2222-2222-2222-222222222222' });
    const names = new Set(ids.map(({ snapshot }) => snapshot));
    for (const { snapshot } of target({ snapshot: true }, { vm: other }).snapshots)
      expect(names).not.toContain(snapshot);
  });

  test('are found again when a later step has deleted the VM, whichever name they have', () => {
    const snapshotsOf = (suffix: string) =>
      (
        resolveCapture(request({ snapshot: true }), origin(), withData, suffix)?.snapshots ?? []
      ).map(({ snapshot: id, disk: sourceId }) => ({
        id,
        sourceId,
        tags: ownTags(),
        incremental: true,
      }));
    const versions = [version('1.4.0', 'Succeeded', { tags: ownTags() })];
    const found = (...suffixes: string[]) => {
      const snapshotsBeside = suffixes.flatMap(snapshotsOf).toReversed();
      return target({ snapshot: true }, { vm: undefined, versions, snapshotsBeside }).snapshots;
    };
    const names = (suffix: string) => snapshotsOf(suffix).map(({ id }) => id);
    expect(names('-b')).toHaveLength(3);
    for (const last of ['', '-b', '-c'])
      expect(found(last).map(({ snapshot }) => snapshot)).toEqual(names(last));
    expect(found('', '-b').map(({ snapshot }) => snapshot)).toEqual(names('-b'));
  });
});

describe('tags', () => {
  test('hold the user’s, the provenance and the owner', () => {
    expect(target({ tags: { team: 'images' } }).tags).toEqual({
      team: 'images',
      ...origin().provenance,
      [SOURCE_TAG]: VM_ID,
      [OWNER_TAG]: ownerOfRequest(),
    });
  });

  test('stay within Azure’s limits when the user fills what is left', () => {
    const many = Object.fromEntries(Array.from({ length: TAGS_LEFT }, (_, at) => [`t${at}`, 'x']));
    const provenance = Object.fromEntries(
      ['repository', 'commit', 'ref', 'workflow', 'job', 'actor', 'pull-request', 'run'].map(
        (name) => [`golden-image-${name}`, 'long '.repeat(100)],
      ),
    );
    const resolved = resolveCapture(request({ tags: many }), origin({ provenance }), inventory());
    const tags = Object.entries(resolved?.tags ?? {});
    expect(tags.length).toBeLessThanOrEqual(MOST_TAGS);
    for (const [name, value] of tags) {
      expect(value.length).toBeLessThanOrEqual(LONGEST_TAG_VALUE);
      expect(tagProblem(name.replace('golden-image', 'own'), value)).toBeUndefined();
    }
  });
});

test('the plan’s target tells what a reader asks first', () => {
  const subject = reportedTarget(target({ snapshot: true }));
  expect(planOutput('capture', subject, [], []).target).toMatchObject({
    vm: VM_ID,
    imageVersionId: `${DEFINITION_ID}/versions/1.0.0`,
    imageVersion: '1.0.0',
    location: 'westeurope',
    regions: [{ name: 'westeurope', replicas: 1 }],
    snapshots: [expect.stringContaining('/snapshots/build-os-')],
  });
});

test('the owner is made of the machine, not of its name alone', () => {
  expect(ownerOfRequest()).toBe(
    ownerKey({
      repository: 'octo/images',
      runId: '42',
      operation: 'capture',
      source: VM_ID,
      sourceInstance: vm().vmId,
      definition: DEFINITION_ID,
      requestedVersion: 'auto',
    }),
  );
});
