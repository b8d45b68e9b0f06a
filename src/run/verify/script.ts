import { asFailure, type Failure, refused } from '../../domain/failure.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { ThrowAwayVm } from '../../domain/throw-away.ts';
import type { OsType } from '../../domain/vm.ts';
import type { StepOf } from '../../plan/plan.ts';
import {
  checkNonce,
  encodeScript,
  type GuestOrder,
  interpreterOf,
  runInGuest,
} from '../guest/run-command.ts';
import type { Compute } from '../ports.ts';
import type { StepContext } from '../step-context.ts';
import { sleep } from '../wait.ts';
import { evidenceOf } from './console.ts';

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

/** Of the script's output, bytes that are told: 4,096 arrive, the mark and prefixes included. */
const OUTPUT_BYTES = 3000;

/** How a script ended. */
interface ScriptResult {
  /** 124: it was ended for want of time. */
  readonly exitCode: number;
  /** The end of its output, both streams. */
  readonly output: string;
}

/** The exit code of a script that was ended for want of time, as `timeout` of coreutils has it. */
const ENDED_LATE = 124;

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

/** Besides the script, the seconds after which the guest ends it with exit code 124. */
type ScriptOrder = Required<GuestOrder> & { readonly seconds: number };

/**
 * The script for Run Command that runs the user's and tells how it ended; its output is for
 * `readScriptResult`.
 *
 * Throws a RangeError for a malformed nonce and for a script over the limit.
 */
export function wrapScript(osType: OsType, order: ScriptOrder): string {
  checkNonce(order.nonce);
  return osType === 'Windows' ? forWindows(order) : forLinux(order);
}

/** On the serial console: the script has begun. */
export const begunMark = (nonce: string): string => `azure-golden-image[${nonce}] verify-script`;

/**
 * What the serial console tells of a script's end; `undefined` when it does not show one, or shows that
 * the system started again after it: the script did that.
 */
export function endOnConsole(log: string, nonce: string): ScriptResult | undefined {
  const mark = `${begunMark(nonce)} ends exit=`;
  const at = log.lastIndexOf(mark);
  const code = /^\d{1,3}(?=\r?\n)/.exec(at < 0 ? '' : log.slice(at + mark.length))?.[0];
  if (code === undefined || /\bLinux version \d/.test(log.slice(at))) return undefined;
  return { exitCode: Number(code), output: '' };
}

/** The output of Run Command, read; `undefined` when the script did not get to its end. */
export function readScriptResult(printed: string, nonce: string): ScriptResult | undefined {
  const mark = `azure-golden-image[${nonce}]: verify-script exit=`;
  const at = printed.lastIndexOf(mark);
  const code = /^-?\d{1,10}/.exec(at < 0 ? '' : printed.slice(at + mark.length))?.[0];
  if (code === undefined) return undefined;
  const begin = printed.indexOf('[stdout]');
  const output = printed.slice(begin >= 0 && begin < at ? begin + 8 : 0, at).trim();
  return { exitCode: Number(code), output };
}

/**
 * A first line names the interpreter, as the kernel reads it: /var may be mounted noexec. Its output
 * goes into a file, not a pipe, which a service that the script starts would hold open. A script that
 * was cut short, by a full disk for instance, is not run: what is left of it could pass. Run Command sets
 * no HOME (Azure/azure-cli#9596).
 */
const forLinux = ({ nonce, script, seconds }: ScriptOrder): string => `#!/bin/sh
# azure-golden-image: runs verify-script and tells how it ended.
umask 077
folder=/var/tmp/azure-golden-image-verify
rm -rf $folder
if ! mkdir -p $folder || ! base64 -d >$folder/script <<'END_OF_SCRIPT'
${encodeScript(script, 'shell')}
END_OF_SCRIPT
then
  echo "The script could not be written to $folder. Look whether the disk is full, and whether base64 is installed."
  echo 'azure-golden-image[${nonce}]: verify-script exit=125'
  exit 0
fi
tell() {
  for console in /dev/ttyS0 /dev/ttyAMA0; do
    if [ -e $console ]; then
      timeout 5 sh -c "printf '%s\\r\\n' '${begunMark(nonce)} $1' >$console" 2>/dev/null
    fi
  done
}
tell begins
umask 022
export HOME="\${HOME:-/root}"
${interpreterOf('$folder/script')}
if [ -n "$argument" ]; then
  timeout -k 10 ${Math.max(1, Math.floor(seconds))} "$interpreter" "$argument" $folder/script >$folder/output 2>&1 </dev/null
else
  timeout -k 10 ${Math.max(1, Math.floor(seconds))} "$interpreter" $folder/script >$folder/output 2>&1 </dev/null
fi
code=$?
tell "ends exit=$code"
tail -c ${OUTPUT_BYTES} $folder/output
printf '\\nazure-golden-image[${nonce}]: verify-script exit=%s\\n' $code
exit 0
`;

/** A process that is asked for its handle once keeps its exit code. */
const forWindows = ({ nonce, script, seconds }: ScriptOrder): string => `
# azure-golden-image: runs verify-script and tells how it ended.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$folder = "$env:SystemRoot\\azure-golden-image-verify"
$code = 125
try {
  $null = New-Item -Path $folder -ItemType Directory -Force
  [IO.File]::WriteAllBytes("$folder\\verify.ps1", [Convert]::FromBase64String(@'
${encodeScript(script, 'powershell')}
'@))
  $arguments = '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', "$folder\\verify.ps1"
  $process = Start-Process -FilePath powershell.exe -ArgumentList $arguments -RedirectStandardOutput "$folder\\out.txt" -RedirectStandardError "$folder\\err.txt" -PassThru
  $null = $process.Handle
  $deadline = (Get-Date).AddSeconds(${Math.max(1, Math.floor(seconds))})
  $late = $false
  while (-not $process.HasExited -and -not $late) {
    Start-Sleep -Seconds 2
    $late = (Get-Date) -ge $deadline
  }
  $code = $process.ExitCode
  if ($late) {
    $code = ${ENDED_LATE}
    $null = & "$env:SystemRoot\\System32\\taskkill.exe" /PID $process.Id /T /F
  }
  foreach ($file in "$folder\\out.txt", "$folder\\err.txt") {
    foreach ($line in @(Get-Content -LiteralPath $file -ErrorAction SilentlyContinue | Where-Object { $_ } | Select-Object -Last 40)) {
      Write-Output $line
    }
  }
} catch {
  Write-Output $_.Exception.Message
}
Write-Output "azure-golden-image[${nonce}]: verify-script exit=$code"
exit 0
`;
