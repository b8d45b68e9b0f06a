import { type Failure, isRefusal } from '../../domain/failure.ts';
import { isOn, type Vm } from '../../domain/observed.ts';
import {
  DEPROVISION_TAG,
  type DeprovisionMark,
  type DeprovisionStage,
  deprovisionMark,
  deprovisionNonce,
  formatDeprovisionMark,
  hasBegunDeprovision,
  snapshotsDigest,
} from '../../domain/owner.ts';
import { tagValue, withTags } from '../../domain/tags.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Heard, readMarks } from '../guest/marks.ts';
import type { StepContext } from '../ports.ts';
import { isSameVm, vmReplaced } from '../same-vm.ts';
import { sleep, watch } from '../wait.ts';
import { snapshotMissing, tagNotKept, vmGone } from './deprovision-failures.ts';

/** What was heard, and why nothing more could be. */
export type Hearing = Heard & { readonly trouble?: Failure };

/** The deprovision of one guest, and all there is to speak of it and to hear it. */
export interface Work {
  readonly step: StepOf<'deprovision'>;
  readonly context: StepContext;
  readonly nonce: string;
  /** Tells the log. */
  say(line: string): void;
  /** Looks at the VM; throws when it is gone or another one. */
  vm(): Promise<Vm>;
  /** The VM as it was a minute ago at most: beside what the guest tells, its power is old news. */
  recentVm(): Promise<Vm>;
  /** Reads the serial console. */
  hear(): Promise<Hearing>;
  /** Writes the stage to the VM's tag and reads it back; `seen` is the VM where it was just read. */
  mark(stage: DeprovisionStage, seen?: Vm): Promise<{ readonly switchedOn: boolean }>;
}

/** Seconds between looks at the power state of a guest that is listened to. */
const RECENT_SECONDS = 60;

export function workOf(step: StepOf<'deprovision'>, context: StepContext): Work {
  const { compute, pollSeconds, report, target } = context;
  const { owner } = target;
  const nonce = deprovisionNonce(owner);
  let last: { readonly vm: Vm; readonly at: number } | undefined;
  const current = async (): Promise<Vm> => {
    const vm = await compute.vm(step.vm);
    if (!vm) throw vmGone(step.vm);
    if (!isSameVm(context, vm)) throw vmReplaced(vm.name);
    last = { vm, at: Date.now() };
    return vm;
  };
  const recent = Math.min(RECENT_SECONDS, pollSeconds ?? Infinity);
  const say = (line: string) => report.say(step, line);
  return {
    step,
    context,
    nonce,
    say,
    vm: current,
    recentVm: async () => (last && Date.now() - last.at < recent * 1000 ? last.vm : current()),
    hear: async () => {
      const { text, trouble } = await compute.serialLog(step.vm);
      return { ...readMarks(text, nonce), ...(trouble && { trouble }) };
    },
    mark: async (stage, seen) => {
      const vm = seen ?? (await current());
      const isHeard = stage !== 'complete' && step.osType === 'Linux';
      const switchedOn = isHeard && !vm.bootDiagnostics;
      if (switchedOn) say('Enabling managed boot diagnostics, to read the serial console.');
      await writeMark(step.vm, vm, { stage, owner, nonce }, context, switchedOn);
      return { switchedOn };
    },
  };
}

/** Seconds to look for the tag: a read may be stale for a moment. */
const READ_BACK_SECONDS = 60;

/**
 * Writes how far the deprovision has come to the VM's tag, and reads it back: a policy or a tool may
 * remove tags or change them, and without this one a later attempt could not know what was begun.
 *
 * Throws a `Failure` when Azure does not keep the tag, or another VM has the name now.
 */
async function writeMark(
  id: string,
  { tags }: Vm,
  mark: DeprovisionMark,
  context: StepContext,
  enableBootDiagnostics: boolean,
): Promise<void> {
  const { compute } = context;
  const taken = mark.stage === 'scheduled' ? await takenBefore(id, context) : undefined;
  // What was taken before the change is settled once the change has begun.
  const snapshots = hasBegunDeprovision(mark.owner, tags)
    ? deprovisionMark(tags)?.snapshots
    : taken;
  const value = formatDeprovisionMark({ ...mark, ...(snapshots && { snapshots }) });
  let read = await compute.updateVm(id, {
    tags: withTags(tags, { [DEPROVISION_TAG]: value }),
    enableBootDiagnostics,
  });
  let shown: string | undefined;
  const kept = await watch(
    async () => {
      read ??= await compute.vm(id);
      // The guest is spoken to next: the VM that carries the tag has to be the one that was judged.
      if (read && !isSameVm(context, read)) throw vmReplaced(read.name);
      shown = tagValue(read?.tags ?? {}, DEPROVISION_TAG);
      read = undefined;
      return shown === value || undefined;
    },
    { ...context, expectedSeconds: EXPECTED.tagVm, limitSeconds: READ_BACK_SECONDS },
  );
  if (!kept) throw tagNotKept(id, mark, shown);
}

/**
 * What tells the snapshots by which the VM comes back. Their own tags can be lost, and their names are
 * known beforehand: without this, a re-run could not tell them from others of the same disks.
 */
async function takenBefore(vm: string, { compute, target }: StepContext) {
  const wanted = target.operation === 'capture' ? target.snapshots : [];
  const all = await Promise.all(wanted.map(({ snapshot }) => compute.snapshot(snapshot)));
  const taken = all.filter((each) => each !== undefined);
  // None is taken where the tag says that the change has begun.
  if (taken.length < all.length) throw snapshotMissing(vm);
  return snapshotsDigest(taken);
}

/** Whether Azure said no at once, so that no attempt can have reached the guest. */
export const wasRefused = (failure: unknown): boolean =>
  isRefusal(failure) && failure.status !== undefined;

/**
 * Seconds until what a guest has written is certainly in the log, or is lost: "can take up to 10
 * minutes to appear" (azure-docs, virtual-machines-common-boot-diagnostics.md), and half as much again.
 */
export const HEARING_SECONDS = 15 * 60;

/** Tells that the guest has the order, if what it printed says so; gives whether it does. */
export function tellScheduled({ say }: Work, outcome: string | undefined): boolean {
  if (outcome === 'scheduled') say('Scheduled in the guest; waiting for its completion mark.');
  else if (outcome === 'already-scheduled')
    say('An earlier attempt has already scheduled it in the guest.');
  else return false;
  return true;
}

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
  work: Work,
  script: string,
  isSign: (heard: Hearing) => boolean,
): Promise<Answer> {
  const { step, context, recentVm, hear } = work;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const answer = context.compute.runScript(step.vm, script, over.signal).then(
    (printed): Answer => ({ printed }),
    (failure: unknown): Answer => ({ failure }),
  );
  let told = false;
  const sign = lookAtGuest(
    { ...work, context: { ...context, signal } },
    {
      firstSeconds: Math.min(USUAL_SECONDS, context.pollSeconds ?? USUAL_SECONDS),
      limitSeconds: COMMAND_SECONDS,
    },
    async (elapsed) => {
      if (elapsed >= USUAL_SECONDS && !told)
        work.say(
          `Run Command has not ended yet. Waiting for it, or for the guest on its serial console, for ${Math.round((COMMAND_SECONDS - elapsed) / 60)} minutes at most.`,
        );
      told ||= elapsed >= USUAL_SECONDS;
      return !isOn(await recentVm()) || isSign(await hear()) || undefined;
    },
  ).then((): Answer => ({}));
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

/**
 * Looks at the guest until something is seen; the console is worth a look only every few seconds.
 *
 * @param limits `nextSeconds`: until the next look, where that is known better
 * @param look is told the seconds since the call
 * @returns what was seen; `undefined` when the limit came first
 */
export async function lookAtGuest<T>(
  { context: { pollSeconds, signal } }: Work,
  limits: {
    readonly firstSeconds: number;
    readonly limitSeconds: number;
    readonly nextSeconds?: () => number | undefined;
  },
  look: (elapsed: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const began = Date.now();
  const { firstSeconds, limitSeconds, nextSeconds } = limits;
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
