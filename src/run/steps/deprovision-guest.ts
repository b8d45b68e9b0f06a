import { Failure } from '../../domain/failure.ts';
import type { Vm } from '../../domain/observed.ts';
import type { DeprovisionStage } from '../../domain/owner.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Heard } from '../guest/marks.ts';
import type { StepContext } from '../ports.ts';
import { sleep } from '../wait.ts';

/** What was heard, and why nothing more could be. */
export type Hearing = Heard & { readonly trouble?: Failure };

/** The deprovision of one Linux guest, and all there is to speak with it and to hear it. */
export interface LinuxWork {
  readonly step: StepOf<'deprovision'>;
  readonly context: StepContext;
  readonly nonce: string;
  /** Tells the log. */
  say(line: string): void;
  /** Looks at the VM; throws when it is gone. */
  vm(): Promise<Vm>;
  /** The VM as it was a minute ago at most: beside what the guest tells, its power is old news. */
  recentVm(): Promise<Vm>;
  /** Reads the serial console. */
  hear(): Promise<Hearing>;
  /** Writes the stage to the VM's tag and reads it back. */
  mark(stage: DeprovisionStage): Promise<{ readonly switchedOn: boolean }>;
}

export const isOn = ({ power }: Vm): boolean => power === 'running' || power === 'starting';

/**
 * Seconds until what a guest has written is certainly in the log, or is lost: "can take up to 10
 * minutes to appear" (azure-docs, virtual-machines-common-boot-diagnostics.md), and half as much again.
 */
export const HEARING_SECONDS = 15 * 60;

/** Seconds that Run Command usually is done within; only then the console is listened to beside it. */
const USUAL_SECONDS = 45;
/** Seconds for a command, the guest's own waiting (`PATIENCE_SECONDS`) included. */
const COMMAND_SECONDS = 900;

/** What came of a command; all absent when a sign came first, or the VM went off, or nothing in time. */
interface Answer {
  readonly printed?: string;
  readonly failure?: unknown;
}

/**
 * Sends a script and waits for its output, for a sign of it on the console, for the VM's going off, or
 * for the limit, whichever comes first: the command never ends when the agent stops before it has
 * reported (azure-sdk-for-net#13879, WALinuxAgent#3547).
 */
export async function converse(
  work: LinuxWork,
  script: string,
  isSign: (heard: Hearing) => boolean,
): Promise<Answer> {
  const { step, context, recentVm, hear } = work;
  const { compute } = context;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const answer = compute.runScript(step.vm, script, over.signal).then(
    (printed): Answer => ({ printed }),
    (failure: unknown): Answer => ({ failure }),
  );
  const listening = async (): Promise<Answer> => {
    const firstSeconds = Math.min(USUAL_SECONDS, context.pollSeconds ?? USUAL_SECONDS);
    let told = false;
    await lookAtGuest(
      { ...work, context: { ...context, signal } },
      { firstSeconds, limitSeconds: COMMAND_SECONDS },
      async (elapsed) => {
        if (elapsed >= USUAL_SECONDS && !told)
          work.say(
            `Run Command has not ended yet. Waiting for it, or for the guest on its serial console, for ${Math.round((COMMAND_SECONDS - elapsed) / 60)} minutes at most.`,
          );
        told ||= elapsed >= USUAL_SECONDS;
        return !isOn(await recentVm()) || isSign(await hear()) || undefined;
      },
    );
    return {};
  };
  const sign = listening();
  sign.catch(() => undefined);
  try {
    const first = await Promise.race([answer, sign]);
    context.signal.throwIfAborted();
    return first;
  } finally {
    over.abort(new Error('The answer is not waited for any longer'));
  }
}

/** Seconds between looks at the console: often at first, then less and less. */
const SOONEST_SECONDS = 3;
const LATEST_SECONDS = 30;

interface Looks {
  readonly firstSeconds: number;
  readonly limitSeconds: number;
  /** Until the next look, where that is known better. */
  readonly nextSeconds?: () => number | undefined;
}

/**
 * Looks at the guest until something is seen; the console is worth a look only every few seconds.
 *
 * @param look is told the seconds since the call
 * @returns what was seen; `undefined` when the limit came first
 */
export async function lookAtGuest<T>(
  { context: { pollSeconds, signal } }: LinuxWork,
  { firstSeconds, limitSeconds, nextSeconds }: Looks,
  look: (elapsed: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const began = Date.now();
  let wait = firstSeconds;
  for (;;) {
    const left = limitSeconds - (Date.now() - began) / 1000;
    if (wait > 0) await sleep(Math.max(Math.min(pollSeconds ?? wait, left), 0), signal);
    const elapsed = (Date.now() - began) / 1000;
    const seen = await look(elapsed);
    if (seen !== undefined) return seen;
    if (elapsed >= limitSeconds) return undefined;
    wait = nextSeconds?.() ?? Math.min(Math.max(elapsed / 10, SOONEST_SECONDS), LATEST_SECONDS);
  }
}

/** Whether Azure said no at once, so that no attempt can have reached the guest. */
export const wasRefused = (failure: unknown): boolean =>
  failure instanceof Failure && failure.kind === 'refused' && failure.status !== undefined;
