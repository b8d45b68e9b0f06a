import { checkNonce, encodeScript, type GuestOrder } from './run-command.ts';
import { checks } from './windows-checks.ts';
import { GUEST_FOLDER, TASK, taskScript } from './windows-task.ts';

/** Seconds that the guest gives up before this side does, so that it can still tell why. */
export const MARGIN_SECONDS = 60;

/**
 * The PowerShell script (5.1) for a managed run command that checks the guest and, if nothing speaks
 * against it, schedules its deprovision as a one-shot task of SYSTEM, outside the command's process
 * tree; then it prints the task's journal until that ends. Its output is for `readAnswer` and
 * `readMarks`. Run again for the same nonce, unless the machine was restarted, it prints on from
 * there; nothing is scheduled twice. The user's script runs by Windows PowerShell.
 *
 * Throws a RangeError for a malformed nonce and for a script over the limit.
 *
 * @param timeoutSeconds until this side gives up
 * @param sent when it is sent, by Azure's clock: a guest that has booted since refuses it
 */
export function scheduleWindows({
  nonce,
  script,
  timeoutSeconds,
  sent,
}: GuestOrder & { readonly timeoutSeconds: number; readonly sent: Date }): string {
  checkNonce(nonce);
  const seconds = Math.max(MARGIN_SECONDS, Math.round(timeoutSeconds) - MARGIN_SECONDS);
  return [
    checks(nonce, sent),
    files(
      encodeScript(taskScript(nonce, seconds), 'powershell'),
      script === undefined ? undefined : encodeScript(script, 'powershell'),
    ),
    schedule(nonce),
  ].join('\n');
}

/** The folder is closed to all but SYSTEM and administrators before anything is in it. */
const files = (task: string, script: string | undefined) => `$folder = ${GUEST_FOLDER}
function Write-File([string] $name, [string] $base64) {
  [IO.File]::WriteAllBytes("$folder\\$name", [Convert]::FromBase64String($base64))
}
function Write-Files {
  Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
  $null = New-Item -Path $folder -ItemType Directory -Force
  $null = & "$env:SystemRoot\\System32\\icacls.exe" $folder /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F'
  if ($LASTEXITCODE -ne 0) { throw "$folder could not be closed to other users: icacls ended with $LASTEXITCODE." }
  Write-File 'deprovision.ps1' @'
${task}
'@
${script === undefined ? '' : userScript(script)}}
`;

const userScript = (base64: string) => `  Write-File 'user.ps1' @'
${base64}
'@
`;

/**
 * A task without a trigger runs when it is started, once. Tasks run at a low priority unless told
 * (New-ScheduledTaskSettingsSet: 7), which makes Sysprep slow. S-1-5-18 is SYSTEM in every language.
 */
const schedule = (nonce: string) => `
try {
  Write-Files
  $state.SetValue('journal', [string[]] @())
  $state.SetValue('process', 0)
  $state.SetValue('nonce', '${nonce}')
  $argument = "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File $folder\\deprovision.ps1"
  $action = New-ScheduledTaskAction -Execute "$env:SystemRoot\\System32\\WindowsPowerShell\\v1.0\\powershell.exe" -Argument $argument
  $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
  $settings = New-ScheduledTaskSettingsSet -Priority 4
  $null = Register-ScheduledTask -TaskName '${TASK}' -Action $action -Principal $principal -Settings $settings -Force
  Start-ScheduledTask -TaskName '${TASK}'
  $waited = 0
  while ($state.GetValue('process', 0) -eq 0) {
    if ($waited -ge 60) { throw 'The task did not start within a minute.' }
    Start-Sleep -Seconds 1
    $waited += 1
  }
} catch {
  Refuse 'schedule' "Task Scheduler did not take the deprovision: $($_.Exception.Message)" 'Look at Task Scheduler in the guest, restart the VM, then run again.'
  Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
  Unregister-ScheduledTask -TaskName '${TASK}' -Confirm:$false -ErrorAction SilentlyContinue
  exit 1
}
Answer "scheduled nonce=$nonce"
foreach ($note in $notes) { Write-Output "azure-golden-image[$nonce] note: $(ConvertTo-OneLine $note)" }
Watch-Journal
exit 0
`;
