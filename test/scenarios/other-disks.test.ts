/** Disks that somebody gives the VM while a capture is at work, or between two attempts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { objectAt, objectsAt, textAt } from '../../local-azure/src/json.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { capture, fakeClock, localAzure, ofWindows } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const LINUX = { snapshot: true };
const onWindows = (azure: LocalAzure) => ({ snapshot: true, ...ofWindows(azure) });

/** Captures a VM that somebody gives a disk when this request is sent. */
async function captured(
  when: RegExp,
  ask: (azure: LocalAzure) => Partial<CaptureRequest> = () => LINUX,
) {
  const azure = localAzure();
  const request = ask(azure);
  const way = inProcessHttpClient(azure);
  const name = request.vm ? 'build-windows' : 'build-linux';
  const vm = azure.world.all().find(({ id }) => id.endsWith(`/virtualMachines/${name}`));
  const disk = azure.world.all().find(({ id }) => id.endsWith('/build-linux_DataDisk_0'));
  if (!vm || !disk) throw new Error('The default world has changed');
  const id = disk.id.replace(/[^/]+$/, 'late');
  const storage = objectAt(vm, 'properties', 'storageProfile');
  const before = objectsAt(storage, 'dataDisks');
  const attach = () => {
    azure.world.put({ ...structuredClone(disk), id, name: 'late', managedBy: vm.id });
    storage.dataDisks = [
      ...before,
      { lun: 9, name: 'late', createOption: 'Attach', managedDisk: { id } },
    ];
  };
  const run = await capture(azure, {
    request,
    httpClient: {
      sendRequest: (each) => {
        if (when.test(`${each.method} ${each.url}`)) attach();
        return way.sendRequest(each);
      },
    },
  });
  const detach = () => Object.assign(storage, { dataDisks: before });
  return { azure, request, run, detach };
}

const taken = (azure: LocalAzure): string[] =>
  azure.world
    .all()
    .filter(({ id }) => id.includes('/snapshots/'))
    .map(({ properties }) => textAt(properties, 'creationData', 'sourceResourceId') ?? '');

describe('a data disk that is attached after the snapshots were taken', () => {
  it.each([
    ['Linux', /PUT .*\/snapshots\//, () => LINUX],
    ['Windows', /PUT .*\/snapshots\//, onWindows],
  ])(
    'before the order has no %s guest changed, and is snapshot by the re-run',
    async (_, when, ask) => {
      const { azure, request, run } = await captured(when, ask);
      expect(run.failure?.what).toMatch(/was not given the order .* no snapshot of `late`/);
      expect(run.heard.started.at(-1)).toBe('deprovision');
      const again = await capture(azure, { request });
      expect(again.failure).toBeUndefined();
      expect(again.heard.findings.map(({ rule }) => rule)).not.toContain('snapshot-lacking');
      expect(taken(azure).some((id) => id.endsWith('/late'))).toBe(true);
    },
  );

  it.each([
    ['Linux', /POST .*\/deallocate/, () => LINUX],
    ['Windows', /POST .*\/deallocate/, onWindows],
  ])('after it has no %s VM generalized; a re-run warns, and goes on', async (_, when, ask) => {
    const { azure, request, run } = await captured(when, ask);
    expect(run.failure?.what).toContain('there is no snapshot of `late`');
    expect(run.failure?.paste).toBeDefined();
    expect(run.failure?.remedy).toContain('Detach it if it does not belong');
    const again = await capture(azure, { request });
    expect(again.failure).toBeUndefined();
    const found = again.heard.findings.find(({ rule }) => rule === 'snapshot-lacking');
    expect(found?.message).toContain('There is no snapshot of `late` of before the change');
  });

  it('is no matter any more once it is detached', async () => {
    const { azure, request, detach } = await captured(/POST .*\/deallocate/);
    detach();
    const again = await capture(azure, { request });
    expect(again.failure).toBeUndefined();
    expect(again.heard.findings.map(({ rule }) => rule)).not.toContain('snapshot-lacking');
  });

  it('is captured as before where no snapshot was asked for', async () => {
    const { run } = await captured(/POST .*\/deallocate/, () => ({}));
    expect(run.failure).toBeUndefined();
  });
});

it.each([
  ['Linux', 'POST', '**/generalize', () => ({})],
  ['Windows', 'POST', '**/generalize', ofWindows],
  ['Linux', 'PUT', '**/snapshots/*', () => ({ captureFrom: 'disks' })],
] as const)(
  'another OS disk of a %s VM between two attempts is not captured: %s %s',
  async (_, method, path, ask) => {
    const azure = localAzure();
    const request: Partial<CaptureRequest> = ask(azure);
    azure.faults.add({ match: { method, path }, times: 9, fate: { status: 403 } });
    expect((await capture(azure, { request })).failure?.status).toBe(403);
    azure.faults.clear();
    azure.settle();
    const name = request.vm ? 'build-windows' : 'build-linux';
    const vm = azure.world.all().find(({ id }) => id.endsWith(`/virtualMachines/${name}`));
    const used = objectAt(vm?.properties, 'storageProfile', 'osDisk', 'managedDisk');
    const disk = azure.world.get(`${used.id}`);
    if (!disk) throw new Error('The VM has no OS disk');
    azure.world.put({ ...structuredClone(disk), id: `${disk.id}-2`, name: `${disk.name}-2` });
    const was = used.id;
    used.id = `${disk.id}-2`;
    const again = await capture(azure, { request });
    expect(again.failure?.what).toContain('it has another OS disk than at its deprovision');
    used.id = was;
    expect((await capture(azure, { request })).failure).toBeUndefined();
  },
);
