/** The task of Task Scheduler that deprovisions the guest. */
export const TASK = 'azure-golden-image-deprovision';

/**
 * Where the guest keeps how far it has come, below HKLM: a volatile key lives in memory alone, so that
 * nothing of it reaches the image, and a restart, which undoes Sysprep's work, takes it away.
 */
const STATE_KEY = 'SOFTWARE\\azure-golden-image';

/**
 * Where the guest keeps what the task runs, in PowerShell; the task deletes it before Sysprep. Not
 * below Windows\Temp, in which every user may create files: the task runs as SYSTEM.
 */
export const GUEST_FOLDER = '"$env:SystemRoot\\azure-golden-image"';

/** The name of the managed run command of a deprovision. */
export const commandName = (nonce: string): string => `golden-image-${nonce}`;

/** Opens the state for writing, whatever the bitness of the process; made when it is missing. */
export const OPEN_STATE = `[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').CreateSubKey('${STATE_KEY}', [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree, [Microsoft.Win32.RegistryOptions]::Volatile)`;

/** PowerShell's `Get-ImageState`: what Windows Setup calls the state of this installation. */
export const IMAGE_STATE = `
function Get-ImageState {
  (Get-ItemProperty -LiteralPath 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State' -Name ImageState -ErrorAction SilentlyContinue).ImageState
}
`;

/** The state of an installation that Sysprep has generalized (Windows Setup Installation State). */
export const GENERALIZED = 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE';

/** Of the run's output 4,096 bytes arrive, marks and prefixes included. */
const LOG_LINES = 12;
const LOG_WIDTH = 180;
/** Seconds that the machine stays on after its mark. Invented: several looks, and a late agent. */
export const STAY_SECONDS = 600;

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

/**
 * The phase of the task that removes what must not reach the image, and what would hinder Sysprep.
 * The Panther folder also holds answer files; Sysprep's own logs go too, so that what is shown of
 * them is of this run.
 *
 * Extensions keep their last settings and status, and a VM of the image would report them as its own
 * (Azure/azure-powershell#16936, blakedrumm.com "Azure Update Manager status cleanup"). The status of
 * our own command stays, since the agent reports from it.
 *
 * The agent's Sysprep provider disables the agent's services, without which nobody hears of the end;
 * where its DLL is missing, Sysprep hangs or ends undeployable (azure-docs#13730, packer#9261,
 * Azure/AgentBaker#8544). A new agent registers it again.
 *
 * Sources: what to remove and the CD-ROM, azure-compute-docs generalize.md; an answer file left beside
 * Sysprep, AIB's DeprovisioningScript; the custom data of the build VM, azure-compute-docs custom-data.md.
 */
const clean = (nonce: string) => `
function Remove-Traces {
  Enter-Phase 'clean'
  foreach ($path in $folder, "$env:SystemRoot\\Panther", "$sysprep\\Panther", "$sysprep\\unattend.xml", "$env:SystemDrive\\AzureData\\CustomData.bin") {
    Remove-Item -LiteralPath $path -Recurse -Force -ErrorAction SilentlyContinue
    if (Test-Path -LiteralPath $path) { Tell-Note "$path could not be removed completely." }
  }
  Set-ItemProperty -LiteralPath 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\cdrom' -Name Start -Value 1
  Clear-Plugins '${commandName(nonce)}*'
  try { Remove-Disabler } catch { Tell-Note "The Sysprep provider of the Azure agent could not be removed: $($_.Exception.Message)" }
}
function Clear-Plugins([string] $keptStatus) {
  foreach ($kind in 'Status', 'RuntimeSettings', 'Downloads') {
    $files = @(Get-ChildItem -Path "$env:SystemDrive\\Packages\\Plugins\\*\\*\\$kind\\*" -Force -ErrorAction SilentlyContinue)
    foreach ($file in $files) {
      if ($kind -eq 'Status' -and $file.Name -like $keptStatus) { continue }
      Remove-Item -LiteralPath $file.FullName -Recurse -Force -ErrorAction SilentlyContinue
    }
  }
}
function Remove-Disabler {
  $path = 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\SysPrepExternal\\Generalize'
  if (-not (Test-Path -LiteralPath $path)) { return }
  $providers = Get-Item -LiteralPath $path
  foreach ($name in @($providers.Property)) {
    $provider = [string] $providers.GetValue($name)
    if ($provider -match 'VMAgentDisabler\\.dll') {
      Remove-ItemProperty -LiteralPath $path -Name $name
      Tell-Note "Removed the Sysprep provider of the Azure agent, which would disable the agent: $provider"
    }
  }
}
`;

/**
 * Seconds between telling of this phase and Sysprep, which may silence the agent: that the phase was
 * heard is part of the proof. Invented: the agent reports every few seconds.
 */
const HEARD_SECONDS = 15;

/**
 * The phase of the task that runs Sysprep. ImageState alone tells how it ends, and is waited for until
 * the deadline: Sysprep may return while Windows is still generalizing, and its exit code then says
 * nothing (Azure/AgentBaker e2e/test_helpers.go). UNDEPLOYABLE is what the state also is while Sysprep
 * works, and for ever after some failures (packer#9261, #9818, #10767), so it is told at once and does
 * not end the wait.
 *
 * Source of `/mode:vm`: azure-docs#81744.
 */
const sysprep = `
function Invoke-Sysprep {
  Enter-Phase 'sysprep'
  Start-Sleep -Seconds ${HEARD_SECONDS}
  $process = Start-Process -FilePath "$sysprep\\Sysprep.exe" -ArgumentList '/generalize', '/oobe', '/mode:vm', '/quiet', '/quit' -PassThru
  $null = $process.Handle
  $seen = Get-ImageState
  $told = $false
  while ($true) {
    $image = Get-ImageState
    $at = ''
    if (-not $process.HasExited) { $at = ' while Sysprep works' }
    if ($image -ne $seen) { Tell-Note "ImageState is $image$at." }
    $seen = $image
    if ($process.HasExited) {
      if ($image -eq '${GENERALIZED}') { return }
      if (-not $told) { Tell-Unfinished $process.ExitCode $image }
      $told = $true
    }
    if ((Get-Date) -ge $deadline) { Stop-Sysprep $process }
    Start-Sleep -Seconds 5
  }
}
function Tell-Unfinished([int] $code, [string] $image) {
  Tell-Note "Sysprep ended with exit code $code, but ImageState is $image. Windows may still be generalizing: waiting for it until the deadline."
  foreach ($line in @(Read-Log "$sysprep\\Panther\\setuperr.log" | Select-Object -Last 3)) { Tell-Note "setuperr.log: $line" }
}
function Stop-Sysprep($process) {
  $code = 124
  if (-not $process.HasExited) { Stop-Tree $process } elseif ($process.ExitCode -ne 0) { $code = $process.ExitCode }
  $errors = @(Read-Log "$sysprep\\Panther\\setuperr.log")
  $acts = @(Read-Log "$sysprep\\Panther\\setupact.log")
  Tell-Log (@("ImageState is $(Get-ImageState)") + $errors + @($acts | Select-Object -Last 3))
  Stop-Failed $code
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
