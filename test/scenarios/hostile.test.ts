/** What somebody who knows the names and marks of a run beforehand can write of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectAt, textAt } from '../../local-azure/src/json.ts';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import { DEPROVISION_TAG, deprovisionNonce } from '../../src/domain/deprovision-mark.ts';
import { OWNER_TAG } from '../../src/domain/owner.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { writesAmong } from '../runner/control.ts';
import { buildVm, capture, fakeClock, localAzure, ofWindows, RETURNS } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

type Azure = ReturnType<typeof localAzure>;
type Ask = (azure: Azure) => Partial<CaptureRequest>;

/** What a capture of the same world makes, as whoever plans an attack knows it. */
async function rehearsed(ask: Ask) {
  const azure = localAzure();
  const known = new Set(azure.world.all().map(({ id }) => id));
  expect((await capture(azure, { request: ask(azure) })).failure).toBeUndefined();
  return azure.world.all().filter(({ id }) => !known.has(id));
}

function turn(azure: Azure, power: 'running' | 'deallocated'): void {
  const vm = azure.world.get(buildVm(azure));
  if (vm) setPower(vm, power, azure.clock.now());
  for (const { id, properties } of azure.world.all())
    if (power === 'deallocated' && id.includes('/disks/build-linux'))
      properties.diskState = 'Reserved';
}

const snapshotsIn = (azure: Azure) =>
  azure.world.all().filter(({ id }) => id.includes('/snapshots/'));

describe('a mark of this run that somebody else wrote on the VM', () => {
  async function marked(ask: Ask, prepare: (azure: Azure) => void = () => undefined) {
    const made = await rehearsed(ask);
    const owner = textAt(
      made.find(({ id }) => id.includes('/versions/')),
      'tags',
      OWNER_TAG,
    );
    const azure = localAzure();
    const request = ask(azure);
    const vm = azure.world.get(request.vm ?? buildVm(azure));
    if (!vm || !owner) throw new Error('There is no VM, or no owner');
    const mark = `scheduled ${owner} ${deprovisionNonce(owner)}`;
    Object.assign(vm, { tags: { ...objectAt(vm, 'tags'), [DEPROVISION_TAG]: mark } });
    prepare(azure);
    return { azure, vm, run: await capture(azure, { request }) };
  }

  it.each<[string, Ask]>([
    ['Linux', () => ({ snapshot: true })],
    ['Windows', (azure) => ({ snapshot: true, ...ofWindows(azure) })],
  ])('has no guest changed of which there is no snapshot: %s', async (_, ask) => {
    const { azure, vm, run } = await marked(ask);
    expect(run.failure?.what).toContain('a snapshot of before the change is missing');
    expect(run.heard.started).toEqual(['deprovision']);
    Object.assign(vm, { tags: {} });
    expect((await capture(azure, { request: ask(azure) })).failure).toBeUndefined();
    expect(snapshotsIn(azure)).toHaveLength(2);
  });

  it('counts for nothing where this run deprovisions nothing', async () => {
    const { azure, run } = await marked(() => ({ snapshot: true, deprovision: 'never' }));
    expect(run.failure).toBeUndefined();
    expect(snapshotsIn(azure)).toHaveLength(2);
  });

  it.each(['running', 'deallocated'] as const)(
    'lets a VM come back that this run does not deprovision: one that is %s',
    async (power) => {
      const ask = () => ({ ...RETURNS, deprovision: 'never' }) as const;
      const { azure, run } = await marked(ask, (azure) => turn(azure, power));
      expect(run.failure).toBeUndefined();
      const vm = JSON.stringify(azure.world.get(buildVm(azure)));
      expect(vm).toContain(`PowerState/${power}`);
      expect(vm).toContain('-restored-');
    },
  );
});

describe('something else under every name that this run chooses', () => {
  const ask = () => RETURNS;

  it.each([
    ['older snapshots of the same disks', '/snapshots/', ['', '-b', '-c']],
    ['a disk of another snapshot, with the tags of this run', '/disks/', ['']],
  ])('stops it before any change: %s', async (_, type, suffixes) => {
    const made = (await rehearsed(ask)).filter(({ id }) => id.includes(type));
    expect(made.length).toBeGreaterThan(0);
    const azure = localAzure();
    for (const each of made)
      for (const suffix of suffixes) {
        const id = each.id.replace(/-[0-9a-z]+$/, (key) => `${suffix}${key}`);
        const isDisk = type === '/disks/';
        const properties = { ...each.properties, timeCreated: '2026-11-20T00:00:00Z' };
        if (isDisk)
          Object.assign(properties, {
            creationData: { createOption: 'Copy', sourceResourceId: `${id}-of-another` },
          });
        const tags = isDisk ? each.tags : { by: 'another' };
        azure.world.put({ ...each, id, name: id.split('/').at(-1) ?? '', properties, tags });
      }
    const before = structuredClone(azure.world.all());
    const { failure, wrote } = await capture(azure, { request: ask() });
    expect(failure?.what).toContain('The names that this run chooses are taken');
    expect(wrote).toBe(false);
    expect(azure.world.all()).toEqual(before);
    const request = { ...ask(), endOfLife: new Date('2020-01-01') };
    const { heard } = await capture(azure, { request, dryRun: true });
    const errors = heard.findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ rule }) => rule)).toEqual(['names-taken', 'version-end-of-life']);
    expect(heard.planned.map((step) => step.do)).toContain('publish');
    expect((await capture(azure, { request: ask(), runId: '2' })).failure).toBeUndefined();
  });
});

describe('a VM that was built again under the same name, disks included', () => {
  it.each([
    ['it is deallocated', 'POST', '**/deallocate', 'is another VM now'],
    [
      'the snapshots to capture from are taken',
      'PUT',
      '**/snapshots/*-source-os-*',
      'made of another `build-linux_OsDisk`',
    ],
  ])('is not captured when that happens as %s', async (_, method, path, says) => {
    const replacements = [{ vm: 'build-linux', on: { method, path } }];
    const azure = localAzure({ weather: { replacements } });
    const { failure } = await capture(azure, { request: { captureFrom: 'disks' } });
    expect(failure?.what).toContain(says);
    const writes = writesAmong(azure.requests.all());
    expect(writes.filter((each) => each.includes('/versions/'))).toEqual([]);
  });
});
