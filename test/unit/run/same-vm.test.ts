import { expect, it } from 'vitest';
import { isSameVm } from '../../../src/run/same-vm.ts';
import type { StepContext } from '../../../src/run/step-context.ts';
import { vm } from '../worlds.ts';

const restored = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/restored';
const another = vm({ vmId: 'another', osDisk: { ...vm().osDisk, id: restored } });

it.each([
  ['the restore deletes it and creates it again', { model: 'compressed' }, true],
  ['the restore only exchanges its disks', {}, false],
])('a VM of the new OS disk with another `vmId`, where %s', (_, model, isSame) => {
  const target = { operation: 'restore', vmId: vm().vmId, disks: [{ disk: restored }], ...model };
  expect(isSameVm({ target } as unknown as StepContext, another)).toBe(isSame);
});
