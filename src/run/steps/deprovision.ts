import { Failure } from '../../domain/failure.ts';
import type { Vm } from '../../domain/observed.ts';
import {
  type DeprovisionMark,
  deprovisionMark,
  deprovisionNonce,
  hasBegunDeprovision,
} from '../../domain/owner.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Guest } from '../guest/guest-channel.ts';
import type { Heard } from '../guest/marks.ts';
import { readScheduling } from '../guest/scheduling.ts';
import { windowsGuest } from '../guest/windows-guest.ts';
import type { StepContext } from '../ports.ts';
import { isSameVm, vmReplaced } from '../same-vm.ts';
import { watch } from '../wait.ts';
import {
  failedInGuest,
  NotReady,
  noAnswer,
  notReady,
  notRunning,
  tooLate,
  unproven,
  vmGone,
} from './deprovision-failures.ts';
import { deprovisionLinux } from './deprovision-linux.ts';
import { writeMark } from './deprovision-mark.ts';

/** Seconds to listen for a guest whose command gave no answer. Invented. */
const ANSWER_SECONDS = 120;

interface Work {
  readonly step: StepOf<'deprovision'>;
  readonly context: StepContext;
  readonly guest: Guest;
  /** The guest's notes that the log holds already. */
  readonly told: Set<string>;
}

/**
 * Has the guest deprovision itself and waits until it has told that it did. For Windows: the guest
 * only schedules the work beside its agent. The VM is tagged before anything is scheduled, the guest's
 * last act is a mark with the tag's number, and the tag says `complete` only once that mark was read,
 * or the guest has stopped the VM, which it does after a good end only.
 */
export async function deprovision(step: StepOf<'deprovision'>, context: StepContext) {
  if (step.osType === 'Linux') return deprovisionLinux(step, context);
  const vm = await currentVm(step, context);
  const work = { step, context, guest: windowsGuest(step, context, vm), told: new Set<string>() };
  const earlier = await earlierMark(work, vm);
  const mark = earlier?.begun ? earlier.mark : await begin(work, vm, earlier?.mark);
  const ended = await waitForEnd(work, mark);
  await confirm(work, mark, ended);
  await tag(work, await currentVm(step, context), { ...mark, stage: 'complete' });
  await work.guest.dismiss(mark.nonce);
}

async function currentVm(step: StepOf<'deprovision'>, context: StepContext): Promise<Vm> {
  const vm = await context.compute.vm(step.vm);
  if (!vm) throw vmGone(step.vm);
  if (!isSameVm(context, vm)) throw vmReplaced(vm.name);
  return vm;
}

/**
 * The mark that an earlier attempt of this run left, unless its work failed. `begun` when the guest is
 * at work, or has ended it by switching off: it is then left alone, since its agent may be stopped. A
 * guest that stays on after a complete deprovision is asked again, since it may have been restarted.
 */
async function earlierMark(
  { step, context: { owner, report }, guest }: Work,
  vm: Vm,
): Promise<{ readonly mark: DeprovisionMark; readonly begun: boolean } | undefined> {
  const mark = deprovisionMark(vm.tags);
  if (mark?.owner !== owner) return undefined;
  if (mark.stage === 'complete') return { mark, begun: false };
  if (!isOn(vm)) return { mark, begun: mark.stage === 'scheduled' };
  const said = await guest.hear(mark.nonce);
  if (said.outcome === 'failed') {
    await guest.dismiss(mark.nonce);
    return undefined;
  }
  if (said.phase === undefined || guest.isOver(said, vm)) return { mark, begun: false };
  report.say(step, `An earlier attempt of this run is working in the guest (${said.phase}).`);
  return { mark, begun: true };
}

/**
 * Tags the VM, then has its guest schedule the work. A guest that refuses its first order is unchanged:
 * the tag then says `asked` again.
 */
async function begin(
  work: Work,
  vm: Vm,
  earlier: DeprovisionMark | undefined,
): Promise<DeprovisionMark> {
  const { step, context } = work;
  if (!isOn(vm)) throw notRunning(vm);
  const isFirst = !hasBegunDeprovision(context.owner, vm.tags);
  const mark: DeprovisionMark = { ...(earlier ?? newMark(context)), stage: 'scheduled' };
  if (earlier?.stage !== 'scheduled') await tag(work, vm, mark);
  try {
    await schedule(work, mark.nonce);
  } catch (failure) {
    const now = await currentVm(step, context);
    // The answer may have been lost, or earlier work have begun: the guest's own words will tell.
    if (!isOn(now)) return mark;
    const isKnown = wasRefused(failure) || failure instanceof NotReady;
    if (isFirst && isKnown) await tag(work, now, { ...mark, stage: 'asked' });
    throw failure;
  }
  return mark;
}

const isOn = ({ power }: Vm): boolean => power === 'running' || power === 'starting';

const newMark = ({ owner }: StepContext): DeprovisionMark => ({
  stage: 'scheduled',
  owner,
  nonce: deprovisionNonce(owner),
});

const tag = ({ step, context }: Work, { tags }: Vm, mark: DeprovisionMark) =>
  writeMark(step.vm, mark, context, { enableBootDiagnostics: false, tags });

async function schedule(work: Work, nonce: string) {
  const { step, context, guest } = work;
  const { report } = context;
  const printed = await guest.schedule(nonce).catch(async (failure: unknown) => {
    if (wasRefused(failure) || !(await hasBegun(work, nonce))) throw failure;
    return undefined;
  });
  if (printed === undefined) {
    report.say(step, 'Run Command gave no answer, but the guest is working.');
    return;
  }
  const result = readScheduling(printed);
  switch (result.outcome) {
    case 'scheduled':
      report.say(step, 'Scheduled in the guest; waiting for its completion mark.');
      return;
    case 'already-scheduled':
      report.say(step, 'An earlier attempt has already scheduled it in the guest.');
      return;
    case 'refused':
      await guest.dismiss(nonce);
      throw notReady(nameOf(step.vm), result.findings);
    case 'unknown':
      await guest.dismiss(nonce);
      throw noAnswer(nameOf(step.vm), printed);
  }
}

/** Whether Azure said no at once, so that no attempt can have reached the guest. */
const wasRefused = (failure: unknown): boolean =>
  failure instanceof Failure && failure.kind === 'refused' && failure.status !== undefined;

/**
 * Whether the guest is heard to work although Run Command failed: an attempt whose answer was lost
 * may have scheduled the work, which stopped the agent under the next attempt.
 */
const hasBegun = ({ step, context, guest }: Work, nonce: string) =>
  watch(
    async () => {
      if (!isOn(await currentVm(step, context))) return true;
      const said = await guest.hear(nonce);
      return said.outcome !== 'pending' || said.phase !== undefined || undefined;
    },
    { expectedSeconds: 30, limitSeconds: ANSWER_SECONDS, ...context },
  );

type Ended = 'off' | 'told' | 'too-late';

/** Waits until the VM is off, or the guest has told of a failure, or of success and stays on. */
async function waitForEnd(work: Work, { nonce }: DeprovisionMark) {
  const { step, context, guest } = work;
  const { compute, signal, pollSeconds } = context;
  const ended = await watch<Ended>(
    async () => {
      const power = (await compute.vm(step.vm))?.power;
      if (power === 'stopped' || power === 'deallocated') return 'off';
      const said = await guest.hear(nonce);
      tellNotes(work, said);
      return said.outcome === 'pending' ? undefined : 'told';
    },
    {
      expectedSeconds: EXPECTED.sysprep,
      pollSeconds,
      limitSeconds: step.timeoutSeconds,
      signal,
    },
  );
  return ended ?? 'too-late';
}

function tellNotes({ step, context, told }: Work, { notes }: Heard) {
  for (const note of notes.filter((each) => !told.has(each))) {
    told.add(note);
    context.report.say(step, `guest: ${note}`);
  }
}

/** Reads the guest's last words; throws unless they prove a complete deprovision. */
async function confirm(work: Work, { nonce }: DeprovisionMark, ended: Ended) {
  const { step, context, guest } = work;
  const said = await guest.hear(nonce);
  tellNotes(work, said);
  for (const line of said.log) context.report.say(step, `guest: ${line}`);
  if (said.outcome === 'failed') {
    await guest.dismiss(nonce);
    throw failedInGuest(said);
  }
  // What stays on is only known to be deprovisioned while it is on.
  if (said.outcome === 'complete' && ended === 'told') {
    context.report.say(step, 'Proof of the deprovision: the guest reported that it is complete.');
    return;
  }
  const proof =
    ended === 'off' && (await guest.provenByStopping(nonce, await currentVm(step, context)));
  if (proof) {
    context.report.say(step, proof);
    return;
  }
  throw ended === 'too-late' ? tooLate(step.timeoutSeconds) : unproven();
}
