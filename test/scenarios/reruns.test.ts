import { afterEach, beforeEach, expect, it, test } from 'vitest';
import { powerOf } from '../../local-azure/src/vm/instance-view.ts';
import { read } from '../contract/documents.ts';
import { changeVm } from './changed-vm.ts';
import { cloneVm } from './fleet.ts';
import {
  awaitIt,
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  promote,
  prune,
  RETURNS,
  restore,
  verifyIt,
  verifySettings,
} from './harness.ts';
import { numbersIn, OLD, putVersions } from './prune-worlds.ts';
import {
  exactly,
  failOnce,
  interrupted,
  number,
  rebuildVm,
  rules,
  stopped,
  wait,
  well,
} from './rerun-worlds.ts';
import { killedDetached } from './returning.ts';
import { putVersion } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const REGIONS = [{ name: 'westeurope' }, { name: 'northeurope' }];
const BOTH = { regions: REGIONS };

/** By the first column of docs/reruns.md. */
const SITUATIONS: Readonly<Record<string, () => Promise<void>>> = {
  'Failed jobs are re-run': async () => {
    const azure = localAzure();
    await interrupted(azure, 200);
    const again = await well(capture(azure));
    expect(again.heard.started).not.toContain('deprovision');
    expect(number(again)).toBe('1.0.0');
  },
  'All jobs are re-run, with the same VM': async () => {
    const azure = localAzure();
    await well(capture(azure));
    const again = await well(capture(azure));
    expect([again.wrote, number(again)]).toEqual([false, '1.0.0']);
  },
  'All jobs are re-run, and the VM was built again': async () => {
    const azure = localAzure();
    await well(capture(azure));
    await rebuildVm(azure);
    expect(number(await well(capture(azure)))).toBe('1.0.1');
    const other = localAzure();
    await well(capture(other, { request: exactly(2) }));
    await rebuildVm(other);
    const again = await capture(other, { request: exactly(2) });
    expect([rules(again), again.wrote]).toEqual([['version-taken'], false]);
  },
  'A new run on the same commit, of a VM that was captured': async () => {
    const azure = localAzure();
    const first = await well(capture(azure));
    const other = await capture(azure, { runId: '2' });
    expect([rules(other), other.wrote]).toEqual([['vm-captured-before'], false]);
    expect(other.failure?.message).toContain(first.heard.known?.version);
    expect(number(other)).toBeUndefined();
  },
  'A re-run finds the Linux VM off, and its serial log does not show the mark `complete`':
    async () => {
      const azure = localAzure({ unknowns: { serialLogOfDeallocatedVm: 'gone' } });
      const match = { method: 'POST', path: '**/generalize' };
      azure.faults.add({ match, times: 99, fate: { reset: true } });
      expect((await capture(azure)).failure).toBeDefined();
      azure.faults.clear();
      const again = await capture(azure);
      expect(again.failure?.remedy).toMatch(/^The VM was not generalized. Start it, then re-run/);
      expect(again.heard.started).not.toContain('generalize');
    },
  'A new run finds a VM that another run left partly deprovisioned': async () => {
    const azure = localAzure();
    await interrupted(azure, 40);
    await wait(120);
    const other = await capture(azure, { runId: '2' });
    expect([rules(other), other.wrote]).toEqual([['vm-agent'], false]);
    expect(number(await well(capture(azure)))).toBe('1.0.0');
  },
  'A new run finds a VM to which another run has given back its OS disk, but not its data disks':
    async () => {
      const azure = localAzure();
      const request = {
        ...RETURNS,
        definition: definitionId(azure, 'ubuntu-2404-specialized'),
      };
      await killedDetached(azure, request);
      const fresh = await capture(azure, { request, runId: '2' });
      expect([fresh.wrote, rules(fresh)]).toEqual([false, ['disks-detached']]);
      await well(capture(azure, { request }));
    },
  'A new run on the same commit, with its own VM': async () => {
    const azure = localAzure();
    await well(capture(azure));
    const vm = cloneVm(azure, 'build-next');
    await rebuildVm(azure);
    expect(number(await well(capture(azure, { runId: '2', request: { vm } })))).toBe('1.0.1');
  },
  'A new run asks for a number that is taken': async () => {
    const azure = localAzure();
    await well(capture(azure, { request: exactly(3) }));
    await rebuildVm(azure);
    const other = await capture(azure, { runId: '2', request: exactly(3) });
    expect([rules(other), other.wrote]).toEqual([['version-taken'], false]);
  },
  'A VM is recreated under the same name': async () => {
    const azure = localAzure();
    const first = await well(capture(azure, { request: { snapshot: true } }));
    await rebuildVm(azure);
    const second = await well(capture(azure, { request: { snapshot: true } }));
    expect(number(second)).toBe('1.0.1');
    for (const id of first.heard.snapshots) {
      expect(second.heard.snapshots).not.toContain(id);
      expect(azure.world.get(id)).toBeDefined();
    }
  },
  'Matrix jobs with a VM each, into one definition': async () => {
    const azure = localAzure();
    const vm = cloneVm(azure, 'build-leg');
    const legs = await Promise.all([
      well(capture(azure)),
      well(capture(azure, { request: { vm } })),
    ]);
    expect(legs.map(number).toSorted()).toEqual(['1.0.0', '1.0.1']);
  },
  'Matrix jobs with one VM, into two definitions': async () => {
    const azure = localAzure();
    const copy = structuredClone(azure.world.get(definitionId(azure)));
    if (!copy) throw new Error('The default world has changed');
    const definition = definitionId(azure, 'second');
    azure.world.put({ ...copy, id: definition, name: 'second' });
    const legs = await Promise.all([capture(azure), capture(azure, { request: { definition } })]);
    expect(legs.filter(({ failure }) => failure)).toHaveLength(1);
    expect(legs.filter((leg) => number(leg))).toHaveLength(1);
  },
  'Two runs want the same number at the same time': async () => {
    const azure = localAzure();
    const vm = cloneVm(azure, 'build-twin');
    const runs = await Promise.all([
      capture(azure, { request: exactly(4) }),
      capture(azure, { runId: '2', request: { ...exactly(4), vm } }),
    ]);
    const lost = runs.filter(({ failure }) => failure);
    expect(lost.map(rules)).toEqual([expect.arrayContaining(['version-taken'])]);
    expect(lost.map(number)).toEqual([undefined]);
  },
  'The same step twice in a job': async () => {
    const azure = localAzure();
    await well(capture(azure, { request: { snapshot: true } }));
    const again = await well(capture(azure, { request: { snapshot: true } }));
    expect([again.wrote, again.heard.snapshots.length]).toEqual([false, 2]);
  },
  'A re-run after the VM was deleted': async () => {
    const azure = localAzure();
    const request = { snapshot: true, afterCapture: 'delete' as const };
    const first = await well(capture(azure, { request }));
    expect(azure.world.get(buildVm(azure))).toBeUndefined();
    const again = await well(capture(azure, { request }));
    expect(again.wrote).toBe(false);
    expect(again.heard.known?.version).toBe(first.heard.known?.version);
    expect(again.heard.snapshots).toEqual(first.heard.snapshots);
    expect(again.heard.snapshots).toHaveLength(2);
  },
  'A re-run of an ephemeral capture that has deleted its VM': async () => {
    const azure = localAzure();
    const request = {
      ephemeral: true,
      excludeFromLatest: true,
      regions: [],
      afterCapture: 'delete',
      verify: verifySettings(azure),
    } as const;
    await well(capture(azure, { request }));
    const again = await capture(azure, { request });
    expect([again.wrote, rules(again)]).toEqual([false, ['vm-missing']]);
    await rebuildVm(azure);
    await well(capture(azure, { request }));
  },
  'A re-run after the VM came back with `after-capture: restore`': async () => {
    const azure = localAzure();
    const request = { snapshot: true, captureFrom: 'disks', afterCapture: 'restore' } as const;
    await well(capture(azure, { request }));
    const vm = stopped(azure);
    const again = await well(capture(azure, { request }));
    expect(again.wrote).toBe(false);
    expect(powerOf(vm)).toBe('deallocated');
  },
  'A re-run when the version has failed in every region': async () => {
    const azure = localAzure();
    failOnce(azure, 'everywhere');
    expect((await capture(azure)).failure?.message).toContain('Broken.');
    const again = await well(capture(azure));
    expect(again.heard.started).toEqual(['delete', 'publish', 'replicate']);
    expect(number(again)).toBe('1.0.0');
  },
  'A re-run when the version is complete in some region': async () => {
    const azure = localAzure();
    failOnce(azure, 'northeurope', 2);
    expect((await capture(azure, { request: BOTH })).failure).toBeDefined();
    const again = await well(capture(azure, { request: BOTH }));
    expect(again.heard.started).toEqual(['update', 'replicate']);
    expect(azure.requests.all().some(({ method }) => method === 'DELETE')).toBe(false);
  },
  'A new run, of a VM whose version failed in some region': async () => {
    const azure = localAzure();
    failOnce(azure, 'northeurope', 2);
    expect((await capture(azure, { request: BOTH })).failure).toBeDefined();
    const other = await well(capture(azure, { request: BOTH, runId: '2' }));
    expect(number(other)).toBe('1.0.1');
    azure.settle();
    const id = other.heard.known?.version.replace('1.0.1', '1.0.0') ?? '';
    expect(azure.world.get(id)?.properties.provisioningState).toBe('Failed');
    const mended = await well(promote(azure, { repairRegions: true }, { runId: '3' }));
    expect(mended.heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
  },
  'A re-run when a repair has removed a region': async () => {
    const azure = localAzure();
    failOnce(azure, 'northeurope', 2);
    const request = { ...BOTH, repairRegions: true };
    const end = new AbortController();
    const timer = setInterval(() => {
      const tags = JSON.stringify(azure.world.all().map((each) => each.tags));
      if (tags.includes('golden-image-removed-')) end.abort(new Error('cancelled'));
    }, 1000);
    expect((await capture(azure, { request, signal: end.signal })).failure).toBeDefined();
    clearInterval(timer);
    const again = await well(capture(azure, { request: BOTH }));
    expect(again.heard.started).toEqual(['replicate', 'update', 'replicate']);
    expect(again.heard.replication).toMatchObject([
      { region: 'westeurope', state: 'Completed' },
      { region: 'northeurope', state: 'Completed' },
    ]);
  },
  '`operation: verify` repeated by any run': async () => {
    const azure = localAzure();
    putVersion(azure, [{ name: 'West Europe' }]);
    expect((await well(verifyIt(azure))).wrote).toBe(true);
    const again = await well(verifyIt(azure, {}, { runId: '2' }));
    expect(again.wrote).toBe(false);
    expect(again.told.outputs.get('verified')).toBe('true');
  },
  '`operation: restore` is re-run': async () => {
    const azure = localAzure();
    await changeVm(azure, 'deprovision');
    expect((await well(restore(azure))).wrote).toBe(true);
    const vm = stopped(azure);
    expect((await well(restore(azure))).wrote).toBe(false);
    expect(powerOf(vm)).toBe('deallocated');
  },
  '`operation: prune` repeated by any run': async () => {
    const azure = localAzure();
    putVersions(azure, ...OLD);
    await well(prune(azure, { maxDeletions: 1 }));
    expect(numbersIn(azure)).toHaveLength(4);
    await well(prune(azure, {}, { runId: '2' }));
    expect(numbersIn(azure)).toEqual(['2.0.0']);
    expect((await well(prune(azure, {}, { runId: '3' }))).wrote).toBe(false);
  },
  '`operation: wait` by any run': async () => {
    const azure = localAzure();
    await well(capture(azure, { request: { waitFor: 'none' } }));
    const waited = await well(awaitIt(azure, '1.0.0'));
    expect(waited.wrote).toBe(false);
    expect(waited.heard.replication).toMatchObject([{ state: 'Completed' }]);
  },
  '`operation: promote` repeated by any run': async () => {
    const azure = localAzure();
    await well(capture(azure));
    const asked = { regions: [{ name: 'northeurope' }] };
    expect((await well(promote(azure, asked, { runId: '2' }))).wrote).toBe(true);
    expect((await well(promote(azure, asked, { runId: '3' }))).wrote).toBe(false);
  },
};

it.each(Object.entries(SITUATIONS))('%s', async (_, shows) => {
  await shows();
});

test('the table in docs/reruns.md has these situations and no others', () => {
  const table = read('docs/reruns.md').split('## ')[0] ?? '';
  const first = table.split('\n').flatMap((line) => /^\| (.+?) +\|/.exec(line)?.[1] ?? []);
  expect(first.filter((cell) => !/^(Situation|-+)$/.test(cell))).toEqual(Object.keys(SITUATIONS));
});
