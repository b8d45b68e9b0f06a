import { describe, expect, it, test } from 'vitest';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import type { State } from '../../../src/domain/observed.ts';
import type { RegionReplication } from '../../../src/domain/replication.ts';
import type { CaptureRequest } from '../../../src/domain/request.ts';
import type { Vm } from '../../../src/domain/vm.ts';
import { isTaken, planCapture } from '../../../src/plan/capture.ts';
import {
  dataDisk,
  definition,
  GROUP,
  marked,
  OTHER_OWNER,
  ownTags,
  region,
  target,
  version,
  vm,
} from '../worlds.ts';

const kinds = (
  seen: Partial<State>,
  asked: Partial<CaptureRequest> = {},
  osState: 'Generalized' | 'Specialized' = 'Generalized',
): string => {
  const observed = {
    vm: undefined,
    version: undefined,
    snapshots: [],
    temporaries: [],
    attached: [],
    expired: [],
    ...seen,
  };
  const wanted = target(asked, { definition: definition({ osState }) });
  return planCapture(wanted, observed)
    .map((step) => step.do)
    .join(' ');
};

const PUBLISH = 'publish replicate';
const SEAL = `generalize ${PUBLISH}`;

const complete = { tags: marked('complete') };
const scheduled = { tags: marked('scheduled') };
const others = { tags: marked('complete', OTHER_OWNER) };

describe('what happens to the VM before a version is made of it', () => {
  it.each<[string, CaptureRequest['deprovision'], Partial<Vm>, string]>([
    ['running', 'auto', {}, `deprovision deallocate ${SEAL}`],
    ['starting', 'auto', { power: 'starting' }, `deprovision deallocate ${SEAL}`],
    ['running, with another run’s mark', 'auto', others, `deprovision deallocate ${SEAL}`],
    ['at work for this run', 'auto', scheduled, `deprovision deallocate ${SEAL}`],
    ['off, unseen', 'auto', { ...scheduled, power: 'stopped' }, `deprovision deallocate ${SEAL}`],
    ['off, seen', 'auto', { ...complete, power: 'stopped' }, `deprovision deallocate ${SEAL}`],
    [
      'going down, seen',
      'auto',
      { ...complete, power: 'deallocating' },
      `deprovision deallocate ${SEAL}`,
    ],
    ['deallocated, seen', 'auto', { ...complete, power: 'deallocated' }, `deprovision ${SEAL}`],
    [
      'of Windows, off, seen',
      'auto',
      { ...complete, osType: 'Windows', power: 'stopped' },
      `deallocate ${SEAL}`,
    ],
    ['started again by somebody', 'auto', complete, `deprovision deallocate ${SEAL}`],
    ['generalized', 'auto', { power: 'deallocated', generalized: true }, PUBLISH],
    ['generalized, only stopped', 'never', { power: 'stopped', generalized: true }, PUBLISH],
    ['running', 'always', {}, `deprovision deallocate ${SEAL}`],
    ['stopped', 'always', { power: 'stopped' }, `start deprovision deallocate ${SEAL}`],
    ['stopping', 'always', { power: 'stopping' }, `start deprovision deallocate ${SEAL}`],
    ['deallocated', 'always', { power: 'deallocated' }, `start deprovision deallocate ${SEAL}`],
    [
      'another’s',
      'always',
      { ...others, power: 'stopped' },
      `start deprovision deallocate ${SEAL}`,
    ],
    ['ours, off', 'always', { ...scheduled, power: 'stopped' }, `deprovision deallocate ${SEAL}`],
    ['ours, seen', 'always', { ...complete, power: 'stopped' }, `deprovision deallocate ${SEAL}`],
    ['running', 'never', {}, `deallocate ${SEAL}`],
    ['stopped', 'never', { power: 'stopped' }, `deallocate ${SEAL}`],
    ['deallocated', 'never', { power: 'deallocated' }, SEAL],
  ])('a VM %s, with deprovision: %s', (_, deprovision, state, steps) => {
    expect(kinds({ vm: vm(state) }, { deprovision })).toBe(steps);
  });

  it.each<[Vm['power'], string]>([
    ['running', `deallocate ${PUBLISH}`],
    ['stopped', `deallocate ${PUBLISH}`],
    ['deallocated', PUBLISH],
  ])('a specialized image keeps its identity: VM %s', (power, steps) => {
    expect(kinds({ vm: vm({ power }) }, {}, 'Specialized')).toBe(steps);
  });
});

describe('snapshots', () => {
  const withDisk = vm({ dataDisks: [dataDisk(0)] });
  const asked = { snapshot: true };
  const wanted = target(asked, { vm: withDisk });
  const [os, data] = wanted.snapshots.map(({ snapshot, disk }) => ({
    id: snapshot.toUpperCase(),
    provisioningState: 'Succeeded',
    sourceId: disk,
    tags: wanted.tags,
  }));
  const first = (seen: Partial<State>) =>
    planCapture(wanted, {
      vm: withDisk,
      version: undefined,
      snapshots: [],
      temporaries: [],
      attached: [],
      expired: [],
      ...seen,
    })[0];

  test('are taken of every disk before the first change', () => {
    expect(first({})).toMatchObject({ do: 'snapshot', of: wanted.snapshots });
  });

  test('that an earlier attempt took are not taken again', () => {
    if (!os || !data) throw new Error('Two disks make two snapshots');
    expect(first({ snapshots: [os] })).toMatchObject({ of: [wanted.snapshots[1]] });
    expect(first({ snapshots: [os, data] })).toMatchObject({ do: 'deprovision' });
    const failed = { ...os, provisioningState: 'Failed' };
    expect(first({ snapshots: [failed, data] })).toMatchObject({ of: [wanted.snapshots[0]] });
  });

  test('that only have the name are no way back: of another disk, or by somebody else', () => {
    if (!os || !data) throw new Error('Two disks make two snapshots');
    const others = [
      { ...os, sourceId: `${GROUP}/disks/another` },
      { ...os, tags: {} },
    ];
    for (const other of others)
      expect(first({ snapshots: [other, data] })).toMatchObject({ of: [wanted.snapshots[0]] });
  });

  it.each([
    ['deprovisioned', vm({ ...scheduled, tags: marked('scheduled', wanted.owner) })],
    ['generalized', vm({ generalized: true, power: 'deallocated' })],
  ])('would not be of before the change once the VM is %s', (_, changed) => {
    expect(first({ vm: changed })?.do).not.toBe('snapshot');
  });

  test('are taken of a VM that only another run has changed', () => {
    expect(first({ vm: vm(others) })?.do).toBe('snapshot');
  });
});

describe('a version of this run’s own', () => {
  const replicated = [region('westeurope')];
  const own = (state: ImageVersion['provisioningState'], replication?: RegionReplication[]) =>
    version('1.0.0', state, { tags: ownTags(), ...(replication && { replication }) });
  const sealed = vm({ ...complete, generalized: true, power: 'deallocated' });

  it.each<[string, ImageVersion, Vm | undefined, string]>([
    ['complete everywhere', own('Succeeded', replicated), sealed, ''],
    ['complete, the VM gone', own('Succeeded', replicated), undefined, ''],
    ['complete, the VM running', own('Succeeded', replicated), vm(), ''],
    [
      'Succeeded at 99 %',
      own('Succeeded', [region('westeurope', 'Replicating', 99)]),
      sealed,
      'replicate',
    ],
    ['Succeeded, without any status', own('Succeeded'), sealed, 'replicate'],
    [
      'Succeeded, one region failed',
      own('Succeeded', [region('westeurope', 'Failed')]),
      sealed,
      'replicate',
    ],
    ['Creating', own('Creating'), sealed, 'replicate'],
    ['Updating', own('Updating', replicated), sealed, 'replicate'],
    ['Migrating', own('Migrating', replicated), sealed, 'replicate'],
    [
      'Failed everywhere',
      own('Failed', [region('westeurope', 'Failed')]),
      sealed,
      `delete ${PUBLISH}`,
    ],
    ['Failed before it had regions', own('Failed'), sealed, `delete ${PUBLISH}`],
    [
      'Failed, complete somewhere',
      own('Failed', [...replicated, region('eastus', 'Failed')]),
      sealed,
      'update replicate',
    ],
    ['Deleting', own('Deleting', replicated), sealed, `delete ${PUBLISH}`],
    ['Failed, the VM not sealed', own('Failed'), vm(), `delete deprovision deallocate ${SEAL}`],
  ])('%s', (_, found, machine, steps) => {
    expect(kinds({ version: found, vm: machine })).toBe(steps);
  });

  const removed = [{ name: 'eastus', replicas: 2 }];
  it.each<[string, ImageVersion, CaptureRequest['waitFor'], string]>([
    ['lacks a region', own('Succeeded', replicated), 'replicated', 'update replicate'],
    ['lacks one, busy', own('Updating', replicated), 'replicated', 'replicate update replicate'],
    ['lacks one, busy, and nobody waits', own('Updating', replicated), 'none', 'replicate update'],
    [
      'had one taken away',
      { ...own('Succeeded', replicated), removed },
      'replicated',
      'update replicate',
    ],
    [
      'had one taken away, busy',
      { ...own('Updating', replicated), removed },
      'home',
      'replicate update replicate',
    ],
  ])('that %s gets it, once nobody else is at work: %#', (_, found, waitFor, steps) => {
    const asked = { regions: [{ name: 'eastus' }], waitFor };
    const tags = ownTags(asked);
    expect(kinds({ version: { ...found, tags }, vm: sealed }, asked)).toBe(steps);
  });

  test('waits for the regions that the version has, which another may have added', () => {
    const regions = [
      { name: 'westeurope', replicas: 1 },
      { name: 'eastus', replicas: 1 },
    ];
    const steps = planCapture(target(), {
      vm: sealed,
      version: { ...own('Succeeded', replicated), regions },
      snapshots: [],
      temporaries: [],
      attached: [],
      expired: [],
    });
    expect(steps).toMatchObject([{ do: 'replicate', regions }]);
  });
});

test('a version is taken when its tag names another owner, or none', () => {
  const seen = (tags: Readonly<Record<string, string>>): State => ({
    vm: vm(),
    version: version('1.0.0', 'Succeeded', { tags }),
    snapshots: [],
    temporaries: [],
    attached: [],
    expired: [],
  });
  expect(isTaken(target(), seen(ownTags()))).toBe(false);
  expect(isTaken(target(), seen({}))).toBe(true);
  expect(isTaken(target(), seen(ownTags({ requestedVersion: '1.0.0' })))).toBe(true);
  expect(
    isTaken(target(), {
      vm: vm(),
      version: undefined,
      snapshots: [],
      temporaries: [],
      attached: [],
      expired: [],
    }),
  ).toBe(false);
});
