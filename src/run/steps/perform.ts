import { DEPROVISION_TAG } from '../../domain/deprovision-mark.ts';
import { Failure, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepKind, StepOf } from '../../plan/plan.ts';
import type { Interruption } from '../interruption.ts';
import { requireSameVm } from '../same-vm.ts';
import type { StepContext } from '../step-context.ts';
import { sleep, watch } from '../wait.ts';
import { disks, requireRightDisks, snapshot } from './copies.ts';
import { deleteAll } from './delete.ts';
import { dismiss } from './deprovision-command.ts';
import { deprovisionLinux } from './deprovision-linux.ts';
import { deprovisionWindows } from './deprovision-windows.ts';
import { workOf } from './deprovision-work.ts';
import { deallocate, generalize } from './generalize.ts';
import { publish } from './publish.ts';
import { replicate } from './replicate.ts';
import { update } from './update.ts';
import { verify } from './verify.ts';

export type Perform<S> = (
  step: S,
  context: StepContext,
) => Promise<void> | Promise<Interruption | undefined>;

/** How each kind of step is carried out. */
export const PERFORM: { readonly [K in StepKind]: Perform<StepOf<K>> } = {
  start,
  deallocate,
  generalize,
  create,
  publish,
  update,
  verify,
  replicate,
  snapshot,
  disks,
  delete: deleteAll,
  deprovision: (step, context) => {
    const work = workOf(step, context);
    return step.osType === 'Linux' ? deprovisionLinux(work) : deprovisionWindows(work);
  },

  /** Makes the managed image that a definition takes in place of the VM. */
  image: async ({ image: id, vm }, context) => {
    const { compute, target } = context;
    const { location, tags } = target;
    const { generation } = await requireSameVm(context, vm);
    await compute.createImage({ id, location, vm, tags, ...(generation && { generation }) });
  },

  /** Gives the VM its new disks; what its deprovision left on it goes with the old ones. */
  exchange: async (step, context) => {
    await requireSameVm(context, step.vm);
    await requireRightDisks(step.of, context);
    await context.compute.exchangeDisks(step.vm, step.of, [DEPROVISION_TAG]);
    await requireRightDisks(step.of, context, step.vm);
  },

  /** Sets that disks and network interfaces outlive the VM. */
  detach: async (step, context) => {
    await requireSameVm(context, step.vm);
    await context.compute.deleteWithVm(step.vm, []);
  },

  /** Deletes the run commands by which a Windows guest was asked to deprovision itself. */
  dismiss: (step, context) => dismiss({ step, context, nonce: step.nonce }),

  /** Takes from a new disk what only an unfinished restore needs. */
  settle: (step, { compute }) => compute.settleDisk(step.disk),
};

/** Seconds that a guest agent may take to report after the start. Invented: no source tells. */
const AGENT_SECONDS = 10 * 60;

/**
 * Starts the stopped VM, and waits for its guest agent: until that reports, Azure fails every Run
 * Command (azure-cli, test_vm_create_with_default_trusted_launch).
 */
async function start(step: StepOf<'start'>, context: StepContext) {
  const { compute } = context;
  await requireSameVm(context, step.vm);
  await compute.startVm(step.vm);
  if (step.withoutAgent) return;
  const ready = await watch(
    async () => ((await compute.vm(step.vm))?.agentReady ? true : undefined),
    { ...context, expectedSeconds: EXPECTED.agent, limitSeconds: AGENT_SECONDS },
  );
  if (ready) return;
  throw refused({
    what: `${nameOf(step.vm)} was started, but its guest agent did not report within ${AGENT_SECONDS / 60} minutes.`,
    why: 'The guest does not boot, has no agent, or cannot reach Azure.',
    remedy:
      'Look at its boot diagnostics, and at https://aka.ms/vmextensionlinuxtroubleshoot. This attempt changed nothing in the guest.',
  });
}

/** Seconds for which Azure reserves the network interface of a VM that was deleted, and a margin. */
const RESERVED_SECONDS = 180 + 60;
const AGAIN_SECONDS = 15;

/**
 * Creates the VM again. Azure may reserve its network interfaces for the deleted VM, for 180 seconds
 * (taskcluster#7196).
 */
async function create(step: StepOf<'create'>, context: StepContext): Promise<void> {
  const { compute, report, signal, pollSeconds } = context;
  const began = Date.now();
  let isTold = false;
  for (;;) {
    try {
      await requireRightDisks(step.of, context);
      await compute.recreateVm(step.vm, step.model, step.of);
      return await requireRightDisks(step.of, context, step.vm);
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
