import { describe, expect, it } from 'vitest';
import { grantsOf, plannedOf } from '../../../src/plan/needed-rights.ts';
import { step } from '../../../src/plan/plan.ts';
import type { RightsName } from '../../../src/plan/rights.ts';
import { isRead } from '../../roles/grants.ts';
import { VM_ID } from '../worlds.ts';

const needs = (...names: RightsName[]) =>
  grantsOf(names).map(({ action }) => ({ action, scope: VM_ID }));
const actions = (of: ReturnType<typeof needs>) => of.map(({ action }) => action);

describe('the rights that a plan uses in any case', () => {
  const all = needs('capture', 'start', 'retention');

  it('are those of its steps, and all that reads', () => {
    const planned = actions(plannedOf(all, [step('deallocate', { vm: VM_ID })]));
    const reads = all.filter(({ action }) => action.endsWith('/read')).map(({ action }) => action);
    expect(planned).toEqual(
      expect.arrayContaining([...reads, 'Microsoft.Compute/virtualMachines/deallocate/action']),
    );
    expect(planned).toHaveLength(reads.length + 1);
  });

  it('are deletions of the types that it deletes', () => {
    const snapshot = `${VM_ID.split('/virtualMachines/')[0]}/snapshots/old`;
    const steps = [step('delete', { label: 'old-snapshots', of: [snapshot] })];
    const planned = actions(plannedOf(all, steps)).filter((action) => !/read$/.test(action));
    expect(planned).toEqual(['Microsoft.Compute/snapshots/delete']);
  });

  it('are not what only cleans up', () => {
    const planned = actions(
      plannedOf(needs('windows'), [
        step('deprovision', { vm: VM_ID, osType: 'Windows', timeoutSeconds: 60 }),
      ]),
    );
    expect(planned).toEqual(
      ['read', 'write'].map((verb) => `Microsoft.Compute/virtualMachines/runCommands/${verb}`),
    );
  });

  it('know every action that writes', () => {
    const extras: RightsName[] = ['windows', 'snapshot', 'disks', 'image', 'deletion'];
    const every = needs('capture', 'copy', 'change', 'start', 'retention', ...extras);
    const writes = every.filter(({ action }) => !isRead({ action, scope: 'build' }));
    expect(actions(plannedOf(writes, []))).toEqual([]);
  });
});
