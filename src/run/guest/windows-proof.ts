import type { Vm } from '../../domain/observed.ts';
import type { Heard } from './marks.ts';
import { GENERALIZED } from './windows-names.ts';

/** Seconds by which Azure may end the start of the run command after Sysprep has begun. Invented. */
const START_SECONDS = 60;

/**
 * Why a stopped VM counts as deprovisioned, in words, or `undefined`. The task stops the machine only
 * after a good ImageState, as its last act, so the stop is proof when Sysprep was heard to begin and
 * nobody stopped the VM through Azure. Azure tells that by the time of the VM's last operation, which a
 * stop from inside does not change (recorded: powerOff, start, restart, redeploy and deallocate do).
 *
 * @param asked when the last operation had ended as the guest was asked, if this attempt asked it
 */
export function proofByStopping(said: Heard, vm: Vm, asked?: Date): string | undefined {
  const { outcome, phase } = said;
  if (vm.power !== 'stopped' || vm.generalized) return undefined;
  const isWorking = outcome === 'pending' && phase === 'sysprep';
  if (outcome !== 'complete' && !isWorking) return undefined;
  if (wasChanged(said, vm, asked)) return undefined;
  return outcome === 'complete'
    ? 'Proof of the deprovision: the guest told that it is complete, and stopped the VM afterwards.'
    : `Proof of the deprovision: Sysprep began, the guest agent fell silent, and the guest stopped the VM. It does that only after ImageState became ${GENERALIZED}.`;
}

/**
 * Whether the VM was stopped, started or else changed through Azure since the guest was asked, or
 * since the last phase began. Both times are of clocks in Azure, never of this machine's.
 */
export function wasChanged({ phaseBegan }: Heard, { lastOperation }: Vm, asked?: Date): boolean {
  if (!lastOperation) return false;
  if (asked) return lastOperation.getTime() > asked.getTime();
  return (
    phaseBegan !== undefined &&
    lastOperation.getTime() > phaseBegan.getTime() + START_SECONDS * 1000
  );
}
