import type { Vm } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { greetLinux } from '../guest/linux.ts';
import type { Moment } from '../guest/scheduling.ts';
import { type Greeting, readGreeting } from '../guest/scheduling.ts';
import { notHeard, notReady, notRunning } from './deprovision-failures.ts';
import {
  converse,
  HEARING_SECONDS,
  type Hearing,
  isOn,
  lookAtGuest,
  type Work,
  wasRefused,
} from './deprovision-work.ts';

/** Seconds of waiting that nobody wonders about. Invented. */
const TELL_AFTER_SECONDS = 60;

/**
 * Has the guest check itself and say hello, and reads that hello from the serial console: only a
 * channel that was heard working may carry the proof of something that cannot be undone. Asking again
 * changes nothing.
 *
 * @param before what was heard before it is asked
 * @returns the boot in which the guest may be given the order; `scheduled` when it has it already
 */
export async function ask(
  work: Work,
  before: Hearing,
): Promise<'scheduled' | { readonly boot?: string }> {
  const { switchedOn } = await work.mark('asked');
  const { greeting, failure } = await greet(work, before);
  if (greeting.findings.length > 0) throw notReady((await work.vm()).name, greeting.findings);
  if (!greeting.moment) await requireOn(work);
  if (wasRefused(failure)) throw failure;
  if (greeting.state === 'scheduled') {
    await work.mark('scheduled');
    return 'scheduled';
  }
  if (greeting.console === 'hanging' || greeting.console === 'none')
    throw notHeard({ vm: nameOf(work.step.vm), switchedOn, console: greeting.console });
  const heard = await waitForHello(work, before, greeting.moment);
  if (heard.found) {
    work.say('The serial console shows the messages of the guest.');
    const boot = (greeting.moment ?? heard.last.moment)?.boot;
    return boot ? { boot } : {};
  }
  const vm = await requireOn(work);
  if (!greeting.moment && failure) throw failure;
  const { trouble } = heard.last;
  throw notHeard({
    vm: vm.name,
    switchedOn,
    answered: !!greeting.moment,
    ...(trouble && { trouble }),
  });
}

async function requireOn(work: Work): Promise<Vm> {
  const vm = await work.vm();
  if (!isOn(vm)) throw notRunning(vm);
  return vm;
}

/** Sends the hello script. What it printed is read even if the console was quicker. */
export async function greet(
  work: Work,
  before: Hearing,
): Promise<{ readonly greeting: Greeting; readonly failure?: unknown }> {
  const { printed = '', failure } = await converse(
    work,
    greetLinux(work.nonce),
    ({ marks }) => marks > before.marks,
  );
  return { greeting: readGreeting(printed), ...(failure !== undefined && { failure }) };
}

async function waitForHello(work: Work, before: Hearing, said: Moment | undefined) {
  let last = before;
  let told = false;
  const limits = { firstSeconds: 0, limitSeconds: HEARING_SECONDS };
  const found = await lookAtGuest(work, limits, async (elapsed) => {
    if (elapsed > TELL_AFTER_SECONDS && !told)
      work.say(
        `The serial console does not show the message of the guest yet. Listening for ${HEARING_SECONDS / 60} minutes at most.`,
      );
    told ||= elapsed > TELL_AFTER_SECONDS;
    last = await work.hear();
    const { moment, marks } = last;
    const isNew = said
      ? moment?.boot === said.boot && moment.count >= said.count
      : marks > before.marks;
    return isNew || !isOn(await work.recentVm()) ? isNew : undefined;
  });
  return { found: found === true, last };
}
