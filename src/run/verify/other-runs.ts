import type { Vm } from '../../domain/observed.ts';
import { quoted } from '../../domain/quoted.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { mayBeAtWork, type VerifyPlan } from '../../domain/verification.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { Step } from '../../plan/plan.ts';
import type { Reads, StepContext } from '../ports.ts';
import { watch } from '../wait.ts';

/** Whether a throw-away VM may still be needed by the run that made it, which is not this one. */
export function isOfLivingRun(
  made: Vm,
  { vm, timeoutSeconds }: Pick<VerifyPlan, 'vm' | 'timeoutSeconds'>,
  compute: Reads,
): boolean {
  const now = compute.azureTime();
  return now !== undefined && mayBeAtWork(made, vm.tags, now, timeoutSeconds);
}

/**
 * Waits while throw-away VMs may be at work for other runs: each run deletes its own.
 *
 * @returns whether there was something to wait for: the version may be verified by now
 */
export async function waitForOtherRuns(
  vms: readonly string[],
  step: Step,
  context: StepContext,
): Promise<boolean> {
  const { compute, target, report, pollSeconds, signal } = context;
  const verify = 'verify' in target ? target.verify : undefined;
  if (!verify) return false;
  const look = async () => {
    const found = await Promise.all(vms.map((id) => compute.vm(id)));
    return found.some((vm) => vm && isOfLivingRun(vm, verify, compute)) ? undefined : true;
  };
  if (await look()) return false;
  report.say(
    step,
    `Another run may be at work with ${quoted(vms.map(nameOf))}. Waiting until it is deleted, or older than \`verify-timeout-minutes\`.`,
  );
  const { timeoutSeconds: limitSeconds } = verify;
  const expectedSeconds = EXPECTED.bootVm;
  await watch(look, { expectedSeconds, limitSeconds, pollSeconds, signal, justBegun: true });
  return true;
}
