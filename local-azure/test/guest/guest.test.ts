import { describe, expect, test } from 'vitest';
import { type GuestOptions, namespacesAvailable, openGuest } from '../../src/guest/guest.ts';

const own = '#!/bin/sh\n# azure-golden-image: test\n';
const ways = namespacesAvailable()
  ? (['namespace', 'redirected'] as const)
  : (['redirected'] as const);

/** Runs a few lines of shell as Run Command does. */
function run(lines: string, options: GuestOptions = {}) {
  using guest = openGuest(options);
  const { stdout, stderr, exitCode, ...result } = guest.run(`${own}${lines}\n`);
  return { said: `${stdout}${stderr}`.trim(), exitCode, ...result, after: guest.users() };
}

/** The last line that each command says, and its exit code. */
function answers(isolation: 'namespace' | 'redirected', options: GuestOptions, lines: string[]) {
  const script = lines.map(
    (line) => `said=$(${line} 2>&1); code=$?; echo "$said" | tail -n 1; echo "($code)"`,
  );
  const { said } = run(script.join('\necho =\n'), { isolation, ...options });
  return said.split('\n=\n').map((each) => each.trim().replaceAll(/\s+/g, ' '));
}

test.runIf(namespacesAvailable())('a loop without an end is ended, and the guest goes on', () => {
  using guest = openGuest();
  const loop = '(while :; do :; done) & echo begun; while :; do :; done';
  expect(guest.run(loop)).toMatchObject({ stdout: 'begun\n', hangs: true });
  expect(guest.run('echo on')).toMatchObject({ stdout: 'on\n', hangs: false, exitCode: 0 });
});

describe.each(ways)('a guest (%s)', (isolation) => {
  const inGuest = (lines: string, options: GuestOptions = {}) =>
    run(lines, { isolation, ...options });

  test('answers as Run Command does', () => {
    using guest = openGuest({ isolation });
    const result = guest.run(`${own}echo "$0 $1"; echo oops >&2; exit 3\n`, ['hello', "it's"]);
    expect(result).toMatchObject({ exitCode: 3, agentKilled: false, canned: false });
    expect(result.message).toMatch(
      /^Enable succeeded: \n\[stdout\]\n.*\/script\.sh hello\n\n\[stderr\]\noops\n$/,
    );
  });

  test('shows the last 4,096 bytes of each stream', () => {
    const { message } = inGuest('i=0; while [ $i -lt 900 ]; do echo "line $i"; i=$((i + 1)); done');
    expect(message).toHaveLength(
      'Enable succeeded: \n[stdout]\n'.length + 4096 + '\n[stderr]\n'.length,
    );
    expect(message).toContain('line 899\n');
  });

  test('sleeps on an emulated clock', () => {
    expect(inGuest('sleep 90; sleep 2m; sleep 0.5').seconds).toBe(211);
    expect(inGuest('sleep soon')).toMatchObject({ exitCode: 1, seconds: 0 });
  });

  test('ends what takes longer than its timeout, on the emulated clock', () => {
    const lines =
      'timeout -k 5 60 sh -c "echo begun; sleep 90; echo never"; echo "code $?"; sleep 3';
    expect(inGuest(lines)).toMatchObject({ said: 'begun\ncode 124', seconds: 63 });
    const loop = 'timeout 1m sh -c "while :; do sleep 7; done"; echo "code $?"';
    expect(inGuest(loop)).toMatchObject({ said: 'code 124', seconds: 60 });
    expect(inGuest('timeout 60 sleep 59; echo "code $?"')).toMatchObject({ said: 'code 0' });
    expect(inGuest('timeout 9 sleep infinity; echo "code $?"')).toMatchObject({ seconds: 9 });
  });

  test('keeps a timer until it is let elapse, and its name after a failure', () => {
    using guest = openGuest({ isolation });
    const schedule = `${own}systemd-run --unit=work --on-active=2min --timer-property=AccuracySec=1s /bin/sh -c 'exit 4'\n`;
    expect(guest.run(schedule).scheduled).toEqual([{ unit: 'work', afterSeconds: 120 }]);
    expect(guest.run(schedule)).toMatchObject({ exitCode: 1 });
    expect(guest.runScheduled('work')).toMatchObject({ exitCode: 4, poweredOff: false });
    expect(() => guest.runScheduled('work')).toThrow('no waiting timer');
    expect(guest.run(schedule).stderr).toContain('already loaded');
    expect(guest.run(`${own}systemctl reset-failed work.service\n`).exitCode).toBe(0);
    expect(guest.run(schedule).exitCode).toBe(0);
  });

  test('is off after shutdown, and back after a restart', () => {
    using guest = openGuest({ isolation });
    guest.run(
      `${own}touch /run/volatile; systemd-run --unit=off --on-active=1 /bin/sh -c 'shutdown -P now'\n`,
    );
    expect(guest.runScheduled('off')).toMatchObject({ poweredOff: true, agentRunning: false });
    guest.restart();
    expect(guest.read('/run/volatile')).toBeUndefined();
    expect(guest.run(`${own}true\n`)).toMatchObject({ poweredOff: false, agentKilled: false });
    expect(guest.agentRunning()).toBe(true);
  });

  test('loses its agent, and so Run Command, when the script stops it', () => {
    for (const line of ['waagent -force -deprovision+user', 'systemctl stop walinuxagent'])
      expect(inGuest(line).agentKilled).toBe(true);
  });

  test('has programs that refuse what the real ones refuse', () => {
    const refused = answers(isolation, {}, [
      'systemd-run --unit=a --on-activ=15s /bin/true',
      'systemd-run --unit=a --on-active=soon /bin/true',
      'systemd-run --unit=a --on-active=1 --timer-property=Accuracy=1s /bin/true',
      'systemd-run --unit=a --on-active=1',
      'systemd-run --unit=a --on-active=1 /bin/no-such',
      "systemd-run --unit=a --on-active=1 /bin/sh -c 'echo $HOME'",
      'systemctl halt-it',
      'systemctl --dry restart walinuxagent',
      'systemctl stop no-such',
      'cloud-init clean --log',
      'cloud-init clear',
      'shutdown -Q now',
      'shutdown -P soon',
    ]);
    expect(refused).toEqual([
      "systemd-run: unrecognized option '--on-activ=15s' (1)",
      'Failed to parse time value: soon (1)',
      'Cannot set property Accuracy, or unknown property. (1)',
      'Command line to execute required. (1)',
      'Failed to find executable /bin/no-such: No such file or directory (1)',
      'The emulated systemd-run refuses a dollar sign in: echo $HOME (1)',
      'Unknown command verb halt-it. (1)',
      "systemctl: unrecognized option '--dry' (1)",
      'Failed to stop no-such.service: Unit no-such.service not loaded. (5)',
      expect.stringMatching(/: error: unrecognized arguments: --log \(2\)$/),
      expect.stringMatching(/: error: unrecognized arguments: clear \(2\)$/),
      "shutdown: unrecognized option '-Q' (1)",
      'Failed to parse time specification: soon (1)',
    ]);
  });

  test('has old programs that lack what came later', () => {
    const options: GuestOptions = { cloudInit: 'old', systemdVersion: 219 };
    const later = [
      'cloud-init clean --machine-id',
      'systemd-run --collect --unit=a --on-active=1 /bin/true',
      'systemctl show --value -p LoadState walinuxagent',
    ];
    for (const answer of answers(isolation, options, later))
      expect(answer).toMatch(/unrecognized (option|arguments).* \([12]\)$/);
    expect(answers(isolation, {}, later)).toEqual([
      '(0)',
      expect.stringContaining('(0)'),
      'loaded (0)',
    ]);
  });

  test.each([
    ['-foce -deprovision+user', 'usage:', {}],
    ['-force -deprovison+user', 'usage:', {}],
    ['-deprovision+user', 'Do you want to proceed', {}],
    ['-force -deprovision', 'root password', {}],
    ['-force -deprovision+user', "Failed to run 'deprovision+user'", { waagentFails: true }],
  ])(
    'like the real one its waagent exits with 0 but keeps the user: %s',
    (words, saying, options) => {
      const { said, exitCode, after } = inGuest(`waagent ${words}`, options);
      expect(said).toContain(saying);
      expect(exitCode).toBe(0);
      expect(after).toContain('azureuser');
    },
  );
});

test('without namespaces runs none but the own scripts, and none that names a dangerous program', () => {
  using guest = openGuest({ isolation: 'redirected' });
  expect(guest.run('touch /etc/made')).toMatchObject({ canned: true, exitCode: 0, stdout: '' });
  expect(guest.read('/etc/made')).toBeUndefined();
  expect(() => guest.run(`${own}/usr/sbin/shutdown -P now\n`)).toThrow('by its full name');
  expect(() => guest.run(`${own}"/sbin/reboot"\n`)).toThrow('by its full name');
});

if (namespacesAvailable())
  describe('behind namespaces', () => {
    const seen = (line: string, options: GuestOptions = {}) => run(line, options).said;

    test('nothing of the host is in reach', () => {
      expect(seen('cat /etc/hostname; uname -n')).toBe('vm-build\nvm-build');
      expect(seen('ls -A /.host/root /home /opt /root')).not.toContain('node_modules');
      expect(seen(`ls ${import.meta.dirname}`)).toContain('No such file');
      expect(seen('ls /sys')).toBe('class');
      expect(seen("awk 'NR > 2' /proc/net/dev | wc -l")).toMatch(/^[01]$/);
    });

    test('nothing of the host can be changed', () => {
      for (const path of ['/usr/lib', '/.host/usr/bin', '/usr/share'])
        expect(seen(`touch ${path}/made 2>&1`)).toMatch(/Read-only|No such file|Permission denied/);
      expect(seen('(echo b >/proc/sysrq-trigger) 2>&1')).toMatch(
        /denied|nonexistent|No such|Read-only/,
      );
      expect(seen('kill -9 -1; echo alive')).toContain('alive');
    });

    test.each(['dash', 'bash'] as const)('/bin/sh is %s', (shell) => {
      const said = seen('echo "[$BASH_VERSION]"', { shell });
      expect(said === '[]').toBe(shell === 'dash');
    });

    test('a script without a first line runs too, with DOS line ends or a byte order mark', () => {
      using guest = openGuest();
      expect(guest.run('\uFEFFecho one\r\necho two\r\n').stdout).toBe('one\ntwo\n');
    });

    test('follows its own links, never into the host', () => {
      using guest = openGuest();
      guest.write('/etc/hosts', 'guest\n');
      guest.run(`ln -s /etc /srv-link`);
      expect(guest.read('/srv-link/hosts')).toBe('guest\n');
      guest.write('/srv-link/made', 'here');
      expect(guest.read('/etc/made')).toBe('here');
    });
  });
