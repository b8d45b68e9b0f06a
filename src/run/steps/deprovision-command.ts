import { Failure, messageOf, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { Vm } from '../../domain/vm.ts';
import { joined } from '../../domain/words.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Heard, readAnswer, readMarks } from '../guest/marks.ts';
import type { Reply } from '../guest/run-command.ts';
import { MARGIN_SECONDS, scheduleWindows } from '../guest/windows.ts';
import { commandName, GENERALIZED } from '../guest/windows-task.ts';
import type { CommandReport, Compute } from '../ports.ts';
import type { StepContext } from '../step-context.ts';
import { watch, within } from '../wait.ts';
import type { Work } from './deprovision-work.ts';

/**
 * Seconds for all that comes before the guest's answer: the command's start, and the guest's waiting
 * for its agent (`PATIENCE_SECONDS`).
 */
const COMMAND_SECONDS = 600;

/** Resource IDs of the run commands of a deprovision: the first, and the one that asks once more. */
function commandsOf(vm: string, nonce: string): readonly [first: string, again: string] {
  const first = `${vm}/runCommands/${commandName(nonce)}`;
  return [first, `${first}-again`];
}

/*
 * A Windows guest is asked and heard through a managed run command, whose instance view shows the
 * latest output while it runs (windows/run-command-managed.md). Not on the serial console: on Azure's
 * Windows Server the Special Administration Console has COM1 to itself, and no program can open it
 * (image-builder#875, cloudbase-init#94; azure-support-scripts: the agent writes there only without SAC).
 *
 * A guest that is asked once more is asked by a second command, so that what the first one heard, which
 * may be the only proof, stays until the deprovision is over.
 */

/** What the guest has told so far, by the command that asked it last. */
export async function hear({ step, context: { compute }, nonce }: Work): Promise<Heard> {
  const [first, again] = commandsOf(step.vm, nonce);
  return heardFrom((await compute.command(again)) ?? (await compute.command(first)), nonce);
}

/**
 * Has it scheduled in the guest, or found to be so.
 *
 * @returns `askedAt`: the time of the VM's last operation as the guest was asked
 */
export async function schedule(
  work: Work,
  { location }: Vm,
): Promise<Reply & { readonly askedAt?: Date | undefined }> {
  const { step, context, nonce } = work;
  const { compute, target } = context;
  const { script, timeoutSeconds } = step;
  const [first, again] = commandsOf(step.vm, nonce);
  try {
    const asked =
      (await compute.command(again)) !== undefined ||
      (await hasNoMore(work, await compute.command(first)));
    const id = asked ? again : first;
    const sent = compute.azureTime() ?? new Date();
    if (asked && (await hasNoMore(work, await compute.command(id))))
      await removeCommand(id, compute);
    if (!(await compute.command(id)))
      await compute.startCommand({
        id,
        location,
        script: scheduleWindows({ nonce, timeoutSeconds, sent, ...(script && { script }) }),
        timeoutSeconds: timeoutSeconds + COMMAND_SECONDS,
        tags: target.tags,
      });
    const answered = await watch(
      async () => {
        const command = await compute.command(id);
        const { outcome } = readAnswer(command?.output);
        const taken = outcome === 'scheduled' || outcome === 'already-scheduled';
        return taken || hasEnded(command) ? command : undefined;
      },
      { ...context, expectedSeconds: EXPECTED.command, limitSeconds: COMMAND_SECONDS },
    );
    if (!answered)
      throw refused({
        what: `The guest did not answer the run command \`${nameOf(id)}\` within ${COMMAND_SECONDS / 60} minutes.`,
        why: 'Its agent does not run commands, or cannot reach Azure.',
        remedy:
          'Look at the agent (https://aka.ms/vmagent) and at the command (`az vm run-command show --expand instanceView`), then re-run the failed job.',
      });
    const askedAt = (await compute.vm(step.vm))?.lastOperation;
    return { printed: `${answered.output}\n${answered.error}`, askedAt };
  } catch (failure) {
    return { failure };
  }
}

/** Whether nothing more is to be heard from this command, of this start of the machine. */
async function hasNoMore(work: Work, command: CommandReport | undefined): Promise<boolean> {
  if (!command || hasEnded(command)) return command !== undefined;
  const vm = await work.context.compute.vm(work.step.vm);
  return vm !== undefined && isOver(work, heardFrom(command, work.nonce), vm);
}

/**
 * Whether the guest is no longer at what it told of: somebody has restarted it through Azure, or the
 * time is over by when the task has ended either way. It is on, so it was restarted from inside.
 */
export function isOver({ step, context: { compute } }: Work, said: Heard, vm: Vm): boolean {
  const began = said.phaseBegan?.getTime() ?? Number.POSITIVE_INFINITY;
  const now = compute.azureTime() ?? new Date();
  return (
    wasChanged(said, vm) || began + (step.timeoutSeconds - MARGIN_SECONDS) * 1000 < now.getTime()
  );
}

/**
 * Why a VM that was found stopped counts as deprovisioned, in words.
 *
 * @param askedAt as `schedule` gave it, if this attempt asked the guest
 */
export async function provenByStopping(
  { step, context: { compute }, nonce }: Work,
  vm: Vm,
  askedAt: Date | undefined,
): Promise<string | undefined> {
  const [first, again] = commandsOf(step.vm, nonce);
  const before = heardFrom(await compute.command(first), nonce);
  const now = heardFrom(await compute.command(again), nonce);
  const isSilent = now.outcome === 'pending' && now.phase === undefined;
  return proofByStopping(isSilent ? before : now, vm, askedAt);
}

const hasEnded = (command: CommandReport | undefined): boolean =>
  command !== undefined && ENDED.includes(command.state);

/** Execution states after which nothing more is printed (PKG `KnownExecutionState`). */
const ENDED = ['Succeeded', 'Failed', 'TimedOut', 'Canceled'];

/**
 * A command that ended with an exit code of its own, but without the task's last words, has failed.
 * Without one it is the agent that stopped telling, which says nothing of the task (Azure/AgentBaker#9042).
 */
function heardFrom(command: CommandReport | undefined, nonce: string): Heard {
  const heard = readMarks(command?.output ?? '', nonce);
  if (!command || heard.outcome !== 'pending' || !hasEnded(command)) return heard;
  const { state, exitCode = 0 } = command;
  if (exitCode === 0) return { ...heard, notes: [...heard.notes, silenced(state)] };
  const words = [...heard.log, `The command that listened to it is ${state}.`];
  const error = command.error.split(/\r?\n/).filter((line) => line.trim());
  return { ...heard, outcome: 'failed', log: [...words, ...error] };
}

const silenced = (state: string) =>
  `Azure calls the run command ${state}, without an exit code of its script: the guest agent stopped reporting. Waiting until the guest stops the VM, which it does only after a good ImageState.`;

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
function wasChanged({ phaseBegan }: Heard, { lastOperation }: Vm, asked?: Date): boolean {
  if (!lastOperation) return false;
  if (asked) return lastOperation.getTime() > asked.getTime();
  return (
    phaseBegan !== undefined &&
    lastOperation.getTime() > phaseBegan.getTime() + START_SECONDS * 1000
  );
}

/** Seconds for deleting the commands. Invented: it ends a script, and needs an agent that answers. */
const DELETE_SECONDS = 120;

/** Seconds between looks whether the agent of a VM that was just started reports. */
const LOOK_SECONDS = 10;

/** Deletes a run command; gives up when Azure does not. */
const removeCommand = (id: string, compute: Compute): Promise<void> =>
  within(
    DELETE_SECONDS,
    () => new Error(`Azure did not delete it within ${DELETE_SECONDS} seconds.`),
    (limit) => compute.deleteCommand(id, limit),
  );

/** Deletes the run commands of a deprovision, as far as Azure does it; the run continues without. */
export async function dismiss({
  step,
  context,
  nonce,
}: {
  readonly step: StepOf<'deprovision'> | StepOf<'dismiss'>;
  readonly context: StepContext;
  readonly nonce: string;
}): Promise<void> {
  const { compute, report, signal } = context;
  for (const id of commandsOf(step.vm, nonce).toReversed())
    try {
      if (!(await compute.command(id))) continue;
      if (step.do === 'dismiss')
        await watch(async () => (await compute.vm(step.vm))?.agentReady || undefined, {
          ...context,
          expectedSeconds: LOOK_SECONDS,
          limitSeconds: DELETE_SECONDS,
        });
      await removeCommand(id, compute);
    } catch (failure) {
      signal.throwIfAborted();
      const reason =
        failure instanceof Failure ? joined(' ', [failure.what, failure.why]) : messageOf(failure);
      report.say(
        step,
        `The run command \`${nameOf(id)}\` was not deleted. It does no harm and goes with the VM. ${reason}`,
      );
    }
}
