/** Which snapshots `snapshot-retention` deletes: tags alone decide nothing. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { ensureObject } from '../../local-azure/src/json.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { buildVm, capture, definitionId, fakeClock, localAzure, prune } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const beside = (azure: LocalAzure, path: string) =>
  buildVm(azure).replace(/virtualMachines\/.*/, path);

/** The OS disk's snapshot that an earlier run took, changed. */
async function withEarlier(change: (azure: LocalAzure, id: string) => string | undefined) {
  const azure = localAzure();
  const request = {
    snapshot: true,
    snapshotRetention: 1,
    definition: definitionId(azure, 'ubuntu-2404-specialized'),
  };
  const first = await capture(azure, { runId: '1', request });
  const [id = ''] = first.heard.snapshots;
  const changed = change(azure, id) ?? id;
  return { azure, id: changed, request };
}

/** Gives the snapshot another name, and everything else that it has: tags can be copied so. */
function renamed(azure: LocalAzure, id: string, name: string): string {
  const snapshot = structuredClone(azure.world.get(id));
  if (!snapshot) throw new Error('There is no snapshot');
  azure.world.delete(id);
  const other = beside(azure, `snapshots/${name}`);
  azure.world.put(asResource({ ...snapshot, id: other, name }));
  return other;
}

const source = (azure: LocalAzure, id: string) =>
  ensureObject(azure.world.get(id)?.properties ?? {}, 'creationData');

const CASES: readonly [string, 'deleted' | 'kept', Parameters<typeof withEarlier>[0]][] = [
  ['one of an earlier run', 'deleted', () => undefined],
  [
    'one of a disk of that name that is gone: the VM was built anew',
    'deleted',
    (azure, id) => {
      source(azure, id).sourceUniqueId = 'another';
      return undefined;
    },
  ],
  [
    'one of a disk that is gone',
    'deleted',
    (azure, id) => {
      source(azure, id).sourceResourceId = beside(azure, 'disks/gone');
      return undefined;
    },
  ],
  [
    'one of the disk of another VM',
    'kept',
    (azure, id) => {
      const disk = beside(azure, 'disks/build-windows_OsDisk');
      const { uniqueId } = azure.world.get(disk)?.properties ?? {};
      Object.assign(source(azure, id), { sourceResourceId: disk, sourceUniqueId: uniqueId });
      return undefined;
    },
  ],
  [
    'one of which Azure does not show the disk',
    'kept',
    (azure, id) => {
      delete source(azure, id).sourceResourceId;
      return undefined;
    },
  ],
  [
    'one that was taken of a snapshot',
    'kept',
    (azure, id) => {
      source(azure, id).sourceResourceId = beside(azure, 'snapshots/another');
      return undefined;
    },
  ],
  [
    'one that a run took of another VM, and that carries these tags',
    'kept',
    (azure, id) => renamed(azure, id, id.split('/').at(-1)?.replace('linux', 'windows') ?? ''),
  ],
  [
    'one whose name ends in no key of its owner',
    'kept',
    (azure, id) => renamed(azure, id, 'build-linux-os-0123456789abcdef01234567'),
  ],
  ['one with another name', 'kept', (azure, id) => renamed(azure, id, 'before-the-update')],
];

describe('snapshot-retention', () => {
  test.each(CASES)('of a capture: %s is %s', async (_, end, change) => {
    const { azure, id, request } = await withEarlier(change);
    const run = await capture(azure, { runId: '2', request });
    expect(run.failure).toBeUndefined();
    expect(azure.world.get(id) ? 'kept' : 'deleted').toBe(end);
  });

  test.each(CASES)('of a prune: %s is %s', async (_, end, change) => {
    const { azure, id, request } = await withEarlier(change);
    await capture(azure, { runId: '2', request: { ...request, snapshotRetention: 5 } });
    const run = await prune(azure, { snapshots: { vm: buildVm(azure), keep: 1 } });
    expect(run.failure).toBeUndefined();
    expect(azure.world.get(id) ? 'kept' : 'deleted').toBe(end);
  });

  test.each([
    ['is missing', (azure: LocalAzure, id: string) => azure.world.delete(id)],
    [
      'has failed',
      (azure: LocalAzure, id: string) =>
        Object.assign(azure.world.get(id)?.properties ?? {}, { provisioningState: 'Failed' }),
    ],
  ])('keeps the newest whole set where a snapshot of a newer one %s', async (_, change) => {
    const { azure, id, request } = await withEarlier(() => undefined);
    const more = { ...request, snapshotRetention: 5 };
    const killed = await capture(azure, { runId: '2', request: more });
    change(azure, killed.heard.snapshots[1] ?? '');
    const run = await prune(azure, { snapshots: { vm: buildVm(azure), keep: 1 } });
    expect(run.failure).toBeUndefined();
    expect(azure.world.get(id)).toBeDefined();
    await capture(azure, { runId: '3', request: more });
    await prune(azure, { snapshots: { vm: buildVm(azure), keep: 1 } });
    const left = azure.world.all().filter((each) => each.id.includes('/snapshots/'));
    expect(left).toHaveLength(2);
  });

  test('keeps the set of before a deprovision that has begun, where a newer one is of after it', async () => {
    const azure = localAzure();
    const first = await capture(azure, {
      runId: '1',
      request: { snapshot: true, deprovisionScript: 'exit 5' },
    });
    expect(first.failure?.message).toContain('exit code 5');
    const request = { snapshot: true, deprovision: 'never', captureFrom: 'disks' } as const;
    const run = await capture(azure, { runId: '2', request: { ...request, snapshotRetention: 1 } });
    expect(run.failure).toBeUndefined();
    for (const id of first.heard.snapshots) expect(azure.world.get(id)).toBeDefined();
    const pruned = await prune(azure, { snapshots: { vm: buildVm(azure), keep: 1 } });
    expect(pruned.wrote).toBe(false);
  });

  test('of a capture looks once more: a snapshot of another disk under the name stays', async () => {
    const { azure, id, request } = await withEarlier(() => undefined);
    const disk = beside(azure, 'disks/build-windows_OsDisk');
    const way = inProcessHttpClient(azure);
    const httpClient: HttpClient = {
      sendRequest: (request) => {
        if (request.method === 'GET' && request.url.includes(`${id}?`))
          Object.assign(source(azure, id), { sourceResourceId: disk, sourceUniqueId: undefined });
        return way.sendRequest(request);
      },
    };
    const run = await capture(azure, { runId: '2', request, httpClient });
    expect(run.failure).toBeUndefined();
    expect(azure.world.get(id)).toBeDefined();
  });

  test.each([
    ['of a run that can be run again stays', 0, 2],
    ['of a run that cannot be run again goes', 32, 0],
  ])('of a capture: a source %s', async (_, days, left) => {
    const azure = localAzure();
    const request = { captureFrom: 'disks', snapshot: true, afterCapture: 'restore' } as const;
    await capture(azure, { runId: '1', request: { ...request, waitFor: 'none' } });
    const sources = () => azure.world.all().filter(({ id }) => /snapshots\/.*-source-/.test(id));
    expect(sources()).toHaveLength(2);
    await new Promise((done) => setTimeout(done, 60_000));
    for (const { properties } of sources())
      properties.timeCreated = new Date(Date.now() - days * 86_400_000).toISOString();
    const run = await capture(azure, { runId: '2', request: { ...request, snapshotRetention: 1 } });
    expect(run.failure).toBeUndefined();
    expect(sources()).toHaveLength(left);
  });
});
