/** The action's deprovision script on odd guests, disturbed, and with mistakes in it. */
import { describe, expect, test } from 'vitest';
import { type GuestOptions, namespacesAvailable } from '../../local-azure/src/guest/guest.ts';
import { scheduleLinux } from '../../src/run/guest/linux.ts';
import { readAnswer, readMarks } from '../../src/run/guest/marks.ts';
import { deprovision, nonce, open, refusals, schedule, unit } from './deprovisioned.ts';

if (namespacesAvailable())
  describe('behind namespaces', () => {
    test('waits for a package manager', () => {
      const said = schedule(open({ packageManagerBusySeconds: 30 }));
      expect(said).toMatchObject({ exitCode: 0, seconds: 30 });
    });

    test('refuses a package manager that does not end', () => {
      const { checks, seconds } = refusals({ packageManagerBusySeconds: 3600 });
      expect({ checks, seconds }).toEqual({ checks: ['package-manager'], seconds: 300 });
    });

    test('waits for one that begins after the checks, and fails if it does not end', () => {
      const begins = 'ln -s /.host/usr/bin/sleep /tmp/dpkg\n/tmp/dpkg 600 >/dev/null 2>&1 &\n';
      const { read, seconds } = deprovision({}, begins);
      expect(read).toMatchObject({ outcome: 'failed', phase: 'quiet', exitCode: 1 });
      expect(read.log.join('\n')).toContain('A package manager is at work (dpkg)');
      expect(seconds).toBeGreaterThanOrEqual(300);
    });

    test.each([
      ['waagent deletes it', ''],
      ['something else then writes a file', 'echo x >/etc/resolv.conf\n'],
    ])('keeps a link to what the system writes of its resolver: %s', (_, more) => {
      const guest = open({});
      guest.write('/etc/os-release', 'ID=flatcar\n');
      const link = 'ln -s ../run/systemd/resolve/resolv.conf /etc/resolv.conf\n';
      const order = scheduleLinux({ nonce, script: link });
      const parts = order.split('code=$?\ncase $resolver');
      expect(parts).toHaveLength(2);
      guest.run(parts.join(`code=$?\n${more}case $resolver`));
      guest.runScheduled(unit);
      expect(readMarks(guest.console(), nonce).outcome).toBe('complete');
      expect(guest.list('/etc')).toContain('resolv.conf');
      // The link leads to what this guest does not have.
      expect(guest.read('/etc/resolv.conf')).toBeUndefined();
    });

    test("takes the agent's program from its service where it is not on the search path", () => {
      const { read, guest } = deprovision({ waagentPath: '/opt/agent/waagent' });
      expect(read.outcome).toBe('complete');
      expect(guest.users()).toEqual(['root']);
    });

    test('bounds what it writes to the console', () => {
      const { read, consoleText } = deprovision(
        {},
        'seq -f "line %.0f" 1 20000; printf "%9000s\n" x',
      );
      expect(consoleText.length).toBeLessThan(64 * 1024);
      expect(read.outcome).toBe('complete');
      expect(read.log.length).toBeGreaterThan(100);
      expect(Math.max(...read.log.map((line) => line.length))).toBeLessThan(401);
    });

    test('a signal in the midst of it leaves a mark of failure', () => {
      const { read } = deprovision({}, 'kill -TERM $PPID; sleep 1');
      expect(read).toMatchObject({ outcome: 'failed', phase: 'deprovision-script', exitCode: 143 });
    });
  });

test('removes what only some distributions keep of the account and the network', () => {
  const guest = open({ isolation: 'redirected' });
  const files = ['/var/spool/cron/tabs/azureuser', '/var/lib/wicked/duid.xml'];
  for (const file of files) guest.write(file, 'x\n');
  guest.write('/etc/security/opasswd', 'azureuser:1000:1:$6$old\nother:1001:1:$6$old\n');
  schedule(guest);
  guest.runScheduled(unit);
  expect(readMarks(guest.console(), nonce).outcome).toBe('complete');
  expect(files.filter((file) => guest.read(file) !== undefined)).toEqual([]);
  expect(guest.read('/etc/security/opasswd')).toBe('other:1001:1:$6$old\n');
});

test('refuses an agent that provisions and is not told to renew the host keys', () => {
  const guest: GuestOptions = { cloudInit: 'none', waagentConf: 'Provisioning.Agent=auto\n' };
  expect(refusals({ ...guest, isolation: 'redirected' }).checks).toEqual(['host-keys']);
});

test.each([
  ['refused', 'ConditionFirstBoot=yes\n'],
  ['scheduled', 'ConditionPathExists=!/etc/ssh/ssh_host_rsa_key\n'],
])('is %s where a unit renews the host keys with %j', (outcome, condition) => {
  const guest = open({ hostKeysKept: true, isolation: 'redirected' });
  guest.write('/etc/systemd/system/sshd-keygen.service', `[Unit]\n${condition}`);
  expect(readAnswer(schedule(guest).message)).toMatchObject({ outcome });
});

test.each([
  ['-force -deprovision+user', '-deprovision+user'],
  ['-force -deprovision+user', '-foce -deprovision+user'],
  ['-force -deprovision+user', '-force -deprovison+user'],
])('finds what a waagent that does nothing has left: %j as %j', (right, wrong) => {
  const opened = open({ isolation: 'redirected' });
  opened.run(scheduleLinux({ nonce }).replace(right, wrong));
  opened.runScheduled(unit);
  const { outcome, phase, log } = readMarks(opened.console(), nonce);
  expect([outcome, phase]).toEqual(['failed', 'inspect']);
  expect(log).toContain("Still there: root's password");
  expect(opened.users()).toEqual(['root']);
  expect(opened.list('/etc/ssh')).toEqual([]);
});

test.each([
  ['clean --logs --seed', 'clean --log --seed'],
  ['clean --logs --seed', 'clear --logs'],
  ['--on-active=', '--on-activ='],
  ['AccuracySec=1s', 'Accuracy=1s'],
  ['systemctl stop "$service', 'systemctl hold "$service'],
  [
    '/bin/sh /run/azure-golden-image/deprovision.sh',
    '/bin/zsh /run/azure-golden-image/deprovision.sh',
  ],
])('is seen to go wrong with %j instead of %j', (right, wrong) => {
  const script = scheduleLinux({ nonce });
  expect(script).toContain(right);
  const opened = open({ isolation: 'redirected' });
  const said = opened.run(script.replace(right, wrong));
  if (said.scheduled.length > 0) {
    expect(opened.runScheduled(unit).poweredOff).toBe(false);
    expect(readMarks(opened.console(), nonce).outcome).toBe('failed');
  } else {
    expect(readAnswer(said.message)).toMatchObject({ outcome: 'refused' });
  }
});
