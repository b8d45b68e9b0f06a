import { changeVm } from '../scenarios/changed-vm.ts';
import { ofWindows, RETURNS, restore } from '../scenarios/harness.ts';
import type { Variant } from './variants.ts';

/** Captures whose VM comes back, and restores, before and after the VM is generalized. */
export const RESTORES: readonly Variant[] = [
  {
    name: 'a capture whose VM comes back, old disks deleted',
    request: () => ({ ...RETURNS, oldDisks: 'delete' }),
  },
  {
    name: 'a capture of a Windows VM that comes back',
    request: (azure) => ({ ...ofWindows(azure), ...RETURNS }),
  },
  {
    name: 'a restore before the VM is generalized, old disks deleted',
    prepare: (azure) => changeVm(azure, 'deprovision'),
    request: () => ({}),
    attempt: (azure, options) => restore(azure, { oldDisks: 'delete' }, options),
  },
  {
    name: 'a restore of a Windows VM',
    prepare: (azure) => changeVm(azure, 'deallocate', ofWindows(azure)),
    request: () => ({}),
    attempt: (azure, options) => restore(azure, { vm: ofWindows(azure).vm }, options),
  },
  {
    name: 'a restore of a generalized VM',
    prepare: (azure) => changeVm(azure, 'generalize'),
    request: () => ({}),
    attempt: (azure, options) => restore(azure, { recreate: true, oldDisks: 'delete' }, options),
  },
  {
    name: 'a restore of a generalized Windows VM',
    prepare: (azure) => changeVm(azure, 'generalize', ofWindows(azure)),
    request: () => ({}),
    attempt: (azure, options) =>
      restore(azure, { vm: ofWindows(azure).vm, recreate: true }, options),
  },
];
