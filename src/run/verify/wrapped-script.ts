import type { OsType } from '../../domain/vm.ts';
import { checkNonce, encodeScript, type GuestOrder, interpreterOf } from '../guest/run-command.ts';

/* What surrounds the user's script, and what it tells of its end. */

/** Of the script's output, bytes that are told: 4,096 arrive, the mark and prefixes included. */
const OUTPUT_BYTES = 3000;

export interface ScriptResult {
  /** 124: it was ended for want of time. */
  readonly exitCode: number;
  /** The end of its output, both streams. */
  readonly output: string;
}

/** The exit code of a script that was ended for want of time, as `timeout` of coreutils has it. */
export const ENDED_LATE = 124;

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
