import { Failure } from '../../domain/failure.ts';
import { DEPROVISION_TAG } from '../../domain/owner.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import { dismiss as dismissCommands } from '../guest/windows-dismissal.ts';
import type { StepContext } from '../ports.ts';
import { requireSameVm } from '../same-vm.ts';
import { sleep } from '../wait.ts';

/** Makes the new disks, all at once. */
export async function disks(
  step: StepOf<'disks'>,
  { compute, report }: StepContext,
): Promise<void> {
  await Promise.all(
    step.of.map(async (order) => {
      await compute.createDisk(order);
      report.say(step, `${nameOf(order.snapshot)} → ${nameOf(order.id)}`);
    }),
  );
}

/** Gives the VM its new disks; what its deprovision left on it goes with the old ones. */
export async function exchange(step: StepOf<'exchange'>, context: StepContext): Promise<void> {
  await requireSameVm(context, step.vm);
  await context.compute.exchangeDisks(step.vm, step.of, [DEPROVISION_TAG]);
}

/** Sets that disks and network interfaces outlive the VM. */
export async function detach(step: StepOf<'detach'>, context: StepContext): Promise<void> {
  await requireSameVm(context, step.vm);
  await context.compute.deleteWithVm(step.vm, []);
}

/** Deletes the run commands by which a Windows guest was asked to deprovision itself. */
export const dismiss = (step: StepOf<'dismiss'>, context: StepContext): Promise<void> =>
  dismissCommands({ step, nonce: step.nonce }, context);

/** Takes from a new disk what only an unfinished restore needs. */
export async function settle(step: StepOf<'settle'>, { compute }: StepContext): Promise<void> {
  await compute.settleDisk(step.disk);
}

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
