/** What the task in a Windows guest does around Sysprep: interpreted, in emulated time. */
import { describe, expect, test } from 'vitest';
import { PROVIDERS } from '../../local-azure/src/windows/system.ts';
import { CHILD, open, said } from './windows-guests.ts';

describe('the task of a guest', () => {
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
});
