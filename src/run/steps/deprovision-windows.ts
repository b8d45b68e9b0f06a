import { isOn, type Vm } from '../../domain/observed.ts';
import { deprovisionMark, hasBegunDeprovision } from '../../domain/owner.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Heard, readAnswer } from '../guest/marks.ts';
import type { StepContext } from '../ports.ts';
import { watch } from '../wait.ts';
import { windowsGuest } from './deprovision-command.ts';
import {
  failedInGuest,
  NotReady,
  noAnswer,
  notReady,
  notRunning,
  tooLate,
  unproven,
} from './deprovision-failures.ts';
import { tellScheduled, type Work, wasRefused, workOf } from './deprovision-work.ts';

/** Seconds to listen for a guest whose command gave no answer. Invented. */
const ANSWER_SECONDS = 120;

interface WindowsWork extends Work {
  readonly guest: ReturnType<typeof windowsGuest>;
  /** The guest's notes that the log holds already. */
  readonly told: Set<string>;
}

/**
 * Has a Windows guest deprovision itself and waits until it has told that it did: the guest only
 * schedules the work beside its agent. The VM is tagged before anything is scheduled, the guest's last
 * act is a mark with the tag's number, and the tag says `complete` only once that mark was read, or the
 * guest has stopped the VM, which it does after a good end only.
 */
export async function deprovisionWindows(step: StepOf<'deprovision'>, context: StepContext) {
  const linked = workOf(step, context);
  const vm = await linked.vm();
  const work = { ...linked, guest: windowsGuest(linked, vm), told: new Set<string>() };
  if (!(await isAtWork(work, vm))) await begin(work, vm);
  const ended = await waitForEnd(work);
  await confirm(work, ended);
  await work.mark('complete');
  await work.guest.dismiss();
}

/**
 * Whether the guest is at work for an earlier attempt of this run, or has ended it by switching off: it is
 * then left alone, since its agent may be stopped. A guest that stays on after a complete deprovision is asked again, since it may have been restarted.
 */
async function isAtWork({ context, guest, say }: WindowsWork, vm: Vm): Promise<boolean> {
  const mark = deprovisionMark(vm.tags);
  if (mark?.owner !== context.target.owner || mark.stage === 'complete') return false;
  if (!isOn(vm)) return mark.stage === 'scheduled';
  const said = await guest.hear();
  if (said.outcome === 'failed') {
    await guest.dismiss();
    return false;
  }
  if (said.phase === undefined || guest.isOver(said, vm)) return false;
  say(`An earlier attempt of this run is working in the guest (${said.phase}).`);
  return true;
}

/**
 * Tags the VM, then has its guest schedule the work. A guest that refuses its first order is unchanged:
 * the tag then says `asked` again.
 */
async function begin(work: WindowsWork, vm: Vm) {
  if (!isOn(vm)) throw notRunning(vm);
  const isFirst = !hasBegunDeprovision(work.context.target.owner, vm.tags);
  await work.mark('scheduled', vm);
  try {
    await schedule(work);
  } catch (failure) {
    const now = await work.vm();
    // The answer may have been lost, or earlier work have begun: the guest's own words will tell.
    if (!isOn(now)) return;
    const isKnown = wasRefused(failure) || failure instanceof NotReady;
    if (isFirst && isKnown) await work.mark('asked', now);
    throw failure;
  }
}

async function schedule(work: WindowsWork): Promise<void> {
  const { step, guest, say } = work;
  const printed = await guest.schedule().catch(async (failure: unknown) => {
    if (wasRefused(failure) || !(await hasBegun(work))) throw failure;
    return undefined;
  });
  if (printed === undefined) {
    say('Run Command gave no answer, but the guest is working.');
    return;
  }
  const result = readAnswer(printed);
  if (tellScheduled(work, result.outcome)) return;
  await guest.dismiss();
  const name = nameOf(step.vm);
  throw result.outcome === 'refused' ? notReady(name, result.findings) : noAnswer(name, printed);
}

/**
 * Whether the guest is heard to work although Run Command failed: an attempt whose answer was lost
 * may have scheduled the work, which stopped the agent under the next attempt.
 */
const hasBegun = ({ vm, context, guest }: WindowsWork) =>
  watch(
    async () => {
      if (!isOn(await vm())) return true;
      const said = await guest.hear();
      return said.outcome !== 'pending' || said.phase !== undefined || undefined;
    },
    { expectedSeconds: 30, limitSeconds: ANSWER_SECONDS, ...context },
  );

type Ended = 'off' | 'told' | 'too-late';

/** Waits until the VM is off, or the guest has told of a failure, or of success and stays on. */
async function waitForEnd(work: WindowsWork): Promise<Ended> {
  const { step, context, guest } = work;
  const ended = await watch<Ended>(
    async () => {
      const power = (await context.compute.vm(step.vm))?.power;
      if (power === 'stopped' || power === 'deallocated') return 'off';
      const said = await guest.hear();
      tellNotes(work, said);
      return said.outcome === 'pending' ? undefined : 'told';
    },
    { ...context, expectedSeconds: EXPECTED.sysprep, limitSeconds: step.timeoutSeconds },
  );
  return ended ?? 'too-late';
}

function tellNotes({ say, told }: WindowsWork, { notes }: Heard) {
  for (const note of notes.filter((each) => !told.has(each))) {
    told.add(note);
    say(`guest: ${note}`);
  }
}

/** Reads the guest's last words; throws unless they prove a complete deprovision. */
async function confirm(work: WindowsWork, ended: Ended): Promise<void> {
  const { step, guest, say } = work;
  const said = await guest.hear();
  tellNotes(work, said);
  for (const line of said.log) say(`guest: ${line}`);
  if (said.outcome === 'failed') {
    await guest.dismiss();
    throw failedInGuest(said);
  }
  // What stays on is only known to be deprovisioned while it is on.
  const isTold = said.outcome === 'complete' && ended === 'told';
  const proof = isTold
    ? 'Proof of the deprovision: the guest reported that it is complete.'
    : ended === 'off' && (await guest.provenByStopping(await work.vm()));
  if (!proof) throw ended === 'too-late' ? tooLate(step.timeoutSeconds) : unproven();
  say(proof);
}
