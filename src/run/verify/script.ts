import { asFailure, type Failure, refused } from '../../domain/failure.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { ThrowAwayVm } from '../../domain/throw-away.ts';
import type { StepOf } from '../../plan/plan.ts';
import { runInGuest } from '../guest/run-command.ts';
import type { Compute } from '../ports.ts';
import type { StepContext } from '../step-context.ts';
import { sleep } from '../wait.ts';
import { evidenceOf } from './console.ts';
import {
  begunMark,
  ENDED_LATE,
  endOnConsole,
  readScriptResult,
  type ScriptResult,
  wrapScript,
} from './wrapped-script.ts';

/*
 * The user's script in the throw-away VM. Run Command calls every script a success, so the exit code
 * and the end of the output are told by what surrounds the script.
 */

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
  of?: ImageVersion;
}

/** Seconds by which the guest ends the script before this side gives up, so that it can still tell. */
const MARGIN_SECONDS = 45;
/** Seconds by which a serial log lags behind what was written to it. */
const LAG_SECONDS = 30;

/**
 * Runs the user's script in the throw-away VM. Throws when nothing shows that it ever began there,
 * which says nothing about the image.
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
  if (text.includes(begunMark(nonce))) return undefined;
  throw refused({
    what: `\`verify-script\` got no result: Run Command on \`${nameOf(vm.id)}\` ${failure ? 'failed' : 'did not end in time'}, and nothing shows that the script began.`,
    why: failure
      ? (failure.why ?? failure.what)
      : 'Azure did not deliver it, or the guest lost it.',
    remedy:
      'This says nothing about the image. Re-run the failed job. If it happens again, check that nothing in the image or the network blocks 168.63.129.16, and that the script does not restart the VM.',
    ...(failure?.code && { code: failure.code }),
    ...(failure && { cause: failure }),
  });
}

/** What the end of the script, or that none was heard, says against the image. */
export async function scriptFailure(
  compute: Compute,
  { id, version }: ThrowAwayVm,
  ended: ScriptResult | undefined,
): Promise<Failure | undefined> {
  const on = `on image version ${nameOf(version)}`;
  if (!ended)
    return refused({
      what: `\`verify-script\` began ${on}, but its end was never reported.`,
      why: `The script restarted or stopped the VM or its agent, which ends Run Command without a result. ${await evidenceOf(compute, id)}`,
      remedy: 'Leave restarts out of `verify-script`.',
    });
  const { exitCode, output } = ended;
  if (exitCode === 0) return undefined;
  const why = output ? `The end of its output:\n${output}` : 'It printed nothing.';
  return exitCode === ENDED_LATE
    ? refused({
        what: `\`verify-script\` did not end in time ${on}, and was ended with exit code 124.`,
        why,
        remedy:
          'Raise `verify-timeout-minutes` if it only needs longer: boot and script share that time.',
      })
    : refused({ what: `\`verify-script\` failed ${on} with exit code ${exitCode}.`, why });
}
