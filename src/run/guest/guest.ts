import { Failure } from '../../domain/failure.ts';
import type { Vm } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Bench, CommandReport } from '../ports.ts';
import { watch } from '../wait.ts';
import { scheduleLinux } from './linux.ts';
import { type Progress, readProgress } from './progress.ts';
import { readScheduling } from './scheduling.ts';
import { scheduleWindows } from './windows.ts';

/** How the deprovision is begun and heard of, by operating system. */
export interface Guest {
  /** Whether it is heard on its serial console, which boot diagnostics record. */
  readonly onSerialConsole: boolean;
  /**
   * Whether it switches the VM off after its mark. If not, it stays on, and stays deprovisioned only
   * as long as it is not restarted.
   */
  readonly switchesOff: boolean;
  /** Has it scheduled in the guest, or found to be so; gives what that printed. */
  schedule(nonce: string): Promise<string>;
  /** All that was heard so far. */
  hear(nonce: string): Promise<Progress>;
  /** Removes what stands in Azure for hearing it. */
  dismiss(nonce: string): Promise<void>;
}

/**
 * Seconds for all that comes before the guest's answer: the command's start, and the guest's waiting
 * for its agent (`PATIENCE_SECONDS`).
 */
const COMMAND_SECONDS = 600;

/** The guest of a VM. */
export const guestOf = (step: StepOf<'deprovision'>, bench: Bench, vm: Vm): Guest =>
  step.osType === 'Windows' ? windowsGuest(step, bench, vm) : linuxGuest(step, bench);

/** Heard on the serial console, which outlives both its agent and its power. */
function linuxGuest({ vm, script }: StepOf<'deprovision'>, { compute }: Bench): Guest {
  return {
    onSerialConsole: true,
    switchesOff: true,
    schedule: (nonce) => compute.runScript(vm, scheduleLinux({ nonce, ...(script && { script }) })),
    hear: async (nonce) => readProgress(await compute.serialLog(vm), nonce),
    dismiss: async () => undefined,
  };
}

/**
 * Heard through a managed run command, whose instance view shows the latest output while it runs
 * (windows/run-command-managed.md). Not on the serial console: on Azure's Windows Server the Special
 * Administration Console has COM1 to itself, and no program can open it (image-builder#875,
 * cloudbase-init#94; azure-support-scripts: the agent writes there only without SAC).
 */
function windowsGuest(step: StepOf<'deprovision'>, bench: Bench, { location }: Vm): Guest {
  const { compute, tags, pollSeconds, signal } = bench;
  const { script, timeoutSeconds } = step;
  const idOf = (nonce: string) => `${step.vm}/runCommands/golden-image-${nonce}`;
  return {
    onSerialConsole: false,
    switchesOff: false,
    schedule: async (nonce) => {
      const id = idOf(nonce);
      const order = { nonce, timeoutSeconds, ...(script && { script }) };
      if (hasEnded(await compute.command(id))) await compute.deleteCommand(id);
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
      return `${answered.output}\n${answered.error}`;
    },
    hear: async (nonce) => heardFrom(await compute.command(idOf(nonce)), nonce),
    dismiss: async (nonce) => {
      if (await compute.command(idOf(nonce))) await compute.deleteCommand(idOf(nonce));
    },
  };
}

const hasEnded = (command: CommandReport | undefined): boolean =>
  command !== undefined && ENDED.includes(command.state);

/** Execution states after which nothing more is printed (PKG `KnownExecutionState`). */
const ENDED = ['Succeeded', 'Failed', 'TimedOut', 'Canceled'];

/** A command that ended without the task's last words: the task is gone, and so is whoever tells. */
function heardFrom(command: CommandReport | undefined, nonce: string): Progress {
  if (!command) return readProgress('', nonce);
  const progress = readProgress(command.output, nonce);
  if (progress.outcome !== 'pending' || !hasEnded(command)) return progress;
  const words = [...progress.log, `The command that listened to it is ${command.state}.`];
  const error = command.error.split(/\r?\n/).filter((line) => line.trim());
  return { ...progress, outcome: 'failed', log: [...words, ...error] };
}

const unanswered = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `The guest did not answer the run command ${nameOf(id)} within ${COMMAND_SECONDS / 60} minutes.`,
    why: 'Its agent does not run commands, or cannot reach Azure.',
    remedy:
      'Look at the agent (https://aka.ms/vmagent) and at the command (`az vm run-command show --expand instanceView`), then run again.',
  });
