import { Failure } from '../../domain/failure.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { StepContext } from '../ports.ts';
import { sleep } from '../wait.ts';

/** Seconds for which Azure reserves the network interface of a VM that was deleted, and a margin. */
const RESERVED_SECONDS = 180 + 60;
const AGAIN_SECONDS = 15;

/**
 * Creates the VM again. Azure may reserve its network interfaces for the deleted VM, for 180 seconds
 * (taskcluster#7196).
 */
export async function create(step: StepOf<'create'>, context: StepContext): Promise<void> {
  const { compute, report, signal, pollSeconds } = context;
  const began = Date.now();
  let isTold = false;
  for (;;) {
    try {
      return await compute.recreateVm({ id: step.vm, model: step.model, disks: step.of });
    } catch (failure) {
      const isReserved = failure instanceof Failure && failure.code === 'NicReservedForAnotherVm';
      const left = RESERVED_SECONDS - (Date.now() - began) / 1000;
      if (!isReserved || left <= 0) throw failure;
      if (!isTold)
        report.say(step, 'Azure reserves the network interface for up to 180 s; waiting.');
      isTold = true;
      await sleep(Math.min(AGAIN_SECONDS, pollSeconds ?? Infinity, left), signal);
    }
  }
}
