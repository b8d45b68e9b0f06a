import type { Vm } from '../../domain/observed.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';
import type { Guest } from './guest-channel.ts';
import { scheduleLinux } from './linux.ts';
import { readProgress } from './progress.ts';
import { windowsGuest } from './windows-guest.ts';

export type { Guest } from './guest-channel.ts';

/** The guest of a VM. */
export const guestOf = (step: StepOf<'deprovision'>, bench: Bench, vm: Vm): Guest =>
  step.osType === 'Windows' ? windowsGuest(step, bench, vm) : linuxGuest(step, bench);

/** Heard on the serial console, which outlives both its agent and its power. */
function linuxGuest({ vm, script }: StepOf<'deprovision'>, { compute }: Bench): Guest {
  return {
    onSerialConsole: true,
    switchesOff: true,
    schedule: (nonce) => compute.runScript(vm, scheduleLinux({ nonce, ...(script && { script }) })),
    hear: async (nonce) => readProgress(await compute.serialLog(vm), nonce),
    dismiss: async () => undefined,
  };
}
