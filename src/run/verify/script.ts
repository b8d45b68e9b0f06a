import { asFailure, type Failure } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { Bound } from '../../domain/verification.ts';
import type { StepOf } from '../../plan/plan.ts';
import { runInGuest } from '../guest/run-command.ts';
import {
  begunMark,
  endOnConsole,
  readScriptResult,
  type ScriptResult,
  wrapScript,
} from '../guest/verify-script.ts';
import type { StepContext } from '../ports.ts';
import { sleep } from '../wait.ts';
import { scriptUndelivered } from './failures.ts';

/** A verification under way. */
export interface Attempt {
  readonly step: StepOf<'verify'>;
  readonly context: StepContext;
  /** Aborted when the time for the verification is over. */
  readonly limit: AbortSignal;
  /** Seconds that are left of that. */
  left(): number;
  /** The VM that this attempt made: another run can delete it and make its own under the same name. */
  vmId?: string;
  /** The version as it was when the VM was asked for. */
  of?: Bound;
}

/** Seconds by which the guest ends the script before this side gives up, so that it can still tell. */
const MARGIN_SECONDS = 45;
/** Seconds by which a serial log lags behind what was written to it. */
const LAG_SECONDS = 30;

/**
 * Runs the user's script in the throw-away VM. Throws when nothing shows that it ever began there,
 * which says nothing of the image.
 *
 * @returns how it ended; `undefined` when it began, and nothing was heard of its end
 */
export async function runVerifyScript(
  { step, context, limit, left }: Attempt,
  script: string,
): Promise<ScriptResult | undefined> {
  const { vm } = step;
  const nonce = nameOf(vm.id);
  const seconds = Math.max(left() - MARGIN_SECONDS, left() / 2);
  const wrapped = wrapScript(vm.osType, { nonce, script, seconds });
  const { printed = '', failure: thrown } = await runInGuest(
    context,
    vm.id,
    wrapped,
    limit,
    vm.osType,
  );
  const failure = thrown === undefined ? undefined : asFailure(thrown);
  // A missing right is told as what it is.
  if (failure?.status === 403) throw failure;
  const result = readScriptResult(printed, nonce) ?? (await onConsole(step, context, failure));
  if (!result) return undefined;
  const say = (line: string) => context.report.say(step, line);
  for (const line of result.output.split(/\r?\n/)) if (line) say(`guest: ${line}`);
  say(`\`verify-script\` ended with exit code ${result.exitCode}.`);
  return result;
}

/**
 * Run Command gave no result: how the script ended by the serial console, which lags; `undefined` when
 * it began and has not ended. Throws when nothing shows that it began.
 */
async function onConsole(
  { vm }: StepOf<'verify'>,
  { compute, signal, pollSeconds }: StepContext,
  failure: Failure | undefined,
): Promise<ScriptResult | undefined> {
  const nonce = nameOf(vm.id);
  let text = '';
  for (let look = 0; look < 2; look++) {
    if (look > 0) await sleep(Math.min(LAG_SECONDS, pollSeconds ?? Infinity), signal);
    ({ text } = await compute.serialLog(vm.id));
    const ended = endOnConsole(text, nonce);
    if (ended) return ended;
  }
  if (!text.includes(begunMark(nonce))) throw scriptUndelivered(vm.id, failure);
  return undefined;
}
