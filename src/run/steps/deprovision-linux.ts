import { deprovisionedBy, deprovisionMark } from '../../domain/deprovision-mark.ts';
import { type Failure, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { isOn, type Vm } from '../../domain/vm.ts';
import { scheduleLinux } from '../guest/linux.ts';
import { type Heard, type Moment, readAnswer } from '../guest/marks.ts';
import {
  converse,
  greet,
  HEARING_SECONDS,
  hear,
  listen,
  lookAtGuest,
  proveStopped,
} from './deprovision-console.ts';
import { noAnswer, notReady, notRunning, STUCK, UNTIL_IT_WORKS } from './deprovision-failures.ts';
import { tellScheduled, type Work, wasRefused } from './deprovision-work.ts';

/**
 * Has a Linux guest deprovision itself and waits until it has told that it did. What carries the order
 * would not survive (waagent kills the agent under Run Command, which then hangs for ninety minutes,
 * WALinuxAgent#3547), so the guest only schedules it beside the agent, and is heard on its serial
 * console.
 *
 * Nothing in the guest is changed before a hello of it was heard there. The VM's tag then says
 * `scheduled` before the order is sent: from there on this and every later attempt only listens, unless
 * the guest itself tells that no order is in it. The tag says `complete` once the guest's last mark
 * was heard, on a VM that is stopped or by a guest that still repeats it.
 */
export async function deprovisionLinux(work: Work): Promise<void> {
  const vm = await work.vm();
  const begun = deprovisionedBy(vm.tags) === work.context.target.owner;
  if (!isOn(vm) && !begun) throw notRunning(vm);
  if (!isOn(vm) && (await proveStopped(work)) === 'proven') {
    if (deprovisionMark(vm.tags)?.stage === 'complete') return;
  } else {
    const heard = await hear(work);
    // Who lacks the right to read the log is told before anything is changed.
    if (heard.trouble?.code === 'AuthorizationFailed') throw heard.trouble;
    if ((await resume(work, heard, begun)) === 'anew') {
      await ask(work, heard);
      await listen(work, 'first');
    }
  }
  await work.mark('complete');
}

/** Continues what an earlier attempt has begun; `anew` when there is nothing, or it is over. */
async function resume(work: Work, heard: Heard, begun: boolean): Promise<'proven' | 'anew'> {
  const over = heard.outcome === 'failed' || heard.outcome === 'refused' || heard.restarted;
  if (over || (!begun && !heard.begun)) return 'anew';
  // The tag may have been read before it was written, or be lost: the guest's own words tell.
  if (!begun) await work.mark('scheduled');
  const phase = heard.phase ? ` (${heard.phase})` : '';
  work.say(`An earlier attempt of this run has started in the guest${phase}.`);
  return listen(work, 'again');
}

/** Seconds of waiting that nobody wonders about. Invented. */
const TELL_AFTER_SECONDS = 60;

/**
 * Has the guest check itself and say hello, reads that hello from the serial console, and then sends the
 * order, unless the guest has it: only a channel that was heard working may carry the proof of something
 * that cannot be undone. Asking again changes nothing.
 *
 * @param before what was heard before it is asked
 */
async function ask(work: Work, before: Heard): Promise<void> {
  const seen = await work.vm();
  const isFirst = deprovisionedBy(seen.tags) !== work.context.target.owner;
  const switchedOn = await work.mark(isFirst ? 'asked' : 'scheduled', seen);
  const { hello, failure } = await greet(work, before);
  if (!hello) await requireOn(work);
  if (wasRefused(failure)) throw failure;
  if (hello?.state === 'scheduled') {
    await work.mark('scheduled');
    return;
  }
  if (hello && hello.console !== 'written')
    throw notHeard(nameOf(work.step.vm), switchedOn, hello.console);
  const { found, last } = await waitForHello(work, before, hello?.moment);
  if (found) {
    work.say('The serial console shows the messages of the guest.');
    await order(work, (hello?.moment ?? last.moment)?.boot, isFirst);
    return;
  }
  const vm = await requireOn(work);
  if (!hello && failure) throw failure;
  throw notHeard(vm.name, switchedOn, hello?.console, last.trouble);
}

async function requireOn(work: Work): Promise<Vm> {
  const vm = await work.vm();
  if (!isOn(vm)) throw notRunning(vm);
  return vm;
}

async function waitForHello(work: Work, before: Heard, said: Moment | undefined) {
  let last = before;
  const line = () =>
    `The serial console does not show the message of the guest yet. Listening for ${HEARING_SECONDS / 60} minutes at most.`;
  const looks = {
    limitSeconds: HEARING_SECONDS,
    overdue: { seconds: TELL_AFTER_SECONDS, line },
  };
  const found = await lookAtGuest(work, looks, async () => {
    last = await hear(work);
    const { moment, marks } = last;
    const isNew = said
      ? moment?.boot === said.boot && moment.count >= said.count
      : marks > before.marks;
    return isNew || !isOn(await work.recentVm()) ? isNew : undefined;
  });
  return { found: found === true, last };
}

/**
 * Sends the order; returns when the guest has it, or when its own words must tell.
 *
 * @param boot of the guest that said hello
 * @param isFirst whether it has been given none before: until it has, it is as it was
 */
async function order(work: Work, boot: string | undefined, isFirst: boolean): Promise<void> {
  const { step, nonce } = work;
  await work.mark('scheduled');
  const script = scheduleLinux({
    nonce,
    ...(step.canComeBack && boot && { boot }),
    ...(step.script && { script: step.script }),
  });
  const { printed, failure } = await converse(
    work,
    script,
    ({ begun, outcome }) => begun || outcome === 'refused',
  );
  const answer = readAnswer(printed);
  if (tellScheduled(work, answer)) return;
  const vm = await work.vm();
  const isRefused = answer.outcome === 'refused';
  if (isRefused || (wasRefused(failure) && isOn(vm))) {
    if (isFirst) await work.mark('asked');
    throw isRefused ? notReady(vm.name, answer.findings) : failure;
  }
  const sign = await signOf(work);
  if (sign === 'begun') work.say('The serial console shows that the guest has the order.');
  if (sign) return;
  throw failure ?? noAnswer(vm.name, printed);
}

/** That the guest is heard to have the order, or is off, which its words must explain. */
async function signOf(work: Work): Promise<'begun' | 'off' | undefined> {
  work.say(
    `Run Command did not confirm the order. Listening to the serial console for ${HEARING_SECONDS / 60} minutes at most.`,
  );
  return lookAtGuest(work, { limitSeconds: HEARING_SECONDS }, async () => {
    if (!isOn(await work.recentVm())) return 'off';
    return (await hear(work)).begun ? 'begun' : undefined;
  });
}

/**
 * This attempt has done nothing irreversible: the tag, and boot diagnostics, are all that it changed.
 *
 * @param switchedOn whether this run has switched boot diagnostics on
 * @param console what came of writing to it, as the guest told Run Command
 * @param trouble why the log could not be read last
 */
const notHeard = (
  vm: string,
  switchedOn: boolean,
  console: string | undefined,
  trouble?: Failure,
) => {
  const [why, remedy] = causeOf(switchedOn, console, trouble);
  return refused({
    what: `The serial console of ${vm} shows no message of the guest, so it was not deprovisioned.`,
    why,
    remedy: `${remedy} This attempt changed only the tag \`golden-image-deprovision\`${switchedOn ? ', and boot diagnostics, which are on now' : ''}.`,
  });
};

function causeOf(
  switchedOn: boolean,
  console: string | undefined,
  trouble?: Failure,
): [string, string] {
  if (console === 'hanging')
    return [
      'Writing to the console hangs in the guest, as it does on some VMs after a live migration.',
      'Restart the VM, then re-run the failed job.',
    ];
  if (console === 'none')
    return [
      'The guest has no serial console: neither `/dev/ttyS0` nor `/dev/ttyAMA0` is there.',
      'Use a kernel with the driver of the serial port, or deprovision the guest by other means and set `deprovision: never`.',
    ];
  if (trouble?.status === 403)
    return [
      `The log cannot be read (HTTP 403): ${trouble.why ?? trouble.what}`,
      'If boot diagnostics keep it in a storage account of your own, allow access from this runner and shared keys there, or use a managed account. Otherwise grant the role in `docs/permissions.md`.',
    ];
  if (trouble)
    return [`The log cannot be read: ${trouble.message}`, 'Re-run the failed job later.'];
  if (!console)
    return [
      `Run Command did not end, and the serial console shows nothing either. ${STUCK}`,
      `${UNTIL_IT_WORKS}, then re-run the failed job.`,
    ];
  if (switchedOn)
    return [
      'Boot diagnostics were off until this run; a VM can need a restart before they record.',
      'Restart the VM, then re-run the failed job.',
    ];
  return [
    'The guest has written to its console, but the log of boot diagnostics did not change for 15 minutes.',
    'Look at the serial log of the VM in the portal, restart the VM, then re-run the failed job.',
  ];
}
