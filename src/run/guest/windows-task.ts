import { clean } from './windows-clean.ts';
import { GENERALIZED, GUEST_FOLDER, IMAGE_STATE, OPEN_STATE, TASK } from './windows-names.ts';
import { sysprep } from './windows-sysprep.ts';

/** Of the run's output 4,096 bytes arrive, marks and prefixes included. */
const LOG_LINES = 12;
const LOG_WIDTH = 180;
/** Seconds that the machine stays on after its mark. Invented: several looks, and a late agent. */
const STAY_SECONDS = 600;

/**
 * The script of the one-shot task, run as SYSTEM. It unregisters itself (which does not interrupt what
 * runs), runs the user's script, and then Sysprep with `/quit`: with `/shutdown` nobody could tell a
 * failed Sysprep from a good one, and the mark could not come after it. That Sysprep runs as SYSTEM,
 * and that the agent reports on afterwards, show sinequa/SinequaForAzure S4A_Image (Run Command, `/quit`)
 * and Azure/missionlz's sysprepVirtualMachine.bicep; ImageState is watched as Packer's documentation
 * and Azure Image Builder do.
 *
 * The machine stays on for a while, so that its mark is read. Then it stops itself, and only after a
 * good ImageState: an agent that fell silent cannot tell, but Azure sees the stop (Azure/AgentBaker#9042).
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
${IMAGE_STATE}${telling}${userScript}${clean(nonce)}${sysprep}${stop}
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
Stop-Machine
exit 0
`;

/**
 * The journal is all that is heard of the task; each line carries the nonce. Phases carry their time
 * in UTC, in the one format that no culture changes.
 */
const telling = `
function Tell([string] $text) {
  $script:journal += "azure-golden-image[$nonce] $text"
  $state.SetValue('journal', [string[]] $script:journal)
}
function Enter-Phase([string] $name) {
  $script:phase = $name
  $now = (Get-Date).ToUniversalTime().ToString('s')
  Tell "phase: $name at \${now}Z"
}
function ConvertTo-Line([string] $text) {
  $clean = ($text -replace '[^\\x20-\\x7e]', ' ').Trim()
  if ($clean.Length -gt ${LOG_WIDTH}) { $clean = $clean.Substring(0, ${LOG_WIDTH}) }
  $clean
}
function Tell-Note([string] $text) { Tell "note: $(ConvertTo-Line $text)" }
function Tell-Log([string[]] $lines) {
  foreach ($line in @($lines | Where-Object { $_ } | Select-Object -Last ${LOG_LINES})) {
    Tell "log: $(ConvertTo-Line $line)"
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

/** A process that is asked for its handle once keeps its exit code. */
const userScript = `
function Stop-Tree($process) {
  $null = & "$env:SystemRoot\\System32\\taskkill.exe" /PID $process.Id /T /F
}
function Invoke-UserScript {
  Enter-Phase 'deprovision-script'
  $arguments = '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', "$folder\\user.ps1"
  $process = Start-Process -FilePath powershell.exe -ArgumentList $arguments -RedirectStandardOutput "$folder\\out.txt" -RedirectStandardError "$folder\\err.txt" -PassThru
  $null = $process.Handle
  $late = $false
  while (-not $process.HasExited -and -not $late) {
    Start-Sleep -Seconds 2
    $late = (Get-Date) -ge $deadline
  }
  $code = $process.ExitCode
  if ($late) {
    $code = 124
    Stop-Tree $process
  }
  Tell-Log (@(Read-Log "$folder\\out.txt") + @(Read-Log "$folder\\err.txt"))
  if ($code -ne 0) { Stop-Failed $code }
}
`;

/** What is in the status folder of this run command goes last: it is what the agent reports from. */
const stop = `
function Stop-Machine {
  $until = (Get-Date).AddSeconds(${STAY_SECONDS})
  if ($until -gt $deadline) { $until = $deadline }
  while ((Get-Date) -lt $until) { Start-Sleep -Seconds 5 }
  if ((Get-ImageState) -ne '${GENERALIZED}') { return }
  Clear-Plugins ''
  & "$env:SystemRoot\\System32\\shutdown.exe" /s /f /t 0
}
`;
