import { describe, expect, it } from 'vitest';
import type { Vm } from '../../../src/domain/vm.ts';
import { readMarks } from '../../../src/run/guest/marks.ts';
import { proofByStopping } from '../../../src/run/steps/deprovision-command.ts';
import { vm } from '../worlds.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 28, 9, minutes));
const said = (...lines: string[]) =>
  readMarks(lines.map((line) => `azure-golden-image[abcd-0001] ${line}`).join('\r\n'), 'abcd-0001');

const CLEANED = ['started', 'phase: clean at 2026-11-28T08:59:50Z'];
const AT_WORK = [...CLEANED, 'phase: sysprep at 2026-11-28T09:00:00Z'];
const stopped = (change: Partial<Vm> = {}) =>
  vm({ osType: 'Windows', power: 'stopped', lastOperation: at(-1), ...change });

describe('a VM that was found stopped', () => {
  it.each([
    ['after Sysprep began', AT_WORK, {}],
    ['after a complete mark', [...AT_WORK, 'complete'], {}],
    ['when Azure tells no time', AT_WORK, { lastOperation: undefined }],
    ['when the run command’s own start ended a little later', AT_WORK, { lastOperation: at(1) }],
    ['when the guest tells no time', ['started', 'phase: sysprep'], {}],
  ] as [string, string[], Partial<Vm>][])('is proven %s', (_, lines, change) => {
    expect(proofByStopping(said(...lines), stopped(change))).toMatch(/^Proof of the depro/);
  });

  it.each([
    ['before Sysprep began', CLEANED, {}],
    ['when nothing was heard', [], {}],
    ['after a failure', [...AT_WORK, 'failed phase=sysprep exit=1'], {}],
    ['when it runs', AT_WORK, { power: 'running' }],
    ['when it was deallocated, which no guest does', AT_WORK, { power: 'deallocated' }],
    ['when somebody stopped it through Azure', AT_WORK, { lastOperation: at(2) }],
    ['when it was restarted after its mark', [...AT_WORK, 'complete'], { lastOperation: at(20) }],
  ] as [string, string[], Partial<Vm>][])('is not proven %s', (_, lines, change) => {
    expect(proofByStopping(said(...lines), stopped(change))).toBeUndefined();
  });

  it('is not proven when anything was changed through Azure since the guest was asked', () => {
    const asked = at(0);
    expect(proofByStopping(said(...AT_WORK), stopped({ lastOperation: at(1) }), asked)).toBe(
      undefined,
    );
    expect(
      proofByStopping(said(...AT_WORK), stopped({ lastOperation: asked }), asked),
    ).toBeDefined();
  });

  it('says which proof it was', () => {
    const complete = proofByStopping(said(...AT_WORK, 'complete'), stopped());
    expect(complete).toContain('told that it is complete');
    const silent = proofByStopping(said(...AT_WORK), stopped());
    expect(silent).toMatch(/fell silent.*IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE/);
  });
});
