import type { Vm } from '../../domain/vm.ts';
import { consoleText } from '../guest/marks.ts';
import type { Compute } from '../ports.ts';
import { sleep } from '../wait.ts';

/* What a throw-away VM shows of its end: its agent, and the serial console. */

/** Lines of the serial log that are shown, and characters of one. */
const LINES = 15;
const WIDTH = 160;

/** What is seen of a throw-away VM that failed: its agent, the end of its serial log. Never throws. */
export async function evidenceOf(compute: Compute, vm: string): Promise<string> {
  const [seen, { text }] = await Promise.all([
    compute.vm(vm).catch(() => undefined),
    compute.serialLog(vm).catch(() => ({ text: '' })),
  ]);
  const log = endOf(text).map((line) => `  ${line}`);
  return [
    `Its agent: ${agentOf(seen)}.`,
    log.length > 0
      ? `The end of its serial log:\n${log.join('\n')}`
      : 'Its serial log is empty or cannot be read.',
  ].join(' ');
}

const agentOf = (vm: Vm | undefined): string => {
  if (!vm) return 'not known';
  if (vm.agentReady === undefined) return 'nothing was ever heard of it';
  return vm.agentReady ? 'ready' : 'not ready';
};

/** The last lines that say something. */
function endOf(text: string): string[] {
  const lines = text
    .slice(-64 * 1024)
    .split(/[\r\n]+/)
    .map((line) => consoleText(line).trimEnd().slice(0, WIDTH))
    .filter(Boolean);
  return lines.slice(-LINES);
}

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
    same = isHalted(lines) ? (now === before ? same + 1 : 1) : 0;
    before = now;
    if (same < LOOKS) await sleep(Math.min(LOOK_SECONDS, pollSeconds ?? Infinity), signal);
  }
}
