/** The action's deprovision script in Windows guests: interpreted, in emulated time. */
import { describe, expect, test } from 'vitest';
import { manualClock, Timeline } from '../../local-azure/src/clock.ts';
import {
  openWindows,
  type WindowsGuest,
  type WindowsOptions,
} from '../../local-azure/src/windows/guest.ts';
import { CDROM, PROVIDERS } from '../../local-azure/src/windows/system.ts';
import { readProgress } from '../../src/run/guest/progress.ts';
import { readScheduling } from '../../src/run/guest/scheduling.ts';
import { scheduleWindows } from '../../src/run/guest/windows.ts';

const nonce = 'abcd-0001';
/** What outlives its parent, unless it is ended with it. */
const CHILD = Buffer.from(
  "Start-Sleep -Seconds 1000\n[IO.File]::WriteAllBytes('C:\\late.txt', [Convert]::FromBase64String(''))",
).toString('base64');
const FLAGS = '/generalize /oobe /mode:vm /quiet /quit';

function open(options: WindowsOptions = {}) {
  const clock = manualClock(Date.UTC(2026, 10, 22));
  const timeline = new Timeline(clock);
  let off = false;
  const guest: WindowsGuest = openWindows(options, {
    after: (seconds, effect) => timeline.after(seconds, effect),
    now: () => timeline.now(),
    powerOff: () => {
      off = true;
      guest.powerLost();
    },
    agentStops: () => {},
  });
  const pass = (seconds: number) => {
    clock.advance(seconds);
    timeline.settle();
  };
  const schedule = (more: { nonce?: string; script?: string; timeoutSeconds?: number } = {}) => {
    const order = { nonce, timeoutSeconds: 1800, ...more };
    return guest.start(scheduleWindows(order), [], `golden-image-${order.nonce}`);
  };
  const sysprepped = () => guest.system.programs.filter((each) => each.startsWith('Sysprep'));
  return { guest, pass, schedule, sysprepped, isOff: () => off };
}

const said = (command: { stdout: string }) => readProgress(command.stdout, nonce);
const checksOf = (command: { stdout: string }) => {
  const result = readScheduling(command.stdout);
  return result.outcome === 'refused' ? result.findings.map(({ check }) => check) : result.outcome;
};

describe('a guest', () => {
  test('is deprovisioned, tells so while it is at work, and stays on', () => {
    const { guest, pass, schedule, sysprepped, isOff } = open();
    const command = schedule();
    pass(10);
    expect(readScheduling(command.stdout)).toEqual({ outcome: 'scheduled' });
    const phaseBegan = new Date(Date.UTC(2026, 10, 22));
    expect(said(command)).toMatchObject({ outcome: 'pending', phase: 'sysprep', phaseBegan });
    expect(command.exitCode).toBeUndefined();
    pass(200);
    expect(said(command)).toMatchObject({ outcome: 'complete', log: ['== clean', '== sysprep'] });
    expect([command.exitCode, command.stderr, isOff()]).toEqual([0, '', false]);
    expect(sysprepped()).toEqual([`Sysprep.exe ${FLAGS}`]);
    expect(guest.system.imageState).toBe('IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE');
  });

  test('is clean afterwards: no task, no folder, no Panther, no answer file, the CD-ROM on', () => {
    const { guest, pass, schedule } = open();
    schedule({ script: 'Write-Output "x"' });
    pass(300);
    const { system } = guest;
    expect(system.tasks.size).toBe(0);
    const traces = /golden|panther|unattend|\\(status|runtimesettings|downloads)\\/;
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
    expect(readScheduling(command.stdout)).toEqual({ outcome: 'scheduled' });
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

  test('tells at once that Sysprep ended undeployable and what it wrote, then fails in time', () => {
    const { pass, schedule } = open({ sysprep: 'undeployable' });
    const command = schedule({ timeoutSeconds: 600 });
    pass(90);
    expect(said(command)).toMatchObject({ outcome: 'pending', phase: 'sysprep' });
    expect(said(command).notes?.join('\n')).toMatch(
      /ImageState is IMAGE_STATE_UNDEPLOYABLE while Sysprep works[\s\S]*exit code 1[\s\S]*0x0f0082.*DscCore\.dll/,
    );
    pass(470);
    const { log, ...rest } = said(command);
    expect(rest).toMatchObject({ outcome: 'failed', phase: 'sysprep', exitCode: 1 });
    expect(log[0]).toBe('ImageState is IMAGE_STATE_UNDEPLOYABLE');
    expect(log.join('\n')).toMatch(/0x0f0082.*DscCore\.dll/);
    expect(Buffer.byteLength(command.stdout)).toBeLessThan(4096);
  });

  test.each([0, 1, 259])('waits for a late ImageState, whatever the exit code: %i', (code) => {
    const { pass, schedule } = open({ lateImageState: 600, sysprepExitCode: code });
    const command = schedule();
    pass(700);
    expect(said(command)).toMatchObject({ outcome: 'pending', phase: 'sysprep' });
    pass(100);
    expect(said(command).outcome).toBe('complete');
  });

  test('takes the agent’s provider out of Sysprep’s, says so, and leaves the others', () => {
    const { pass, schedule, guest } = open();
    const command = schedule();
    pass(20);
    expect(said(command).notes?.[0]).toMatch(
      /^Removed the Sysprep provider .*VMAgentDisabler\.dll/,
    );
    expect([...guest.system.key(PROVIDERS).values()]).toEqual([
      expect.stringContaining('Contoso.dll'),
    ]);
  });

  test.each(['absent', 'without DLL'] as const)('goes well with the provider %s', (disabler) => {
    const { pass, schedule } = open({ disabler });
    const command = schedule();
    pass(300);
    expect(said(command).outcome).toBe('complete');
  });

  test('stops by itself some minutes after its mark, and only after a good ImageState', () => {
    const { pass, schedule, isOff, guest } = open();
    schedule();
    pass(700);
    expect(isOff()).toBe(false);
    pass(120);
    expect(isOff()).toBe(true);
    expect([...guest.system.files.keys()].filter((path) => /\\status\\/.test(path))).toEqual([]);
  });

  test.each([{ sysprep: 'undeployable' }, { sysprep: 'hangs' }] as const)(
    'never stops by itself with %j',
    (options) => {
      const { pass, schedule, isOff } = open(options);
      schedule();
      pass(2400);
      expect(isOff()).toBe(false);
    },
  );

  test('does not stop when ImageState has changed since its mark', () => {
    const { pass, schedule, isOff, guest } = open();
    schedule();
    pass(300);
    guest.system.imageState = 'IMAGE_STATE_COMPLETE';
    pass(2400);
    expect(isOff()).toBe(false);
  });

  test('lets nobody but administrators write what runs as SYSTEM', () => {
    const { pass, schedule, guest } = open();
    schedule({ script: 'Write-Output "x"' });
    pass(300);
    expect(guest.system.openWrites).toEqual([]);
  });

  test('says that store packages are not known when they cannot be listed, and goes on', () => {
    const { pass, schedule } = open({ packagesUnknown: true });
    const command = schedule();
    pass(300);
    expect(said(command)).toMatchObject({
      outcome: 'complete',
      notes: expect.arrayContaining([expect.stringMatching(/^It is not known .* store packages/)]),
    });
  });

  test('ends what the user’s script has started when its time is up', () => {
    const { pass, schedule, guest } = open();
    const script = `
[IO.File]::WriteAllBytes('C:\\child.ps1', [Convert]::FromBase64String('${CHILD}'))
Start-Process -FilePath powershell.exe -ArgumentList '-File', 'C:\\child.ps1'
Start-Sleep -Seconds 7200`;
    schedule({ timeoutSeconds: 600, script });
    pass(500);
    expect(guest.system.exists('C:\\late.txt')).toBe(false);
    pass(3600);
    expect(guest.system.exists('C:\\late.txt')).toBe(false);
  });

  test('tells that its task was ended from outside', () => {
    const { pass, schedule, guest } = open();
    const command = schedule();
    pass(30);
    guest.end('deprovision.ps1');
    pass(5);
    expect(said(command)).toMatchObject({ outcome: 'failed', phase: 'sysprep', exitCode: 1 });
    expect(command.exitCode).toBe(1);
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
    expect(readProgress(again.stdout, 'beef-0002').outcome).toBe('complete');
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
    const text = scheduleWindows({ nonce, timeoutSeconds: 1800 }).replace(
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
