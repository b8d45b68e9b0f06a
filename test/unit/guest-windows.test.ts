import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Node, nodesOf, parse } from '../../local-azure/src/powershell/syntax.ts';
import { SCRIPT_LIMIT_BYTES } from '../../src/run/guest/run-command.ts';
import { scheduleWindows } from '../../src/run/guest/windows.ts';
import { taskScript } from '../../src/run/guest/windows-task.ts';
import { nastyText } from './texts.ts';

const nonce = '0a1b2c3d-4e5f';
const order = { sent: new Date('2026-11-22T09:00:00Z'), nonce, timeoutSeconds: 1800 };
const scripts: [string, string][] = [
  ['the scheduling script', scheduleWindows(order)],
  ['the scheduling script with a user’s', scheduleWindows({ ...order, script: 'exit 0' })],
  ['the task’s script', taskScript(nonce, 1740)],
];

/** Every call of a command in a script, as one line each. */
const calls = (script: string): string[] =>
  [...nodesOf(parse(script).root, 'command')].map(({ text }) => text.replace(/\s+/g, ' '));

describe.each(scripts)('%s', (_, script) => {
  test('is PowerShell', () => {
    expect(parse(script).faults).toEqual([]);
  });

  test('is read the same by Windows PowerShell 5.1: no later syntax, nothing but ASCII', () => {
    const later = [
      ...nodesOf(parse(script).root, 'ternary_expression', 'null_coalesce_expression'),
    ];
    expect(later).toEqual([]);
    expect(script.match(/\?\?|\?\.|&&|\|\|/)).toBeNull();
    expect(script).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test('calls nothing but what it defines and what Windows has', () => {
    const { root } = parse(script);
    const own = [...nodesOf(root, 'function_name')].map(({ text }) => text);
    const called = [...nodesOf(root, 'command_name')].map(({ text }) => text);
    expect(called.filter((name) => !own.includes(name) && !KNOWN.includes(name))).toEqual([]);
  });

  test.each(['}', "'", '(', '$x = @('])('and is none any more with %s at its end', (tail) => {
    expect(parse(`${script}\n${tail}\n`).faults).not.toEqual([]);
  });
});

const KNOWN = [
  'Get-AppxPackage',
  'Get-AppxProvisionedPackage',
  'Get-ChildItem',
  'Get-CimInstance',
  'Get-Command',
  'Get-Content',
  'Get-Date',
  'Get-Item',
  'Get-ItemProperty',
  'Get-Process',
  'Get-Service',
  'New-Item',
  'New-ScheduledTaskAction',
  'New-ScheduledTaskPrincipal',
  'New-ScheduledTaskSettingsSet',
  'Register-ScheduledTask',
  'Remove-Item',
  'Remove-ItemProperty',
  'Select-Object',
  'Set-ItemProperty',
  'Start-Process',
  'Start-ScheduledTask',
  'Start-Sleep',
  'Stop-Process',
  'Test-Path',
  'Unregister-ScheduledTask',
  'Where-Object',
  'Write-Output',
];

describe('scheduleWindows', () => {
  test('registers a task of SYSTEM without a trigger, and starts it', () => {
    const all = calls(scheduleWindows(order)).join('\n');
    expect(all).toMatch(/^New-ScheduledTaskPrincipal -UserId 'S-1-5-18'/m);
    expect(all).toMatch(
      /^Register-ScheduledTask -TaskName '(\S+)'[\s\S]*^Start-ScheduledTask -TaskName '\1'/m,
    );
    expect(all).not.toMatch(/Trigger/);
  });

  test('carries the task’s script whole', () => {
    const texts = [
      ...nodesOf(parse(scheduleWindows(order)).root, 'verbatim_here_string_characters'),
    ];
    expect(texts.map(decoded)).toEqual([taskScript(nonce, 1740)]);
  });

  test('never interpolates the user’s script, whatever is in it', () => {
    fc.assert(
      fc.property(nastyText, (script) => {
        const { root, faults } = parse(scheduleWindows({ ...order, script }));
        expect(faults).toEqual([]);
        const [, user] = [...nodesOf(root, 'verbatim_here_string_characters')].map(decoded);
        expect(user).toBe(
          script
            .replace(/^\uFEFF/, '')
            .replaceAll('\r\n', '\n')
            .toWellFormed(),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('takes the longest script that an input may hold', () => {
    const script = 'é'.repeat(SCRIPT_LIMIT_BYTES / 2);
    expect(() => scheduleWindows({ ...order, script })).not.toThrow();
    expect(() => scheduleWindows({ ...order, script: `${script}x` })).toThrow(RangeError);
  });

  test.each(['', 'abc', "a'; reboot #", 'a b c d'])('refuses the nonce %j', (bad) => {
    expect(() => scheduleWindows({ ...order, nonce: bad })).toThrow(RangeError);
  });
});

describe('the task', () => {
  test('unregisters itself first, and runs Sysprep with just these flags', () => {
    const all = calls(taskScript(nonce, 1740));
    expect(all.findIndex((call) => call.startsWith('Unregister-ScheduledTask'))).toBeLessThan(
      all.indexOf("Tell 'started'"),
    );
    expect(all.filter((call) => /Sysprep\.exe/.test(call))).toEqual([
      String.raw`Start-Process -FilePath "$sysprep\Sysprep.exe" -ArgumentList '/generalize', '/oobe', '/mode:vm', '/quiet', '/quit' -PassThru`,
    ]);
  });
});

const decoded = ({ text }: Node): string =>
  Buffer.from(text.slice(2, -2), 'base64')
    .toString('utf8')
    .replace(/^\uFEFF/, '');
