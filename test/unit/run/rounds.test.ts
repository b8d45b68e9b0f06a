import { expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import { stateOf } from '../../../src/domain/observed.ts';
import { planCapture } from '../../../src/plan/capture.ts';
import { hasFailedAgain } from '../../../src/plan/region-repair.ts';
import type { Interruption } from '../../../src/run/interruption.ts';
import {
  atFirst,
  looked,
  type RunState,
  stepsFor,
  waited,
  worked,
} from '../../../src/run/rounds.ts';
import { region, target, version } from '../worlds.ts';

const wanted = target({ regions: [{ name: 'northeurope' }], repairRegions: true });
const task = { target: wanted, operation: { plan: planCapture } };
const failure = new Failure({ kind: 'refused', what: 'It failed.' });

const partly = version('1.0.0', 'Failed', {
  id: wanted.version,
  tags: wanted.tags,
  regions: ['westeurope', 'northeurope'].map((name) => ({ name, replicas: 1 })),
  replication: [region('westeurope'), region('northeurope', 'Failed')],
});
const failed: Interruption = { is: 'failed', failure, version: partly };
const passed: Interruption = {
  is: 'verified',
  verification: { passed: true, vmSize: 'Standard_B2s', region: 'westeurope' },
  of: partly,
};

const first = atFirst({ target: wanted, seen: stateOf(partly), steps: [] });
const after = (known: RunState, how?: Interruption) => worked(known, how, wanted).known;
const saw = (known: RunState, seen: ImageVersion | undefined) => looked(known, stateOf(seen), task);

const failedAgain = ({ repair, seen: { version } }: RunState) =>
  version !== undefined && hasFailedAgain(repair, version, wanted);

it('tries each repair once, and hears of a failure once', () => {
  expect(failedAgain(first)).toBe(false);
  const again = saw(after(first), partly);
  expect(again.repair.tried).toEqual(['again']);
  expect(failedAgain(again)).toBe(true);
  const reAdd = saw(after(again, failed), partly);
  expect(reAdd.repair.tried).toEqual(['again', 're-add']);
  expect(failedAgain(reAdd)).toBe(false);
  expect(stepsFor(reAdd, task)[0]).toMatchObject({ do: 'update', label: 'remove-regions' });
  expect(() => worked(saw(after(reAdd), partly), failed, wanted)).toThrow('It failed.');
});

it('begins anew when others have changed the version', () => {
  const stale = saw(after(saw(after(first), partly), { is: 'stale', what: 'it did' }), partly);
  expect(stale.repair.tried).toEqual(['again']);
  expect(failedAgain(stale)).toBe(false);
});

it('counts rounds that did work, and looks since then', () => {
  expect(waited(waited(after(first)))).toMatchObject({ rounds: 1, waits: 2 });
  expect(after(waited(after(first)))).toMatchObject({ rounds: 2, waits: 0 });
});

it('holds a verdict for as long as what booted is there', () => {
  const verified = after(first, passed);
  expect(saw(verified, partly).seen.verification).toMatchObject({ passed: true });
  const gone = saw(verified, undefined);
  expect(gone).not.toHaveProperty('verdict');
  expect(gone).toMatchObject({ hasBooted: true, seen: { version: undefined } });
});

it('only tidies up when what failed is gone', () => {
  const gone = looked(
    after(first, { ...passed, failure }),
    { ...stateOf(undefined), throwAways: ['/vm'] },
    task,
  );
  expect(stepsFor(gone, task)).toMatchObject([{ do: 'delete', label: 'verify-vm', of: ['/vm'] }]);
  expect(stepsFor(looked(gone, stateOf(undefined), task), task)).toEqual([]);
});
