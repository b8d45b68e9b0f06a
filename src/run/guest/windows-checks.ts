import { IMAGE_STATE, OPEN_STATE } from './windows-task.ts';

/** Seconds to wait for the agent's services, which often restart just after a boot or an update. */
const PATIENCE_SECONDS = 300;

/**
 * The first part of the scheduling script: every check, all findings at once, exit 1 if there is one.
 * A 32-bit process sees another registry and another System32, so the script runs anew as 64-bit.
 *
 * Sources: services, Packer's and Azure Image Builder's wait for them (packer#9261: Sysprep fails
 * while the agent updates itself); pending restarts, the keys of component servicing, Windows Update
 * and MoveFileEx; BitLocker, Win32_EncryptableVolume's ConversionStatus (0: fully decrypted) and
 * generalize.md ("requires the drives to be fully decrypted"); store packages, Microsoft's "Sysprep
 * fails after you remove or update Microsoft Store apps" (KB2769827); 1,001 runs of Sysprep, "Sysprep
 * (Generalize) a Windows installation", kept by licensing as the rearms that remain.
 */
export const checks = (
  nonce: string,
  sent: Date,
) => `# azure-golden-image: checks this guest, schedules its deprovision, and tells how that goes.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not [Environment]::Is64BitProcess) {
  & "$env:SystemRoot\\sysnative\\WindowsPowerShell\\v1.0\\powershell.exe" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $PSCommandPath
  exit $LASTEXITCODE
}
$nonce = '${nonce}'
$refused = $false
$notes = @()
function Answer([string] $text) { Write-Output "azure-golden-image: $text" }
function ConvertTo-OneLine([string] $text) {
  $line = ($text -replace '[\\r\\n|]+', ' ').Trim()
  if ($line.Length -gt 400) { $line = $line.Substring(0, 400) }
  $line
}
function Refuse([string] $check, [string] $message, [string] $remedy) {
  Answer "refused $check | $(ConvertTo-OneLine $message) | $remedy"
  $script:refused = $true
}
${IMAGE_STATE}${journal}${pending}
try {
${onlyBefore(sent)}${imageState}${services}${reboots}${bitLocker}${removableStorage}${packages}${rearms}
} catch {
  Refuse 'checks' "A check of the guest failed: $($_.Exception.Message)" 'Look into the guest, mend what is the matter, then run again.'
}
if ($refused) { exit 1 }
`;

/** Prints each new line of the task's journal, until it has ended one way or the other. */
const journal = `
$state = ${OPEN_STATE}
function Get-Journal { @($state.GetValue('journal', @())) }
function Test-Ended { [bool] (@(Get-Journal)[-1] -match '^azure-golden-image\\[\\S+\\] (complete|failed)') }
function Test-AtWork {
  $process = $state.GetValue('process', 0)
  [bool] ($process -ne 0 -and (Get-Process -Id $process -ErrorAction SilentlyContinue))
}
function Get-Phase {
  $begun = @(Get-Journal | Where-Object { $_ -match '\\] phase: ' })
  if ($begun.Count -eq 0) { return 'start' }
  $begun[-1] -replace '^.*\\] phase: ([a-z-]+).*$', '$1'
}
function Watch-Journal {
  $told = 0
  while ($true) {
    $ended = (Test-Ended) -or -not (Test-AtWork)
    $lines = @(Get-Journal)
    while ($told -lt $lines.Count) {
      Write-Output $lines[$told]
      $told += 1
    }
    if ($ended) {
      if (Test-Ended) { return }
      Write-Output "azure-golden-image[$nonce] log: The task of the deprovision ended without its last words."
      Write-Output "azure-golden-image[$nonce] failed phase=$(Get-Phase) exit=1"
      exit 1
    }
    Start-Sleep -Seconds 2
  }
}
`;

/** The same nonce is told how its deprovision goes; after a failure, it or another may start anew. */
const pending = `
$known = [string] $state.GetValue('nonce', '')
$failed = [bool] (@(Get-Journal)[-1] -match '^azure-golden-image\\[\\S+\\] failed')
if ($known -ne '' -and -not $failed -and ((Test-AtWork) -or (Test-Ended))) {
  if ($known -eq $nonce) {
    Answer "already-scheduled nonce=$nonce"
    Watch-Journal
    exit 0
  }
  Refuse 'other-deprovision' 'Another deprovision is at work in this guest, or complete: another run is capturing the same VM.' 'Wait for the other run, or cancel it and restart the VM; then run again.'
  exit 1
}
`;

/** Seconds by which a guest's clock may be ahead of Azure's. Invented. */
const AHEAD_SECONDS = 60;

/**
 * Azure runs the run commands of a VM again when its OS disk is exchanged, since the new disk does not
 * know that they were run (azure-libraries-for-net#1159). A guest that comes back from a snapshot must not
 * deprovision itself again.
 */
const onlyBefore = (sent: Date) => `
  $system = Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction SilentlyContinue
  if ($system) {
    $booted = $system.LastBootUpTime.ToUniversalTime().ToString('s')
    if (($booted -replace '[^0-9]', '') -gt '${digits(+sent + AHEAD_SECONDS * 1000)}') {
      Refuse 'other-boot' "This guest has booted at $booted, after it was asked to deprovision itself." 'Run again.'
      exit 1
    }
  }
`;

const digits = (time: number): string =>
  new Date(time).toISOString().slice(0, 19).replaceAll(/\D/g, '');

const imageState = `
  $image = Get-ImageState
  if ($image -ne 'IMAGE_STATE_COMPLETE') {
    Refuse 'image-state' "The ImageState of this Windows is $image instead of IMAGE_STATE_COMPLETE: its setup has not ended, or a Sysprep before has failed or succeeded." 'Build the VM again or restore its snapshot; a VM that was sysprepped on purpose is to be stopped and captured with deprovision set to never.'
  }
  if (-not (Test-Path -LiteralPath "$env:SystemRoot\\System32\\Sysprep\\Sysprep.exe")) {
    Refuse 'sysprep' 'There is no Sysprep.exe in System32\\Sysprep.' 'Build the VM from an image that has Sysprep.'
  }
`;

const services = `
  $wanted = @('RdAgent', 'WindowsAzureGuestAgent')
  if (Get-Service -Name WindowsAzureTelemetryService -ErrorAction SilentlyContinue) { $wanted += 'WindowsAzureTelemetryService' }
  $waited = 0
  while ($true) {
    $stopped = @($wanted | Where-Object { (Get-Service -Name $_ -ErrorAction SilentlyContinue).Status -ne 'Running' })
    if ($stopped.Count -eq 0 -or $refused -or $waited -ge ${PATIENCE_SECONDS}) { break }
    Start-Sleep -Seconds 5
    $waited += 5
  }
  if ($stopped.Count -gt 0) {
    Refuse 'agent-service' "Not running after $waited seconds of waiting: $($stopped -join ', '). Sysprep fails while the Azure agent is missing or updates itself." 'Wait for these services at the end of the build, or repair the agent: https://aka.ms/vmagent'
  }
`;

const reboots = `
  $causes = @()
  if (Test-Path -LiteralPath 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending') { $causes += 'component servicing' }
  if (Test-Path -LiteralPath 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired') { $causes += 'Windows Update' }
  $renames = (Get-ItemProperty -LiteralPath 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Session Manager' -Name PendingFileRenameOperations -ErrorAction SilentlyContinue).PendingFileRenameOperations
  if (@($renames | Where-Object { $_ }).Count -gt 0) { $causes += 'file renames' }
  if ($causes.Count -gt 0) {
    Refuse 'reboot-pending' "A restart is pending ($($causes -join ', ')): updates are half applied, and Sysprep would fail on them or the image hold them." 'Restart the VM at the end of its build, before this action.'
  }
`;

const bitLocker = `
  $volumes = @(Get-CimInstance -Namespace 'root/CIMV2/Security/MicrosoftVolumeEncryption' -ClassName Win32_EncryptableVolume -ErrorAction SilentlyContinue)
  $encrypted = @($volumes | Where-Object { $_.DriveLetter -eq $env:SystemDrive -and $_.ConversionStatus -ne 0 })
  if ($encrypted.Count -gt 0) {
    Refuse 'bitlocker' "Drive $env:SystemDrive is encrypted by BitLocker, or not yet wholly decrypted; Sysprep requires it decrypted." 'Run "Disable-BitLocker -MountPoint C:" in the build and wait until the volume is FullyDecrypted.'
  }
`;

/** Windows' setup reads the answers of a new VM from a CD-ROM; see generalize.md. */
const removableStorage = `
  $policy = 'HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows\\RemovableStorageDevices'
  if ((Get-ItemProperty -LiteralPath $policy -Name Deny_All -ErrorAction SilentlyContinue).Deny_All -eq 1) {
    Refuse 'removable-storage' 'A policy denies all access to removable storage (Deny_All): VMs of the image would hang in their first setup, which reads a CD-ROM.' "Remove Deny_All below $policy in the build, or take the VM out of that policy."
  }
`;

/**
 * Frameworks, resources and Windows' own packages are not provisioned, and Sysprep lets them pass. The
 * queries fail where the service behind them is switched off; then nothing is known, and Sysprep tells.
 */
const packages = `
  if (Get-Command -Name Get-AppxPackage -ErrorAction SilentlyContinue) {
    $single = @()
    try {
      $provisioned = @(Get-AppxProvisionedPackage -Online | ForEach-Object { $_.DisplayName })
      $single = @(Get-AppxPackage -AllUsers | Where-Object {
        -not $_.IsFramework -and -not $_.IsResourcePackage -and -not $_.NonRemovable -and
        $_.SignatureKind -ne 'System' -and $provisioned -notcontains $_.Name -and
        @($_.PackageUserInformation | Where-Object { $_.InstallState -match 'Installed' }).Count -gt 0
      } | ForEach-Object { $_.PackageFullName })
    } catch {
      $notes += "It is not known whether store packages would stop Sysprep; they could not be listed: $($_.Exception.Message)"
    }
    if ($single.Count -gt 0) {
      Refuse 'appx' "Store packages are installed for a user, but not provisioned for all users, which Sysprep refuses: $($single -join ', ')." 'Remove each with Remove-AppxPackage -AllUsers in the build, and keep the Store from updating apps.'
    }
  }
`;

const rearms = `
  $licensing = 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform'
  $skip = (Get-ItemProperty -LiteralPath $licensing -Name SkipRearm -ErrorAction SilentlyContinue).SkipRearm
  $left = (Get-CimInstance -ClassName SoftwareLicensingService -ErrorAction SilentlyContinue).RemainingWindowsReArmCount
  if ($left -eq 0 -and $skip -ne 1) {
    Refuse 'sysprep-count' 'No rearm of the licence is left: Sysprep has been run as often on this installation and its ancestors as Windows allows.' 'Build the VM from a fresh image instead of one that was on which Sysprep ran many times.'
  }
`;
