import type { Compute } from '../ports.ts';
import { sleep } from '../wait.ts';
import { endOf } from './evidence.ts';

/** Seconds until the first look: most boots are over by then. */
const FIRST_SECONDS = 60;
const LOOK_SECONDS = 30;
/** Looks in a row that show the same end of the log: a kernel that restarts after a panic goes on. */
const LOOKS = 3;

/** States of a Linux in which it waits for a person, or does nothing any more. */
const HALTS: readonly RegExp[] = [
  /Kernel panic - not syncing/,
  /^grub rescue>/,
  /^\(initramfs\)/,
  /\b(?:You are in|Entering) (?:emergency|rescue) mode/,
];

/** Whether the last lines of a serial log show a boot that has ended for good, if nothing follows. */
export const isHalted = (lines: readonly string[]): boolean =>
  lines.some((line) => HALTS.some((halt) => halt.test(line)));

/**
 * Resolves when the serial log of a Linux shows, look after look, that its boot has ended; rejects with
 * the signal's reason. What cannot be read is no sign.
 */
export async function haltOf(
  compute: Pick<Compute, 'serialLog'>,
  vm: string,
  signal: AbortSignal,
  pollSeconds: number | undefined,
): Promise<void> {
  let before = '';
  await sleep(Math.min(FIRST_SECONDS, pollSeconds ?? Infinity), signal);
  for (let same = 0; same < LOOKS; ) {
    const lines = endOf((await compute.serialLog(vm)).text);
    signal.throwIfAborted();
    const now = lines.join('\n');
    if (isHalted(lines)) same = now === before ? same + 1 : 1;
    else same = 0;
    before = now;
    if (same < LOOKS) await sleep(Math.min(LOOK_SECONDS, pollSeconds ?? Infinity), signal);
  }
}
