/** The action's deprovision script in Windows guests: interpreted, in emulated time. */
import { describe, expect, test } from 'vitest';
import type { WindowsOptions } from '../../local-azure/src/windows/guest.ts';
import { CDROM } from '../../local-azure/src/windows/system.ts';
import { readAnswer, readMarks } from '../../src/run/guest/marks.ts';
import { scheduleWindows } from '../../src/run/guest/windows.ts';
import { checksOf, FLAGS, nonce, open, said } from './windows-guests.ts';

describe('a guest', () => {
  test('is deprovisioned, tells so while it is at work, and stays on', () => {
    const { guest, pass, schedule, sysprepped, isOff } = open();
    const command = schedule();
    pass(10);
    expect(readAnswer(command.stdout)).toEqual({ outcome: 'scheduled' });
    const phaseBegan = new Date(Date.UTC(2026, 10, 22));
    expect(said(command)).toMatchObject({ outcome: 'pending', phase: 'sysprep', phaseBegan });
    expect(command.exitCode).toBeUndefined();
    pass(200);
    expect(said(command)).toMatchObject({ outcome: 'complete', log: ['== clean', '== sysprep'] });
    expect([command.exitCode, command.stderr, isOff()]).toEqual([0, '', false]);
    expect(sysprepped()).toEqual([`Sysprep.exe ${FLAGS}`]);
    expect(guest.system.imageState).toBe('IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE');
  });

  test('is clean afterwards: no task, no folder, no Panther, nothing of the build’s setup, the CD-ROM on', () => {
    const { guest, pass, schedule } = open();
    schedule({ script: 'Write-Output "x"' });
    pass(300);
    const { system } = guest;
    expect(system.tasks.size).toBe(0);
    const traces = /golden|panther|unattend|customdata|\\(status|runtimesettings|downloads)\\/;
    const ofThisRun = ['sysprep\\panther', 'status\\golden-image-abcd-0001'];
    const left = [...system.files.keys()].filter((path) => traces.test(path));
    expect(left.filter((path) => !ofThisRun.some((each) => path.includes(each)))).toEqual([]);
    expect(left.length).toBeGreaterThan(0);
    expect(system.exists('C:\\Packages\\Plugins\\Microsoft.Compute.CustomScriptExtension')).toBe(
      true,
    );
    expect(system.key(CDROM).get('start')).toBe(1);
    system.restart();
    expect(system.exists('HKLM:\\SOFTWARE\\azure-golden-image')).toBe(false);
  });

  test.each([
    ['agent-service', { agentBusySeconds: Number.POSITIVE_INFINITY }],
    ['reboot-pending', { rebootPending: 'component servicing' }],
    ['reboot-pending', { rebootPending: 'Windows Update' }],
    ['reboot-pending', { rebootPending: 'file renames' }],
    ['bitlocker', { bitLocker: 1 }],
    ['bitlocker', { bitLocker: 3 }],
    ['appx', { userPackages: ['Contoso.App'] }],
    ['sysprep-count', { rearmsLeft: 0 }],
    ['image-state', { imageState: 'IMAGE_STATE_UNDEPLOYABLE' }],
    ['schedule', { taskScheduler: false }],
    ['removable-storage', { removableStorageDenied: true }],
  ] as [string, WindowsOptions][])('refuses for its %s: %j', (check, options) => {
    const { guest, pass, schedule, sysprepped } = open(options);
    const command = schedule();
    pass(400);
    expect(checksOf(command)).toEqual([check]);
    expect(command.exitCode).toBe(1);
    expect(sysprepped()).toEqual([]);
    expect(guest.system.tasks.size).toBe(0);
    expect(guest.system.exists('C:\\Windows\\azure-golden-image')).toBe(false);
  });

  test('tells everything that speaks against it at once', () => {
    const { pass, schedule } = open({
      rebootPending: 'Windows Update',
      bitLocker: 1,
      userPackages: ['Contoso.App', 'Contoso.Other'],
      rearmsLeft: 0,
    });
    const command = schedule();
    pass(1);
    expect(checksOf(command)).toEqual(['reboot-pending', 'bitlocker', 'appx', 'sysprep-count']);
    expect(command.stdout).toContain('Contoso.Other_1.0.0.0_x64__8wekyb3d8bbwe');
  });

  test('waits for the agent’s services', () => {
    const { pass, schedule } = open({ agentBusySeconds: 62 });
    const command = schedule();
    pass(64);
    expect(command.stdout).toBe('');
    pass(10);
    expect(readAnswer(command.stdout)).toEqual({ outcome: 'scheduled' });
  });

  test('runs the user’s script first, and stays as it is when that fails', () => {
    const { pass, schedule, sysprepped, guest } = open();
    const script = 'Write-Output "licence server says no"\nexit 3';
    const command = schedule({ script });
    pass(60);
    expect(said(command)).toMatchObject({
      outcome: 'failed',
      phase: 'deprovision-script',
      exitCode: 3,
      log: ['licence server says no'],
    });
    expect(sysprepped()).toEqual([]);
    expect(guest.system.exists('C:\\Windows\\Panther')).toBe(true);
  });

  test.each([
    ['Sysprep', { sysprep: 'hangs' }, undefined, 'sysprep'],
    ['the user’s script', {}, 'Start-Sleep -Seconds 7200', 'deprovision-script'],
  ] as [string, WindowsOptions, string | undefined, string][])(
    'ends %s that hangs before this side gives up, and says so',
    (_, options, script, phase) => {
      const { pass, schedule } = open(options);
      const command = schedule({ timeoutSeconds: 600, ...(script && { script }) });
      pass(530);
      expect(said(command).outcome).toBe('pending');
      pass(40);
      expect(said(command)).toMatchObject({ outcome: 'failed', phase, exitCode: 124 });
    },
  );

  test('is scheduled once for a nonce, told of again, and not for another meanwhile', () => {
    const { pass, schedule, sysprepped } = open();
    schedule();
    pass(30);
    const again = schedule();
    const other = schedule({ nonce: 'beef-0002' });
    pass(1);
    expect(checksOf(again)).toBe('already-scheduled');
    expect(checksOf(other)).toEqual(['other-deprovision']);
    pass(200);
    expect(said(again).outcome).toBe('complete');
    const late = schedule();
    pass(1);
    expect([checksOf(late), said(late).outcome]).toEqual(['already-scheduled', 'complete']);
    expect(sysprepped()).toHaveLength(1);
  });

  test('goes on when the command that listens is ended', () => {
    const { pass, schedule, guest } = open();
    const command = schedule();
    pass(30);
    command.kill();
    pass(200);
    expect(guest.system.imageState).toBe('IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE');
  });

  test('forgets a restart before its end, and can be asked again', () => {
    const { pass, schedule, guest, sysprepped } = open();
    schedule();
    pass(300);
    guest.restart();
    const again = schedule();
    pass(1);
    expect(checksOf(again)).toBe('scheduled');
    pass(300);
    expect(said(again).outcome).toBe('complete');
    expect(sysprepped()).toHaveLength(2);
  });

  test('may be asked with another nonce after a failure', () => {
    const { pass, schedule } = open();
    schedule({ script: 'exit 1' });
    pass(60);
    const again = schedule({ nonce: 'beef-0002' });
    pass(300);
    expect(readMarks(again.stdout, 'beef-0002').outcome).toBe('complete');
  });
});

describe('a script with one thing wrong', () => {
  test.each([
    ["'/generalize', ", ''],
    ["'/oobe', ", ''],
    ["'/mode:vm'", "'/mode:vhd'"],
    [", '/quit'", ''],
    ["'/quit'", "'/shutdown'"],
    [' -Confirm:$false', ''],
  ])('does not deprovision: %j as %j', (right, wrong) => {
    const { guest, pass, isOff } = open();
    const text = scheduleWindows({ nonce, timeoutSeconds: 1800, sent: new Date() }).replace(
      /@'\n([A-Za-z0-9+/=\n]+)\n'@/,
      (_, base64: string) => {
        const task = Buffer.from(base64, 'base64').toString('utf8');
        const at = task.indexOf(right);
        expect(at).toBeGreaterThan(0);
        const changed = task.slice(0, at) + wrong + task.slice(at + right.length);
        return `@'\n${Buffer.from(changed).toString('base64')}\n'@`;
      },
    );
    const command = guest.start(text, []);
    pass(1900);
    expect(said(command).outcome === 'complete' && !isOff()).toBe(false);
  });
});
