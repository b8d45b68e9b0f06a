/**
 * The scripts for a Windows guest, run by Windows PowerShell 5.1 itself; only on Windows, and as
 * administrator, since the state is kept below HKLM. What would change the machine is replaced by a
 * function of the same name, which PowerShell prefers, or by a program that only records its call.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAnswer, readMarks } from '../../src/run/guest/marks.ts';
import { scheduleWindows } from '../../src/run/guest/windows.ts';
import { taskScript } from '../../src/run/guest/windows-task.ts';

const nonce = 'abcd-0001';
const STATE = 'HKLM:\\SOFTWARE\\azure-golden-image';
const COMPLETE = 'IMAGE_STATE_COMPLETE';
const UNDEPLOYABLE = 'IMAGE_STATE_UNDEPLOYABLE';
const GENERALIZED = 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE';

/** A machine that is ready. Every write goes below `root`, to the state's key, or nowhere. */
const stubs = (root: string, imageStates: readonly string[]) => `
$env:SystemRoot = '${root}'
$env:SystemDrive = '${root}'
$global:states = @(${imageStates.map((each) => `'${each}'`).join(', ')})
$global:at = 0
$global:now = [DateTime]::Now
function Add-Call([string] $text) { [IO.File]::AppendAllText('${root}\\calls.txt', "$text\`r\`n") }
function Get-Date { $global:now = $global:now.AddSeconds(30); $global:now }
function Start-Sleep { }
function Test-Path([string] $LiteralPath) {
  if ($LiteralPath -like 'HKLM:*') { return ($LiteralPath -like '*SysPrepExternal*') }
  Microsoft.PowerShell.Management\\Test-Path -LiteralPath $LiteralPath
}
function Get-ItemProperty([string] $LiteralPath, [string] $Name) {
  if ($Name -ne 'ImageState') { return }
  $state = $global:states[[Math]::Min($global:at, $global:states.Count - 1)]
  $global:at += 1
  [pscustomobject] @{ ImageState = $state }
}
function Get-Item {
  $item = [pscustomobject] @{ Property = @('other', 'agent') }
  $item | Add-Member -MemberType ScriptMethod -Name GetValue -PassThru -Value {
    param($name)
    if ($name -eq 'agent') { 'C:\\Windows\\system32\\VMAgentDisabler.dll,Entry' } else { 'C:\\other.dll,Entry' }
  }
}
function Remove-ItemProperty([string] $LiteralPath, [string] $Name) { Add-Call "remove $Name" }
function Set-ItemProperty { Add-Call "set $args" }
function Get-Service { [pscustomobject] @{ Status = 'Running' } }
function Get-CimInstance { }
function Get-AppxPackage { throw 'The service cannot be started.' }
function Get-AppxProvisionedPackage { }
function New-ScheduledTaskAction($Execute, $Argument) { "$Execute $Argument" }
function New-ScheduledTaskPrincipal($UserId, $LogonType, $RunLevel) { $UserId }
function New-ScheduledTaskSettingsSet($Priority) { $Priority }
function Register-ScheduledTask($TaskName, $Action, $Principal, $Settings, [switch] $Force) { Add-Call "register $TaskName as $Principal" }
function Unregister-ScheduledTask { Add-Call "unregister $args" }
function Start-ScheduledTask {
  $key = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').OpenSubKey('SOFTWARE\\azure-golden-image', $true)
  $key.SetValue('journal', [string[]] @('azure-golden-image[${nonce}] started', 'azure-golden-image[${nonce}] complete'))
  $key.SetValue('process', $PID)
}
function Start-Process {
  Add-Call "start $(@($args | ForEach-Object { $_ }) -join ' ')"
  [pscustomobject] @{ Id = 1; Handle = 1; HasExited = $true; ExitCode = 0 }
}
`;

/** Records its own name and arguments. */
const RECORDER =
  'public class P { public static int Main(string[] a) { var d = System.AppDomain.CurrentDomain; System.IO.File.AppendAllText(d.BaseDirectory + "..\\\\calls.txt", d.FriendlyName + " " + string.Join(" ", a) + "\\r\\n"); return 0; } }';

const POWERSHELL = join(
  process.env.SystemRoot ?? '',
  'System32/WindowsPowerShell/v1.0/powershell.exe',
);

// Windows alone comes with it.
describe.runIf(process.platform === 'win32')('under Windows PowerShell 5.1', () => {
  let root = '';

  /** Runs a script as a file, as its handler does; with a mark, since 5.1 reads no other UTF-8. */
  const powershell = (text: string) => {
    const path = join(root, 'run.ps1');
    writeFileSync(path, `\uFEFF${text}`);
    return spawnSync(
      POWERSHELL,
      ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', path],
      { encoding: 'utf8' },
    );
  };
  const calls = () => readFileSync(join(root, 'calls.txt'), 'utf8').trim().split(/\r?\n/);
  const put = (path: string, text = '') => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'golden-image-'));
    put('System32/Sysprep/Sysprep.exe');
    const programs = `${root}\\System32`;
    const made = powershell(`
Add-Type -TypeDefinition '${RECORDER}' -OutputType ConsoleApplication -OutputAssembly '${programs}\\icacls.exe'
Copy-Item '${programs}\\icacls.exe' '${programs}\\taskkill.exe'
Copy-Item '${programs}\\icacls.exe' '${programs}\\shutdown.exe'`);
    expect(made.stderr).toBe('');
  });
  afterEach(() => {
    powershell(`Remove-Item '${STATE}' -Recurse -ErrorAction SilentlyContinue`);
    rmSync(root, { recursive: true, force: true });
  });

  const order = { nonce, timeoutSeconds: 1800, sent: new Date() };

  test.each([
    ['the scheduling script', scheduleWindows({ ...order, script: 'exit 0' })],
    ['the task’s script', taskScript(nonce, 1740)],
  ])('%s parses', (_, script) => {
    put('parsed.ps1', `\uFEFF${script}`);
    const { stdout } = powershell(`$errors = $null
$null = [Management.Automation.Language.Parser]::ParseFile('${root}\\parsed.ps1', [ref] $null, [ref] $errors)
$errors | ForEach-Object { "$($_.Extent.StartLineNumber): $($_.Message)" }
"version $($PSVersionTable.PSVersion.Major)"`);
    expect(stdout.trim()).toBe('version 5');
  });

  test('the guest is checked, the task registered, and its journal told', () => {
    const script = 'Write-Output "grüße"';
    const { status, stdout, stderr } = powershell(
      `${stubs(root, [COMPLETE])}\n${scheduleWindows({ ...order, script })}`,
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(readAnswer(stdout)).toEqual({ outcome: 'scheduled' });
    const { outcome, notes } = readMarks(stdout, nonce);
    expect([outcome, notes]).toEqual(['complete', [expect.stringContaining('store packages')]]);
    expect(calls()).toEqual([
      `icacls.exe ${root}\\azure-golden-image /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F`,
      'register azure-golden-image-deprovision as S-1-5-18',
    ]);
    const written = (name: string) =>
      readFileSync(join(root, 'azure-golden-image', name), 'utf8').slice(1);
    expect(written('deprovision.ps1')).toBe(taskScript(nonce, 1740));
    expect(written('user.ps1')).toBe(script);
  });

  test('the real icacls closes a folder with these arguments', () => {
    mkdirSync(join(root, 'closed'));
    const { status } = spawnSync(join(process.env.SystemRoot ?? '', 'System32/icacls.exe'), [
      join(root, 'closed'),
      '/inheritance:r',
      '/grant:r',
      '*S-1-5-18:(OI)(CI)F',
      '*S-1-5-32-544:(OI)(CI)F',
    ]);
    expect(status).toBe(0);
    const acl = powershell(`(Get-Acl '${root}\\closed').Access | ForEach-Object {
  $_.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value
}`);
    expect(acl.stdout.trim().split(/\r?\n/).sort()).toEqual(['S-1-5-18', 'S-1-5-32-544']);
  });

  test('a guest that is not ready is refused', () => {
    const { status, stdout } = powershell(
      `${stubs(root, [UNDEPLOYABLE])}\n${scheduleWindows(order)}`,
    );
    expect(status).toBe(1);
    expect(readAnswer(stdout)).toMatchObject({
      outcome: 'refused',
      findings: [{ check: 'image-state' }],
    });
    expect(existsSync(join(root, 'azure-golden-image'))).toBe(false);
  });

  test('the task cleans, runs Sysprep, waits for ImageState, tells, and stops the machine last', () => {
    const plugin = 'Packages/Plugins/Contoso.Extension/1.0';
    for (const each of ['Status/0.status', 'RuntimeSettings/0.settings', 'Downloads/0/a.ps1'])
      put(`${plugin}/${each}`);
    put(`${plugin}/bin/handler.exe`);
    put('Panther/unattend.xml');
    const states = [COMPLETE, UNDEPLOYABLE, GENERALIZED];
    const { status, stderr } = powershell(`${stubs(root, states)}
$null = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').CreateSubKey('SOFTWARE\\azure-golden-image', [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree, [Microsoft.Win32.RegistryOptions]::Volatile)
${taskScript(nonce, 86_400)}`);
    expect([status, stderr]).toEqual([0, '']);
    const { stdout: journal } = powershell(`(Get-ItemProperty '${STATE}').journal`);
    const { outcome, phaseBegan, notes } = readMarks(journal, nonce);
    expect([outcome, notes]).toEqual([
      'complete',
      [
        expect.stringContaining('VMAgentDisabler.dll'),
        `ImageState is ${UNDEPLOYABLE}.`,
        expect.stringContaining('Sysprep ended with exit code 0'),
        `ImageState is ${GENERALIZED}.`,
      ],
    ]);
    expect(phaseBegan).toBeInstanceOf(Date);
    const made = calls();
    expect(made.filter((call) => call.startsWith('remove'))).toEqual(['remove agent']);
    expect(made.at(-1)).toBe('shutdown.exe /s /f /t 0');
    expect(made.at(-2)).toMatch(/^start .*Sysprep\.exe.*\/generalize/);
    const has = (path: string) => existsSync(join(root, path));
    expect(has(`${plugin}/bin/handler.exe`)).toBe(true);
    for (const each of [`${plugin}/Status/0.status`, `${plugin}/Downloads/0`, 'Panther'])
      expect(has(each)).toBe(false);
  });
});
