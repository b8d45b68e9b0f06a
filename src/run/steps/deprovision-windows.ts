import { deprovisionedBy, deprovisionMark } from '../../domain/deprovision-mark.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { isOn, type Vm } from '../../domain/vm.ts';
import { EXPECTED } from '../../plan/durations.ts';
import { readAnswer } from '../guest/marks.ts';
import { watch } from '../wait.ts';
import { dismiss, hear, isOver, provenByStopping, schedule } from './deprovision-command.ts';
import {
  failedInGuest,
  noAnswer,
  notReady,
  notRunning,
  tooLate,
  unproven,
} from './deprovision-failures.ts';
import { tellScheduled, type Work, wasRefused } from './deprovision-work.ts';

/** Seconds to listen for a guest whose command gave no answer. Invented. */
const ANSWER_SECONDS = 120;

/**
 * Has a Windows guest deprovision itself and waits until it has told that it did: the guest only
 * schedules the work beside its agent. The VM is tagged before anything is scheduled, the guest's last
 * act is a mark with the tag's number, and the tag says `complete` only once that mark was read, or the
 * guest has stopped the VM, which it does after a good end only.
 */
export async function deprovisionWindows(work: Work): Promise<void> {
  const vm = await work.vm();
  const askedAt = (await isAtWork(work, vm)) ? undefined : await order(work, vm);
  await listen(work, askedAt);
  await work.mark('complete');
  await dismiss(work);
}

/**
 * Whether the guest is at work for an earlier attempt of this run, or has ended it by switching off: it is
 * then left alone, since its agent may be stopped. A guest that stays on after a complete deprovision is
 * asked again, since it may have been restarted.
 */
async function isAtWork(work: Work, vm: Vm): Promise<boolean> {
  const { context, say } = work;
  const mark = deprovisionMark(vm.tags);
  if (mark?.owner !== context.target.owner || mark.stage === 'complete') return false;
  if (!isOn(vm)) return mark.stage === 'scheduled';
  const said = await hear(work);
  if (said.outcome === 'failed') {
    await dismiss(work);
    return false;
  }
  if (said.phase === undefined || isOver(work, said, vm)) return false;
  say(`An earlier attempt of this run is working in the guest (${said.phase}).`);
  return true;
}

/**
 * Tags the VM, then has its guest schedule the work; returns when the guest has the order, or when its
 * own words must tell. A guest that refuses its first order is unchanged: the tag then says `asked`
 * again.
 *
 * @returns the time of the VM's last operation as the guest was asked, if it answered
 */
async function order(work: Work, vm: Vm): Promise<Date | undefined> {
  const { step, context, say } = work;
  if (!isOn(vm)) throw notRunning(vm);
  const isFirst = deprovisionedBy(vm.tags) !== context.target.owner;
  await work.mark('scheduled', vm);
  const { printed, failure, askedAt } = await schedule(work, vm);
  const answer = readAnswer(printed);
  if (tellScheduled(work, answer)) return askedAt;
  if (printed !== undefined) await dismiss(work);
  else if (!wasRefused(failure) && (await hasBegun(work))) {
    say('Run Command gave no answer, but the guest is working.');
    return undefined;
  }
  const now = await work.vm();
  // The answer may have been lost, or earlier work have begun: the guest's own words will tell.
  if (!isOn(now)) return askedAt;
  const isRefused = answer.outcome === 'refused';
  if (isFirst && (isRefused || wasRefused(failure))) await work.mark('asked', now);
  const name = nameOf(step.vm);
  throw isRefused ? notReady(name, answer.findings) : (failure ?? noAnswer(name, printed));
}

/**
 * Whether the guest is heard to work although Run Command failed: an attempt whose answer was lost
 * may have scheduled the work, which stopped the agent under the next attempt.
 */
const hasBegun = (work: Work) =>
  watch(
    async () => {
      if (!isOn(await work.vm())) return true;
      const said = await hear(work);
      return said.outcome !== 'pending' || said.phase !== undefined || undefined;
    },
    { expectedSeconds: 30, limitSeconds: ANSWER_SECONDS, ...work.context },
  );

/**
 * Listens until the VM is off, or the guest has told of a failure, or of success and stays on; throws
 * unless that proves a complete deprovision.
 *
 * @param askedAt as `order` gave it
 */
async function listen(work: Work, askedAt: Date | undefined): Promise<void> {
  const { step, context, say } = work;
  const told = new Set<string>();
  const hearNotes = async () => {
    const said = await hear(work);
    for (const note of said.notes.filter((each) => !told.has(each))) {
      told.add(note);
      say(`guest: ${note}`);
    }
    return said;
  };
  const ended = await watch(
    async () => {
      const power = (await context.compute.vm(step.vm))?.power;
      if (power === 'stopped' || power === 'deallocated') return 'off';
      return (await hearNotes()).outcome === 'pending' ? undefined : 'told';
    },
    { ...context, expectedSeconds: EXPECTED.sysprep, limitSeconds: step.timeoutSeconds },
  );
  const said = await hearNotes();
  for (const line of said.log) say(`guest: ${line}`);
  if (said.outcome === 'failed') {
    await dismiss(work);
    throw failedInGuest(said);
  }
  // What stays on is only known to be deprovisioned while it is on.
  const isTold = said.outcome === 'complete' && ended === 'told';
  const proof = isTold
    ? 'Proof of the deprovision: the guest reported that it is complete.'
    : ended === 'off' && (await provenByStopping(work, await work.vm(), askedAt));
  if (!proof) throw ended ? unproven() : tooLate(step.timeoutSeconds);
  say(proof);
}
