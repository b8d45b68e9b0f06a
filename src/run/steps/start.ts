import { refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { StepContext } from '../ports.ts';
import { requireSameVm } from '../same-vm.ts';
import { watch } from '../wait.ts';

/** Seconds that a guest agent may take to report after the start. Invented: no source tells. */
const AGENT_SECONDS = 10 * 60;

/**
 * Starts the stopped VM, and waits for its guest agent: until that reports, Azure fails every Run
 * Command (azure-cli, test_vm_create_with_default_trusted_launch).
 */
export async function start(step: StepOf<'start'>, context: StepContext) {
  const { compute, signal, pollSeconds } = context;
  await requireSameVm(context, step.vm);
  await compute.startVm(step.vm);
  if (step.withoutAgent) return;
  const ready = await watch(
    async () => ((await compute.vm(step.vm))?.agentReady ? true : undefined),
    { expectedSeconds: EXPECTED.agent, pollSeconds, limitSeconds: AGENT_SECONDS, signal },
  );
  if (ready) return;
  throw refused({
    what: `${nameOf(step.vm)} was started, but its guest agent did not report within ${AGENT_SECONDS / 60} minutes.`,
    why: 'The guest does not boot, has no agent, or cannot reach Azure.',
    remedy:
      'Look at its boot diagnostics, and at https://aka.ms/vmextensionlinuxtroubleshoot. Nothing was changed in the guest.',
  });
}
