import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure, LocalAzureOptions } from '../../local-azure/src/azure.ts';
import { DEFAULT_UNKNOWNS } from '../../local-azure/src/unknowns.ts';
import { rulesOf } from '../../src/plan/preflight/chapters.ts';
import { writesAmong } from '../runner/control.ts';
import { isCalm } from '../runner/weather.ts';
import { changeVm } from './changed-vm.ts';
import { buildVm, fakeClock, localAzure, type Run, restore } from './harness.ts';
import { wordsOf } from './refusal-words.ts';
import { restoreWarnings, restoreWorlds } from './restore-worlds.ts';
import { generalized } from './world-changes.ts';

const restoreRules = rulesOf('restore');

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** The default world, once a capture has taken its snapshots. */
async function withSnapshots(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  const azure = localAzure(options);
  await changeVm(azure, 'snapshot');
  azure.requests.clear();
  return azure;
}

const errorsOf = ({ heard }: Run): string[] =>
  heard.findings.flatMap(({ severity, rule }) => (severity === 'error' ? [rule] : []));

const errors = restoreRules.filter(({ severity }) => severity === 'error');

/**
 * What the local Azure takes, or refuses in other words than the rule quotes; `rights-missing` is asked
 * for by the tests of the other operations.
 */
const UNASKED = ['restore-vm-too-large', 'restore-vm-busy', 'rights-missing'];

describe('a rule that forbids a restore', () => {
  it('has a world that breaks it', () => {
    expect([...Object.keys(restoreWorlds), 'restore-changed-since'].sort()).toEqual(
      errors.map(({ id }) => id).sort(),
    );
  });

  it('is not broken by the world that these are made of', async () => {
    expect(errorsOf(await restore(await withSnapshots(), {}, { dryRun: true }))).toEqual([]);
  });

  it.each(Object.keys(restoreWorlds))('%s: stops the run before any write', async (rule) => {
    const azure = await withSnapshots();
    const { change, asked } = restoreWorlds[rule] ?? {};
    await change?.(azure);
    azure.requests.clear();
    const run = await restore(azure, asked?.(azure));
    expect(errorsOf(run)).toEqual([rule]);
    expect(run.failure?.kind).toBe('refused');
    expect(run.wrote).toBe(false);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('foretells a refusal that is asked for, but for these', () => {
    const untold = errors.filter(
      ({ id, azure }) => !('accepts' in azure || restoreWorlds[id]?.ask),
    );
    expect(untold.map(({ id }) => id)).toEqual(UNASKED);
  });

  // The worlds ask for it themselves, which weather would disturb.
  it.runIf(isCalm()).each(restoreRules.filter(({ id }) => restoreWorlds[id]?.ask))(
    '$id: is right, Azure refuses it',
    async ({ id, azure: answer }) => {
      const azure = await withSnapshots();
      const { change, ask } = restoreWorlds[id] ?? {};
      await change?.(azure);
      const refusal = await ask?.(azure);
      for (const words of wordsOf(id, answer)) expect(refusal).toMatch(words);
    },
  );

  it('restore-changed-since: stops a re-run before any write, and no new run', async () => {
    const azure = await withSnapshots();
    expect((await restore(azure)).failure).toBeUndefined();
    generalized(azure);
    azure.requests.clear();
    const run = await restore(azure, { recreate: true });
    expect(errorsOf(run)).toEqual(['restore-changed-since']);
    expect(run.failure?.kind).toBe('refused');
    expect(writesAmong(azure.requests.all())).toEqual([]);
    const next = await restore(azure, { recreate: true }, { runId: '2', dryRun: true });
    expect(errorsOf(next)).toEqual([]);
  });
});

it('says in words what Azure does not show where versions of the VM cannot be looked for', async () => {
  const azure = await withSnapshots();
  const error = { code: 'AuthorizationFailed', message: 'No.' };
  azure.faults.add({
    match: { method: 'GET', path: '**/galleries' },
    fate: { status: 403, body: { error } },
  });
  const { told } = await restore(azure, {}, { dryRun: true });
  expect(told.log.join('\n')).toContain('2 not checked (Azure does not show the galleries');
});

it('looks for no versions where a 404 hides the galleries of the subscription, and says so', async () => {
  const azure = await withSnapshots();
  azure.faults.add({ match: { method: 'GET', path: '**/galleries' }, fate: { status: 404 } });
  const { told } = await restore(azure, {}, { dryRun: true });
  expect(told.log.join('\n')).toContain('2 not checked (Azure does not show the galleries');
});

it('changes nothing when a 404 hides the definitions of a gallery', async () => {
  const azure = await withSnapshots();
  azure.faults.add({ match: { method: 'GET', path: '**/golden/images' }, fate: { status: 404 } });
  const run = await restore(azure);
  expect(run.failure?.message).toContain('there is no list of what is in `golden`');
  expect(run.wrote).toBe(false);
});

describe('a rule that warns of a restore', () => {
  it('has a world in which it speaks', () => {
    const warnings = restoreRules.filter(({ severity }) => severity === 'warning');
    expect(Object.keys(restoreWarnings).sort()).toEqual(warnings.map(({ id }) => id).sort());
  });

  it.each(Object.keys(restoreWarnings))('%s: speaks, and forbids nothing', async (rule) => {
    const unknowns = { ...DEFAULT_UNKNOWNS, patchOfGeneralizedVm: 'accepted' } as const;
    const azure = await withSnapshots({ unknowns });
    const { change, asked } = restoreWarnings[rule] ?? {};
    await change?.(azure);
    const run = await restore(azure, asked?.(azure));
    expect(run.heard.findings.map((found) => found.rule)).toContain(rule);
    expect(errorsOf(run)).toEqual([]);
    expect(run.failure).toBeUndefined();
  });

  it('restore-parts-go: the VM is not deleted where Azure refuses to keep its parts', async () => {
    const azure = await withSnapshots();
    const { change, asked } = restoreWarnings['restore-parts-go'] ?? {};
    await change?.(azure);
    const run = await restore(azure, asked?.(azure));
    expect(run.failure?.message).toContain('which disks and interfaces go with VM');
    expect(azure.world.get(buildVm(azure))).toBeDefined();
  });
});
