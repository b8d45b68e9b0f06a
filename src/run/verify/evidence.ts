import type { Vm } from '../../domain/observed.ts';
import type { Compute } from '../ports.ts';
import type { Evidence } from './failures.ts';

/** Lines of the serial log that are shown, and characters of one. */
const LINES = 15;
const WIDTH = 160;

/** Looks at a throw-away VM that failed: the end of its serial log, its agent. Never throws. */
export async function evidenceOf(compute: Compute, vm: string): Promise<Evidence> {
  const [seen, log] = await Promise.all([
    compute.vm(vm).catch(() => undefined),
    compute.serialLog(vm).catch(() => ({ text: '' })),
  ]);
  return { log: endOf(log.text), agent: agentOf(seen) };
}

const agentOf = (vm: Vm | undefined): string => {
  if (!vm) return 'not known';
  if (vm.agentReady === undefined) return 'nothing was ever heard of it';
  return vm.agentReady ? 'ready' : 'not ready';
};

/** The last lines that say something, without what acts on a terminal. */
export function endOf(text: string): string[] {
  const lines = text
    .slice(-64 * 1024)
    .split(/[\r\n]+/)
    .map((line) => line.replace(CONTROL, '').trimEnd().slice(0, WIDTH))
    .filter(Boolean);
  return lines.slice(-LINES);
}

const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  /\u001b\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
