import { commandName } from './windows-names.ts';

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
 * Sysprep, AIB's DeprovisioningScript.
 */
export const clean = (nonce: string) => `
function Remove-Traces {
  Enter-Phase 'clean'
  foreach ($path in $folder, "$env:SystemRoot\\Panther", "$sysprep\\Panther", "$sysprep\\unattend.xml") {
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
