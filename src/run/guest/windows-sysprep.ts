import { GENERALIZED } from './windows-names.ts';

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
export const sysprep = `
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
