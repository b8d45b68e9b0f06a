/** The action's deprovision script under dash, bash and without namespaces. */
import { describe, expect, test } from 'vitest';
import { type GuestOptions, namespacesAvailable } from '../../local-azure/src/guest/guest.ts';
import { readAnswer, readMarks } from '../../src/run/guest/marks.ts';
import { slice } from '../runner/slice.ts';
import { deprovision, nonce, open, ours, refusals, schedule, unit } from './deprovisioned.ts';

const kinds: GuestOptions[] = namespacesAvailable()
  ? [{ shell: 'dash' }, { shell: 'bash' }]
  : [{ isolation: 'redirected' }];

describe.each(kinds)('a guest: %j', (kind) => {
  // The script is the same: of its ways to end, each shell is shown others.
  const some = <T>(cases: readonly T[]) => slice(cases, 4, kind.shell === 'bash' ? 2 : 0);

  test('is deprovisioned and switches itself off', () => {
    const { guest, poweredOff, read, exitCode } = deprovision(kind);
    expect({ poweredOff, exitCode }).toEqual({ poweredOff: true, exitCode: 0 });
    expect(read.outcome).toBe('complete');
    expect(read.log).toContain(
      'WARNING! azureuser account and entire home directory will be deleted.',
    );
    expect(guest.users()).toEqual(['root']);
    expect(guest.read('/etc/machine-id')).toBe('');
    expect(guest.list('/var/lib/waagent')).toEqual([]);
    expect(guest.list('/var/lib/cloud')).toEqual([]);
    expect(guest.list('/etc/ssh')).toEqual([]);
    expect(guest.read('/root/.bash_history')).toBeUndefined();
    expect(ours(guest)).toEqual([]);
  });

  test('is asked in ways that every supported systemd and cloud-init knows', () => {
    const { read } = deprovision({
      ...kind,
      systemdVersion: 219,
      cloudInit: 'old',
      console: 'ttyAMA0',
    });
    expect(read.outcome).toBe('complete');
  });

  test('is deprovisioned by the agent alone without cloud-init', () => {
    const { read, guest } = deprovision({
      ...kind,
      cloudInit: 'none',
      agentService: 'waagent',
      console: 'none',
    });
    expect(read.outcome).toBe('complete');
    expect(read.log).not.toContain('== cloud-init');
    expect(guest.read('/etc/machine-id')).toBe('');
  });

  test.each(
    some<[string, GuestOptions]>([
      ['systemd', { systemd: false }],
      ['agent', { waagentCrashes: true }],
      ['reboot-pending', { rebootPending: true }],
      ['reboot-pending', { rebootPending: 'reboot-needed' }],
      ['reboot-pending', { rebootPending: 'needs-restarting' }],
      ['cloud-init', { cloudInitBusySeconds: 3600 }],
    ]),
  )('refuses for its %s: %j', (check, options) => {
    const { checks, guest } = refusals({ ...kind, ...options });
    expect(checks).toEqual([check]);
    expect(guest.calls().join('\n')).not.toMatch(/^(systemd-run|waagent -force)/m);
    expect(ours(guest)).toEqual([]);
  });

  test('tells everything that speaks against it at once, without waiting', () => {
    const { checks, seconds } = refusals({
      ...kind,
      agent: false,
      rebootPending: true,
      cloudInitBusySeconds: 3600,
    });
    expect(checks).toEqual(['agent', 'reboot-pending', 'account', 'cloud-init']);
    expect(seconds).toBe(0);
  });

  test('waits for cloud-init', () => {
    const said = schedule(open({ ...kind, cloudInitBusySeconds: 62 }));
    expect(readAnswer(said.message)).toEqual({ outcome: 'scheduled' });
    expect(said.seconds).toBe(65);
  });

  test('is scheduled once for a nonce, and not for another meanwhile', () => {
    const opened = open(kind);
    schedule(opened);
    const again = schedule(opened);
    expect(readAnswer(again.message)).toEqual({ outcome: 'already-scheduled' });
    expect(again.scheduled).toEqual([{ unit, afterSeconds: 15 }]);
    const other = readAnswer(schedule(opened, { nonce: 'beef-0002' }).message);
    expect(other).toMatchObject({ outcome: 'refused', findings: [{ check: 'other-deprovision' }] });
    opened.runScheduled(unit);
    expect(readMarks(opened.console(), nonce).outcome).toBe('complete');
  });

  test.each(
    some<[string, number, GuestOptions]>([
      ['inspect', 1, { userdelFails: 'locked' }],
      ['inspect', 1, { userdelFails: 'full' }],
      ['cloud-init', 1, { cloudInitFails: true }],
    ]),
  )('stays on with its agent if %s fails, and can be asked again', (phase, exit, options) => {
    const result = deprovision({ ...kind, ...options });
    const { guest, read, poweredOff, agentRunning, exitCode } = result;
    expect(read).toMatchObject({ outcome: 'failed', phase, exitCode: exit });
    expect({ poweredOff, agentRunning, exitCode }).toEqual({
      poweredOff: false,
      agentRunning: true,
      exitCode: 1,
    });
    expect(read.log.length).toBeGreaterThan(0);
    if (phase === 'inspect') expect(guest.list('/var/lib/waagent')).toContain('ovf-env.xml');
    expect(readAnswer(schedule(guest).message)).toEqual({ outcome: 'scheduled' });
  });
});

test('a guest without namespaces is deprovisioned all the same', () => {
  const { guest, poweredOff, read } = deprovision({ isolation: 'redirected' });
  expect({ poweredOff, outcome: read.outcome }).toEqual({ poweredOff: true, outcome: 'complete' });
  expect(guest.users()).toEqual(['root']);
  expect(guest.read('/etc/machine-id')).toBe('');
  expect(ours(guest)).toEqual([]);
});
