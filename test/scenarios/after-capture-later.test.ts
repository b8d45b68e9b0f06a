/** What becomes of a VM that a capture has brought back, or half brought back, when something runs later. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writesAmong } from '../runner/control.ts';
import { fails } from './failing-regions.ts';
import { buildVm, capture, fakeClock, localAzure, restore } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const RETURNS = { snapshot: true, captureFrom: 'disks', afterCapture: 'restore' } as const;

type Azure = ReturnType<typeof localAzure>;

const powerOf = (azure: Azure, id = buildVm(azure)): string =>
  /PowerState\/(\w+)/.exec(JSON.stringify(azure.world.get(id)))?.[1] ?? '';

it('deprovisions no VM once more for a failed version when another run has restored it', async () => {
  const azure = localAzure();
  fails(azure, 1, 'westeurope');
  expect((await capture(azure, { request: RETURNS })).failure).toBeDefined();
  for (const { id } of azure.world.all()) if (id.includes('-source-')) azure.world.delete(id);
  expect((await restore(azure, {}, { runId: '2' })).failure).toBeUndefined();
  azure.requests.clear();
  const run = await capture(azure, { request: RETURNS });
  expect(run.failure?.what).toContain('is not what this run has captured any more');
  expect(writesAmong(azure.requests.all())).toEqual([]);
  expect(powerOf(azure)).toBe('running');
});

it('makes a version again of the old disks that has failed after the run had ended', async () => {
  const azure = localAzure();
  fails(azure, 1, 'westeurope');
  const request = { ...RETURNS, waitFor: 'none' } as const;
  expect((await capture(azure, { request })).failure).toBeUndefined();
  await new Promise((done) => setTimeout(done, 3_600_000));
  const run = await capture(azure, { request: RETURNS });
  expect(run.failure).toBeUndefined();
  expect(run.told.outputs.get('state')).toBe('succeeded');
  expect(powerOf(azure)).toBe('running');
});
