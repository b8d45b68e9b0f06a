import { Failure } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Compute, StepContext } from '../ports.ts';
import { aborted, watch } from '../wait.ts';
import { commandName } from './windows-names.ts';

/** Seconds for deleting the commands. Invented: it ends a script, and needs an agent that answers. */
const DELETE_SECONDS = 120;

/** Seconds between looks whether the agent of a VM that was just started reports. */
const LOOK_SECONDS = 10;

/** Resource ID of the run command of a deprovision. */
export const commandOf = (vm: string, nonce: string): string =>
  `${vm}/runCommands/${commandName(nonce)}`;

/** Deletes a run command; gives up when Azure does not. */
export async function removeCommand(id: string, compute: Compute): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new Error(`Azure did not delete it within ${DELETE_SECONDS} seconds.`)),
    DELETE_SECONDS * 1000,
  );
  try {
    await Promise.race([compute.deleteCommand(id, limit.signal), aborted(limit.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Deletes the run commands of a deprovision, as far as Azure does it; the run continues without. */
export async function dismiss(
  {
    step,
    nonce,
  }: { readonly step: StepOf<'deprovision'> | StepOf<'dismiss'>; readonly nonce: string },
  { compute, report, signal, pollSeconds }: StepContext,
): Promise<void> {
  const first = commandOf(step.vm, nonce);
  for (const id of [`${first}-again`, first])
    try {
      if (!(await compute.command(id))) continue;
      if (step.do === 'dismiss')
        await watch(async () => (await compute.vm(step.vm))?.agentReady || undefined, {
          expectedSeconds: LOOK_SECONDS,
          limitSeconds: DELETE_SECONDS,
          pollSeconds,
          signal,
        });
      await removeCommand(id, compute);
    } catch (failure) {
      signal.throwIfAborted();
      report.say(
        step,
        `The run command \`${nameOf(id)}\` was not deleted. It does no harm and goes with the VM. ${reasonOf(failure)}`,
      );
    }
}

const reasonOf = (failure: unknown): string =>
  failure instanceof Failure
    ? [failure.what, failure.why].join(' ')
    : `${failure instanceof Error ? failure.message : failure}`;
