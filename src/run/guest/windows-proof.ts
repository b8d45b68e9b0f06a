import type { Vm } from '../../domain/observed.ts';
import type { Progress } from './progress.ts';
import { GENERALIZED } from './windows-names.ts';

/** Seconds by which Azure may end the start of the run command after Sysprep has begun. Invented. */
const START_SECONDS = 60;

/** The task cannot have stopped the machine sooner, in seconds after Sysprep began. Invented. */
const SOONEST_SECONDS = 90;

/**
 * Why a stopped VM counts as deprovisioned, in words, or `undefined`. The task stops the machine only
 * after a good ImageState, as its last act, so the stop is proof when Sysprep was heard to begin and
 * nobody stopped the VM through Azure. Azure tells that by the time of the VM's last operation, which a
 * stop from inside does not change (recorded: powerOff, start, restart, redeploy and deallocate do).
 */
export function proofByStopping(said: Progress, vm: Vm, now = new Date()): string | undefined {
  const { outcome, phase, phaseBegan } = said;
  if (vm.power !== 'stopped' || vm.generalized) return undefined;
  if (outcome === 'failed' || (outcome === 'pending' && phase !== 'sysprep')) return undefined;
  const secondsAfter = (time: Date) => (time.getTime() - (phaseBegan?.getTime() ?? 0)) / 1000;
  if (phaseBegan && secondsAfter(now) < SOONEST_SECONDS) return undefined;
  if (wasChanged(said, vm)) return undefined;
  return outcome === 'complete'
    ? 'Proof of the deprovision: the guest told that it is complete, and stopped the VM afterwards.'
    : `Proof of the deprovision: Sysprep began, the guest agent fell silent, and the guest stopped the VM. It does that only after ImageState became ${GENERALIZED}.`;
}

/** Whether the VM was stopped, started or else changed through Azure since the last phase began. */
export const wasChanged = ({ phaseBegan }: Progress, { lastOperation }: Vm): boolean =>
  phaseBegan !== undefined &&
  lastOperation !== undefined &&
  lastOperation.getTime() > phaseBegan.getTime() + START_SECONDS * 1000;
