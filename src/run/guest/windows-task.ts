import { GENERALIZED, GUEST_FOLDER, IMAGE_STATE, OPEN_STATE, TASK } from './windows-names.ts';

/** Seconds to go on looking at ImageState after Sysprep has ended. Invented: it is set at its end. */
const SETTLE_SECONDS = 60;
/** Of the run's output 4,096 bytes arrive, marks and prefixes included. */
const LOG_LINES = 12;
const LOG_WIDTH = 180;

/**
 * The script of the one-shot task, run as SYSTEM. It unregisters itself (which does not interrupt what
 * runs), runs the user's script, and then Sysprep with `/quit`: with `/shutdown` nobody could tell a
 * failed Sysprep from a good one, and the mark could not be the last act. That Sysprep runs as SYSTEM,
 * and that the agent reports on afterwards, show sinequa/SinequaForAzure S4A_Image (Run Command, `/quit`)
 * and Azure/missionlz's sysprepVirtualMachine.bicep; ImageState is watched as Packer's documentation
 * and Azure Image Builder do. It never switches the machine off: its mark is to be read first.
 *
 * Sources: what to remove and the CD-ROM, azure-compute-docs generalize.md; `/mode:vm`,
 * azure-docs#81744; an answer file left beside Sysprep, AIB's DeprovisioningScript; an endless
 * IMAGE_STATE_UNDEPLOYABLE, packer#9261, #9818, #10767.
 */
export const taskScript = (
  nonce: string,
  seconds: number,
) => `# azure-golden-image: deprovisions this guest with Sysprep.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$nonce = '${nonce}'
$folder = ${GUEST_FOLDER}
$sysprep = "$env:SystemRoot\\System32\\Sysprep"
$deadline = (Get-Date).AddSeconds(${seconds})
$state = ${OPEN_STATE}
$state.SetValue('process', $PID)
$journal = @()
$phase = 'start'
${IMAGE_STATE}${telling}${phases}
try {
  Unregister-ScheduledTask -TaskName '${TASK}' -Confirm:$false
  Tell 'started'
  if (Test-Path -LiteralPath "$folder\\user.ps1") { Invoke-UserScript }
  Remove-Traces
  Invoke-Sysprep
  Tell 'complete'
} catch {
  Tell-Log @($_.Exception.Message)
  Stop-Failed 1
}
exit 0
`;

/** The journal is all that is heard of the task; each line carries the nonce. */
const telling = `
function Tell([string] $text) {
  $script:journal += "azure-golden-image[$nonce] $text"
  $state.SetValue('journal', [string[]] $script:journal)
}
function Enter-Phase([string] $name) {
  $script:phase = $name
  Tell "phase: $name"
}
function Tell-Log([string[]] $lines) {
  foreach ($line in @($lines | Where-Object { $_ } | Select-Object -Last ${LOG_LINES})) {
    $clean = ($line -replace '[^\\x20-\\x7e]', ' ').Trim()
    if ($clean.Length -gt ${LOG_WIDTH}) { $clean = $clean.Substring(0, ${LOG_WIDTH}) }
    Tell "log: $clean"
  }
}
function Read-Log([string] $path) {
  Get-Content -LiteralPath $path -ErrorAction SilentlyContinue | Where-Object { $_ } | Select-Object -Last 8
}
function Stop-Failed([int] $code) {
  Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
  Tell "failed phase=$phase exit=$code"
  exit 1
}
`;

/**
 * A process that is asked for its handle once keeps its exit code. Deleted are the Panther folder, which
 * also holds answer files, and Sysprep's own logs, so that what is shown of them is of this run.
 */
const phases = `
function Test-Deadline($process) {
  if ((Get-Date) -lt $deadline) { return $false }
  Stop-Process -Id $process.Id -Force -ErrorAction SilentlyContinue
  return $true
}
function Invoke-UserScript {
  Enter-Phase 'deprovision-script'
  $arguments = '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', "$folder\\user.ps1"
  $process = Start-Process -FilePath powershell.exe -ArgumentList $arguments -RedirectStandardOutput "$folder\\out.txt" -RedirectStandardError "$folder\\err.txt" -PassThru
  $null = $process.Handle
  $late = $false
  while (-not $process.HasExited -and -not $late) {
    Start-Sleep -Seconds 2
    $late = Test-Deadline $process
  }
  $code = $process.ExitCode
  if ($late) { $code = 124 }
  Tell-Log (@(Read-Log "$folder\\out.txt") + @(Read-Log "$folder\\err.txt"))
  if ($code -ne 0) { Stop-Failed $code }
}
function Remove-Traces {
  Enter-Phase 'clean'
  foreach ($path in $folder, "$env:SystemRoot\\Panther", "$sysprep\\Panther", "$sysprep\\unattend.xml") {
    Remove-Item -LiteralPath $path -Recurse -Force -ErrorAction SilentlyContinue
    if (Test-Path -LiteralPath $path) { Tell "note: $path could not be removed as a whole" }
  }
  Set-ItemProperty -LiteralPath 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\cdrom' -Name Start -Value 1
}
function Invoke-Sysprep {
  Enter-Phase 'sysprep'
  $process = Start-Process -FilePath "$sysprep\\Sysprep.exe" -ArgumentList '/generalize', '/oobe', '/mode:vm', '/quiet', '/quit' -PassThru
  $null = $process.Handle
  $seen = ''
  $settled = 0
  while ($true) {
    $image = Get-ImageState
    if ($image -ne $seen) { Tell "image-state: $image" }
    $seen = $image
    if ($process.HasExited) {
      if ($image -eq '${GENERALIZED}') { return }
      $settled += 5
      if ($settled -gt ${SETTLE_SECONDS}) { Stop-Sysprep $process.ExitCode }
    } elseif (Test-Deadline $process) {
      Stop-Sysprep 124
    }
    Start-Sleep -Seconds 5
  }
}
function Stop-Sysprep([int] $code) {
  $errors = @(Read-Log "$sysprep\\Panther\\setuperr.log")
  $acts = @(Read-Log "$sysprep\\Panther\\setupact.log")
  Tell-Log (@("ImageState is $(Get-ImageState)") + $errors + @($acts | Select-Object -Last 3))
  if ($code -eq 0) { $code = 1 }
  Stop-Failed $code
}
`;
