import { deprovisionedBy } from '../../domain/deprovision-mark.ts';
import { refused } from '../../domain/failure.ts';
import { isOn, type Vm } from '../../domain/vm.ts';
import { EXPECTED } from '../../plan/durations.ts';
import { greetLinux, SOON } from '../guest/linux.ts';
import { type Heard, isNewer, readAnswer, readMarks } from '../guest/marks.ts';
import { type Reply, runInGuest } from '../guest/run-command.ts';
import { sleep } from '../wait.ts';
import { failedInGuest, notReady, tooLate, unproven } from './deprovision-failures.ts';
import type { Work } from './deprovision-work.ts';

/* A Linux guest: it is asked by Run Command, and heard on its serial console. */

/** Reads the serial console. */
export async function hear({ step, context, nonce }: Work): Promise<Heard> {
  const { text, trouble } = await context.compute.serialLog(step.vm);
  return { ...readMarks(text, nonce), ...(trouble && { trouble }) };
}

/**
 * Seconds until what a guest has written is certainly in the log, or is lost: "can take up to 10
 * minutes to appear" (azure-docs, virtual-machines-common-boot-diagnostics.md), and half as much again.
 */
export const HEARING_SECONDS = 15 * 60;

/** Seconds between looks at the console: often at first, then less and less. */
const SOONEST_SECONDS = 3;
const LATEST_SECONDS = 30;

/** How long, and how often, a guest is looked at. */
interface Looks {
  /** Until the first look; none when absent. */
  readonly firstSeconds?: number;
  readonly limitSeconds: number;
  /** Until the next look, where that is known better. */
  readonly nextSeconds?: () => number | undefined;
  /** What is told once when it takes so many seconds. */
  readonly overdue?: { readonly seconds: number; readonly line: (elapsed: number) => string };
}

/**
 * Looks at the guest until something is seen; the console is worth a look only every few seconds.
 *
 * @returns what was seen; `undefined` when the limit came first
 */
export async function lookAtGuest<T>(
  { context: { pollSeconds, signal }, say }: Work,
  { firstSeconds = 0, limitSeconds, nextSeconds, overdue }: Looks,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const began = Date.now();
  let wait = firstSeconds;
  let isTold = false;
  for (;;) {
    const left = limitSeconds - (Date.now() - began) / 1000;
    if (wait > 0) await sleep(Math.max(Math.min(pollSeconds ?? wait, left), 0), signal);
    const elapsed = (Date.now() - began) / 1000;
    if (overdue && elapsed >= overdue.seconds && !isTold) {
      say(overdue.line(elapsed));
      isTold = true;
    }
    const seen = await look();
    if (seen !== undefined) return seen;
    if (elapsed >= limitSeconds) return undefined;
    wait = nextSeconds?.() ?? Math.min(Math.max(elapsed / 10, SOONEST_SECONDS), LATEST_SECONDS);
  }
}

/** Seconds that Run Command usually is done within; only then the console is listened to beside it. */
const USUAL_SECONDS = 45;
/** Seconds for a command, the guest's own waiting (`PATIENCE_SECONDS`) included. */
const COMMAND_SECONDS = 900;

/**
 * Sends a script and waits for its output, for a sign of it on the console, for the VM's going off, or
 * for the limit, whichever comes first.
 */
export async function converse(
  work: Work,
  script: string,
  isSign: (heard: Heard) => boolean,
): Promise<Reply> {
  const { step, context, recentVm } = work;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const reply = runInGuest(context, step.vm, script, over.signal);
  const looks: Looks = {
    firstSeconds: USUAL_SECONDS,
    limitSeconds: COMMAND_SECONDS,
    overdue: {
      seconds: USUAL_SECONDS,
      line: (elapsed) =>
        `Run Command has not ended yet. Waiting for it, or for the guest on its serial console, for ${Math.round((COMMAND_SECONDS - elapsed) / 60)} minutes at most.`,
    },
  };
  const sign = lookAtGuest(
    { ...work, context: { ...context, signal } },
    looks,
    async () => !isOn(await recentVm()) || isSign(await hear(work)) || undefined,
  ).then((): Reply => ({}));
  sign.catch(() => undefined);
  try {
    return await Promise.race([reply, sign]);
  } finally {
    over.abort(new Error('The answer is not waited for any longer'));
  }
}

/**
 * Sends the hello script; where the console is quicker, nothing that it prints is read. Throws when the
 * guest refuses to be deprovisioned, which it tells by what it prints alone.
 */
export async function greet(work: Work, before: Heard) {
  const { printed, failure } = await converse(
    work,
    greetLinux(work.nonce),
    ({ marks }) => marks > before.marks,
  );
  const answer = readAnswer(printed);
  if (answer.outcome === 'refused') throw notReady((await work.vm()).name, answer.findings);
  return { hello: answer.outcome === 'hello' ? answer : undefined, failure };
}

/** Seconds between looks at the log of a VM that is off. */
const EVERY_SECONDS = 15;
/** Seconds without a new mark after which an earlier attempt's guest is asked how it is. */
const SILENCE_SECONDS = 180;

/**
 * Listens until the guest has told its end, or is off, or the step's time is up; throws unless that
 * proves a complete deprovision.
 *
 * @param attempt `again` for what an earlier attempt has begun: then a guest that says nothing is
 *   asked once whether it has the order at all, which changes nothing in it
 * @returns `anew` when the guest has told that no order is in it
 */
export async function listen(work: Work, attempt: 'first' | 'again'): Promise<'proven' | 'anew'> {
  const isFirst = attempt === 'first';
  let heard: Heard = isFirst ? readMarks('', work.nonce) : await hear(work);
  let complete = heard.outcome === 'complete' ? heard : undefined;
  let news = Date.now();
  let mayAsk = !isFirst;
  const looks: Looks = {
    firstSeconds: isFirst ? EXPECTED.deprovision : 0,
    limitSeconds: work.step.timeoutSeconds,
    nextSeconds: () => (complete ? SOON.seconds + 0.5 : undefined),
  };
  const look = async (): Promise<End | 'off' | 'no-order' | undefined> => {
    const { power } = await work.recentVm();
    if (power === 'stopped' || power === 'deallocated') {
      if ((await proveStopped(work)) === 'proven') return 'off';
      news = Date.now();
    }
    const { marks } = heard;
    heard = await hear(work);
    if (heard.marks !== marks) news = Date.now();
    const told = endOf(heard, complete);
    if (told) return told;
    if (heard.outcome === 'complete') complete ??= heard;
    const patience = heard.begun && !complete ? HEARING_SECONDS : SILENCE_SECONDS;
    if (!mayAsk || Date.now() - news <= patience * 1000) return undefined;
    mayAsk = false;
    // Asking takes minutes, in which the guest may have ended, and the time have passed.
    return (await hasNoOrder(work, heard)) ? 'no-order' : look();
  };
  const end = await lookAtGuest(work, looks, look);
  if (end === 'off') return 'proven';
  if (end === 'no-order' || (end === 'restarted' && !isFirst)) return 'anew';
  if (end === 'refused') throw notReady((await work.vm()).name, heard.findings);
  tellWords(work, heard);
  if (end === 'failed') throw failedInGuest(heard);
  if (end === 'restarted') throw restartedInGuest(heard);
  if (end !== 'repeated') throw tooLate(work.step.timeoutSeconds, heard.trouble);
  work.say('The guest reports, repeatedly, that its deprovision is complete.');
  return 'proven';
}

type End = 'restarted' | 'failed' | 'refused' | 'repeated';

/**
 * How the guest has ended by its own words, if it has. While it is on, `complete` counts only when it
 * is repeated in the same boot: the guest may have been restarted since, which undoes the work.
 *
 * @param complete what was heard as it first told that it is complete
 */
function endOf(now: Heard, complete: Heard | undefined): End | undefined {
  if (now.restarted && now.begun) return 'restarted';
  if (now.outcome === 'failed' || now.outcome === 'refused') return now.outcome;
  if (now.outcome !== 'complete' || !complete) return undefined;
  // A mark without a moment is told apart by its number.
  const isRepeated =
    now.moment || complete.moment
      ? isNewer(now.moment, complete.moment)
      : now.marks > complete.marks;
  return isRepeated ? 'repeated' : undefined;
}

/**
 * Asks the guest. It has none when it says so itself, on the console with a hello, which it writes there
 * only then; what it was at, if anything, is then over.
 */
async function hasNoOrder(work: Work, heard: Heard): Promise<boolean> {
  work.say('The guest has sent no message for a while; asking it whether it has the order.');
  const { hello } = await greet(work, heard);
  if (hello) return hello.state === 'idle';
  const { begun, marks } = await hear(work);
  return !begun && marks > heard.marks;
}

/**
 * A VM that is off: proven by the guest's last mark, as soon as the log shows it.
 *
 * @returns `on` when it runs after all: a deallocation that ends Canceled leaves the guest at work
 */
export async function proveStopped(work: Work): Promise<'proven' | 'on'> {
  let heard: Heard = readMarks('', work.nonce);
  const looks: Looks = { limitSeconds: HEARING_SECONDS, nextSeconds: () => EVERY_SECONDS };
  const seen = await lookAtGuest(work, looks, async () => {
    heard = await hear(work);
    const vm = await work.recentVm();
    if (isOn(vm)) return 'on';
    if (heard.outcome !== 'pending') return 'told';
    // No mark of this run will come.
    if (
      vm.generalized ||
      ![undefined, work.context.target.owner].includes(deprovisionedBy(vm.tags))
    )
      throw capturedByAnother(vm);
    return undefined;
  });
  if (seen === 'on' || isOn(await work.vm())) return 'on';
  tellWords(work, heard);
  if (heard.outcome === 'failed') throw failedInGuest(heard);
  if (heard.outcome !== 'complete' || heard.restarted) throw unproven(heard);
  work.say('The guest reported before it stopped that its deprovision is complete.');
  return 'proven';
}

function tellWords({ say }: Work, { log }: Heard): void {
  for (const line of log) say(`guest: ${line}`);
}

const capturedByAnother = (vm: Vm) =>
  refused({
    what: `Another run captures ${vm.name} now. It is ${vm.power}, and its guest has said nothing to this run.`,
    why: 'It has put its mark on the VM, or has generalized it, while this run was at work.',
    remedy:
      'Let only one run at a time capture a VM (docs/reruns.md). Use the version of the other run, or build the VM again.',
  });

const restartedInGuest = ({ phase, outcome }: Heard) =>
  refused({
    what: `The guest was restarted ${outcome === 'complete' ? 'after its deprovision' : `in the middle of its deprovision${phase ? `, in phase ${phase}` : ''}`}.`,
    why: 'Something in the guest, or somebody, restarted it. What a restart creates is in it again.',
    remedy: 'The VM was not generalized. Re-run the failed job; it deprovisions the guest again.',
  });
