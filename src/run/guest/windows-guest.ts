import { Failure } from '../../domain/failure.ts';
import type { Vm } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { CommandReport, StepContext } from '../ports.ts';
import { watch } from '../wait.ts';
import type { Guest } from './guest-channel.ts';
import { type Heard, readMarks } from './marks.ts';
import { readScheduling } from './scheduling.ts';
import { MARGIN_SECONDS, scheduleWindows } from './windows.ts';
import { commandOf, dismiss, removeCommand } from './windows-dismissal.ts';
import { proofByStopping, wasChanged } from './windows-proof.ts';

/**
 * Seconds for all that comes before the guest's answer: the command's start, and the guest's waiting
 * for its agent (`PATIENCE_SECONDS`).
 */
const COMMAND_SECONDS = 600;

/**
 * A Windows guest, heard through a managed run command, whose instance view shows the latest output
 * while it runs (windows/run-command-managed.md). Not on the serial console: on Azure's Windows Server
 * the Special Administration Console has COM1 to itself, and no program can open it (image-builder#875,
 * cloudbase-init#94; azure-support-scripts: the agent writes there only without SAC).
 *
 * A guest that is asked once more is asked by a second command, so that what the first one heard, which
 * may be the only proof, stays until the deprovision is over.
 */
export function windowsGuest(
  step: StepOf<'deprovision'>,
  context: StepContext,
  { location }: Vm,
): Guest {
  const { compute, tags, pollSeconds, signal } = context;
  const { script, timeoutSeconds } = step;
  const firstOf = (nonce: string) => commandOf(step.vm, nonce);
  const againOf = (nonce: string) => `${firstOf(nonce)}-again`;

  /** The time of the VM's last operation as the guest was asked by this attempt. */
  let askedAt: Date | undefined;

  /** Whether nothing more is to be heard from this command, of this start of the machine. */
  const isOver = async (command: CommandReport | undefined, nonce: string) => {
    if (!command || hasEnded(command)) return command !== undefined;
    const vm = await compute.vm(step.vm);
    return vm !== undefined && isOverdue(heardFrom(command, nonce), vm);
  };

  /**
   * Whether the guest is no longer at what it told of: somebody has restarted it through Azure, or the
   * time is over by when the task has ended either way. It is on, so it was restarted from inside.
   */
  const isOverdue = (said: Heard, vm: Vm) => {
    const began = said.phaseBegan?.getTime() ?? Number.POSITIVE_INFINITY;
    const now = compute.azureTime() ?? new Date();
    return wasChanged(said, vm) || began + (timeoutSeconds - MARGIN_SECONDS) * 1000 < now.getTime();
  };

  return {
    schedule: async (nonce) => {
      const asked =
        (await compute.command(againOf(nonce))) !== undefined ||
        (await isOver(await compute.command(firstOf(nonce)), nonce));
      const id = asked ? againOf(nonce) : firstOf(nonce);
      const sent = compute.azureTime() ?? new Date();
      const order = { nonce, timeoutSeconds, sent, ...(script && { script }) };
      if (asked && (await isOver(await compute.command(id), nonce)))
        await removeCommand(id, compute);
      if (!(await compute.command(id)))
        await compute.startCommand({
          id,
          location,
          script: scheduleWindows(order),
          timeoutSeconds: timeoutSeconds + COMMAND_SECONDS,
          tags,
        });
      const answered = await watch(
        async () => {
          const command = await compute.command(id);
          const { outcome } = readScheduling(command?.output ?? '');
          const taken = outcome === 'scheduled' || outcome === 'already-scheduled';
          return taken || hasEnded(command) ? command : undefined;
        },
        { expectedSeconds: EXPECTED.command, limitSeconds: COMMAND_SECONDS, pollSeconds, signal },
      );
      if (!answered) throw unanswered(id);
      askedAt = (await compute.vm(step.vm))?.lastOperation;
      return `${answered.output}\n${answered.error}`;
    },
    hear: async (nonce) => {
      const again = await compute.command(againOf(nonce));
      return heardFrom(again ?? (await compute.command(firstOf(nonce))), nonce);
    },
    dismiss: (nonce) => dismiss({ step, nonce }, context),
    isOver: isOverdue,
    provenByStopping: async (nonce, vm) => {
      const [first, again] = [
        heardFrom(await compute.command(firstOf(nonce)), nonce),
        heardFrom(await compute.command(againOf(nonce)), nonce),
      ];
      const isSilent = again.outcome === 'pending' && again.phase === undefined;
      return proofByStopping(isSilent ? first : again, vm, askedAt);
    },
  };
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
  if (!command) return readMarks('', nonce);
  const progress = readMarks(command.output, nonce);
  if (progress.outcome !== 'pending' || !hasEnded(command)) return progress;
  const { state, exitCode = 0 } = command;
  if (exitCode === 0) return { ...progress, notes: [...progress.notes, silenced(state)] };
  const words = [...progress.log, `The command that listened to it is ${state}.`];
  const error = command.error.split(/\r?\n/).filter((line) => line.trim());
  return { ...progress, outcome: 'failed', log: [...words, ...error] };
}

const silenced = (state: string) =>
  `Azure calls the run command ${state}, without an exit code of its script: the guest agent stopped reporting. Waiting until the guest stops the VM, which it does after a good ImageState only.`;

const unanswered = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `The guest did not answer the run command \`${nameOf(id)}\` within ${COMMAND_SECONDS / 60} minutes.`,
    why: 'Its agent does not run commands, or cannot reach Azure.',
    remedy:
      'Look at the agent (https://aka.ms/vmagent) and at the command (`az vm run-command show --expand instanceView`), then re-run the failed job.',
  });
