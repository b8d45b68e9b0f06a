/** The endings that a restore can have. */
import { changeVm } from './changed-vm.ts';
import { capture, localAzure, type Run, type RunOptions, restore } from './harness.ts';

/** A restore of a VM that a capture has changed so far. */
async function after(
  until: string,
  asked: Parameters<typeof restore>[1] = {},
  options: RunOptions = {},
): Promise<Run> {
  const azure = localAzure();
  await changeVm(azure, until);
  return restore(azure, asked, options);
}

/** A capture whose VM comes back. */
const returning = (options: RunOptions = {}): Promise<Run> =>
  capture(localAzure(), {
    ...options,
    request: { snapshot: true, captureFrom: 'disks', afterCapture: 'restore', oldDisks: 'delete' },
  });

export const restores: Readonly<Record<string, () => Promise<Run>>> = {
  'capture-comes-back': () => returning(),
  'capture-comes-back-dry-run': () => returning({ dryRun: true }),
  restore: () => after('deprovision', { oldDisks: 'delete' }),
  'restore-dry-run': () => after('deprovision', {}, { dryRun: true }),
  'restore-generalized-refused': () => after('generalize'),
  'restore-generalized': () => after('generalize', { recreate: true }),
};
