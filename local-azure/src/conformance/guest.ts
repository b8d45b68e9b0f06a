import { numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import type { MachineGuest } from '../vm/machine-guest.ts';
import { operationIn, targetOf } from './resource-path.ts';
import type { Exchange } from './scenario.ts';

/** What a script printed, and how it ended. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * A guest that prints what the recorded one printed. What happens inside a guest is no more
 * Azure's doing than how long an operation took: the recording has to say it.
 */
export function recordedGuest(printed: () => Printed | undefined): MachineGuest {
  return {
    run: () => ({
      stdout: '',
      stderr: '',
      exitCode: 0,
      ...printed(),
      seconds: 0,
      agentKilled: false,
      poweredOff: false,
    }),
    runScheduled: () => ({ seconds: 0, poweredOff: false, agentRunning: true }),
    scheduled: () => [],
    console: () => '',
    restart: () => {},
    [Symbol.dispose]: () => {},
  };
}

/** Finds what the script printed that `exchanges[position]` ran, in the answers that came after. */
export function recordedOutput(
  exchanges: readonly Exchange[],
  position: number,
): Printed | undefined {
  const start = exchanges[position];
  if (start === undefined) return undefined;
  const operation = operationIn(start.headers);
  const subject = targetOf(start.method, start.url.pathname).id?.toLowerCase();
  for (const later of exchanges.slice(position + 1)) {
    const target = targetOf(later.method, later.url.pathname);
    const isPoll = operation !== undefined && target.operation === operation;
    const isSubject = subject !== undefined && target.id?.toLowerCase() === subject;
    const found = isPoll ? ofAction(later.answer) : isSubject ? ofManaged(later.answer) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The output of the action form: one message on Linux, two entries on Windows. */
function ofAction(answer: unknown): Printed | undefined {
  const wrapped = objectsAt(answer, 'properties', 'output', 'value');
  const entries = wrapped.length > 0 ? wrapped : objectsAt(answer, 'properties', 'output');
  if (entries.length === 0) return undefined;
  const entry = (part: string) => entries.find((each) => textAt(each, 'code')?.includes(part));
  const stdout = textAt(entry('StdOut'), 'message');
  if (stdout !== undefined)
    return { stdout, stderr: textAt(entry('StdErr'), 'message') ?? '', exitCode: 0 };
  const message = textAt(entries[0], 'message') ?? '';
  const parts = /\[stdout\]\n([\s\S]*)\n\[stderr\]\n([\s\S]*)$/.exec(message);
  return { stdout: parts?.[1] ?? '', stderr: parts?.[2] ?? '', exitCode: 0 };
}

/** The instance view of the managed form. */
function ofManaged(answer: unknown): Printed | undefined {
  const view = objectAt(answer, 'properties', 'instanceView');
  const stdout = textAt(view, 'output');
  if (stdout === undefined) return undefined;
  const exitCode = numberAt(view, 'exitCode') ?? 0;
  return { stdout, stderr: textAt(view, 'error') ?? '', exitCode };
}
