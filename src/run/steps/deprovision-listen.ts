import { isOn } from '../../domain/observed.ts';
import { hasAnotherBegun } from '../../domain/owner.ts';
import { EXPECTED } from '../../plan/durations.ts';
import { greetLinux } from '../guest/linux.ts';
import { SOON } from '../guest/linux-unit.ts';
import { readMarks } from '../guest/marks.ts';
import { type Greeting, isNewer, readGreeting } from '../guest/scheduling.ts';
import { sleep } from '../wait.ts';
import {
  capturedByAnother,
  failedInGuest,
  notReady,
  restartedInGuest,
  tooLate,
  unproven,
} from './deprovision-failures.ts';
import {
  converse,
  HEARING_SECONDS,
  type Hearing,
  lookAtGuest,
  type Work,
} from './deprovision-work.ts';

/** Seconds between looks at the log of a VM that is off. */
const EVERY_SECONDS = 15;
/** Seconds without a new mark after which an earlier attempt's guest is asked how it is. */
const SILENCE_SECONDS = 180;

type End = 'off' | 'repeated' | 'failed' | 'refused' | 'restarted' | 'silent';

/**
 * Listens until the guest has told its end, or is off, or the step's time is up; throws unless that
 * proves a complete deprovision. A guest that is on counts only when it repeats its mark in the same
 * boot: it may have been restarted since, which undoes the work.
 *
 * @param attempt `again` for what an earlier attempt has begun: then a guest that says nothing is
 *   asked whether it has the order at all, which changes nothing in it
 * @returns `anew` when the guest has told that no order is in it
 */
export async function listen(work: Work, attempt: 'first' | 'again'): Promise<'proven' | 'anew'> {
  let asked = false;
  const began = Date.now();
  for (;;) {
    const left = work.step.timeoutSeconds - (Date.now() - began) / 1000;
    const { end, heard } = await nextEnd(work, left, attempt, asked);
    switch (end) {
      case 'off':
        if ((await proveStopped(work)) === 'proven') return 'proven';
        break;
      case 'repeated':
        tellWords(work, heard);
        work.say('The guest reports, repeatedly, that its deprovision is complete.');
        return 'proven';
      case 'silent':
        asked = true;
        if (await hasNoOrder(work, heard)) return 'anew';
        break;
      case 'restarted':
        if (attempt === 'again') return 'anew';
        tellWords(work, heard);
        throw restartedInGuest(heard);
      case 'failed':
        tellWords(work, heard);
        throw failedInGuest(heard);
      case 'refused':
        throw notReady((await work.vm()).name, heard.findings);
      case undefined:
        tellWords(work, heard);
        throw tooLate(work.step.timeoutSeconds, heard.trouble);
    }
  }
}

async function nextEnd(
  work: Work,
  limitSeconds: number,
  attempt: 'first' | 'again',
  asked: boolean,
) {
  const mayAsk = attempt === 'again' && !asked;
  let heard: Hearing = attempt === 'first' ? readMarks('', work.nonce) : await work.hear();
  let ended = heard.outcome === 'complete' ? heard : undefined;
  let news = Date.now();
  const limits = {
    firstSeconds: attempt === 'first' ? EXPECTED.deprovision : 0,
    limitSeconds: Math.max(limitSeconds, 0),
    nextSeconds: () => (ended ? SOON.seconds + 0.5 : undefined),
  };
  const end = await lookAtGuest<End>(work, limits, async () => {
    const { power } = await work.recentVm();
    if (power === 'stopped' || power === 'deallocated') return 'off';
    const { marks } = heard;
    heard = await work.hear();
    if (heard.marks !== marks) news = Date.now();
    const { outcome } = heard;
    if (heard.restarted && heard.begun) return 'restarted';
    if (outcome === 'failed' || outcome === 'refused') return outcome;
    if (outcome === 'complete' && isRepeated(ended, heard)) return 'repeated';
    ended ??= outcome === 'complete' ? heard : undefined;
    const patience = heard.begun && !ended ? HEARING_SECONDS : SILENCE_SECONDS;
    return mayAsk && Date.now() - news > patience * 1000 ? 'silent' : undefined;
  });
  return { end, heard };
}

/** A mark without a moment is told apart by its number. */
function isRepeated(first: Hearing | undefined, now: Hearing): boolean {
  if (!first) return false;
  return now.moment || first.moment ? isNewer(now.moment, first.moment) : now.marks > first.marks;
}

/** Asks the guest. It has none when it says so itself; what it was at, if anything, is then over. */
async function hasNoOrder(work: Work, heard: Hearing): Promise<boolean> {
  work.say('The guest has sent no message for a while; asking it whether it has the order.');
  const { greeting } = await greet(work, heard);
  if (greeting.findings.length > 0) throw notReady((await work.vm()).name, greeting.findings);
  return greeting.state === 'idle';
}

/**
 * A VM that is off: proven by the guest's last mark, as soon as the log shows it.
 *
 * @returns `on` when it runs after all: a deallocation that ends Canceled leaves the guest at work
 */
export async function proveStopped(work: Work): Promise<'proven' | 'on'> {
  const { pollSeconds, signal } = work.context;
  const began = Date.now();
  for (;;) {
    const heard = await work.hear();
    const seen = await work.recentVm();
    if (isOn(seen)) return 'on';
    // No mark of this run will come.
    const isAnothers = seen.generalized || hasAnotherBegun(work.context.target.owner, seen.tags);
    if (heard.outcome === 'pending' && isAnothers) throw capturedByAnother(seen);
    if (heard.outcome === 'pending' && Date.now() - began < HEARING_SECONDS * 1000) {
      await sleep(pollSeconds ?? EVERY_SECONDS, signal);
      continue;
    }
    if (isOn(await work.vm())) return 'on';
    tellWords(work, heard);
    if (heard.outcome === 'failed') throw failedInGuest(heard);
    if (heard.outcome !== 'complete' || heard.restarted) throw unproven(heard);
    work.say('The guest reported before it stopped that its deprovision is complete.');
    return 'proven';
  }
}

function tellWords({ say }: Work, { log }: Hearing): void {
  for (const line of log) say(`guest: ${line}`);
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
