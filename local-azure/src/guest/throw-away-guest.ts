import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestImage } from '../vm/machine.ts';
import { type Disk, readDisk, writeDisk } from './disk.ts';
import { type Provisioned, type Provisioning, provision, type Setup } from './first-boot.ts';
import type { Guest, RunResult, ScheduledUnit, UnitResult } from './guest.ts';
import { inside, names, walk, writeInside } from './paths.ts';
import { isOwnScript, redirect, replaceForeignScripts } from './redirect.ts';
import { bootId, type GuestOptions, stateFolder } from './root.ts';
import {
  type Ended,
  handOver,
  runInNamespace,
  runRedirected,
  throwAway,
  throwAwayFolder,
} from './sandbox.ts';

/** What the console shows after a boot. Source of the shape: boot diagnostics of an Ubuntu VM; the text is invented. */
export const bootLog = (computerName = 'vm-build'): string =>
  [
    '[    0.000000] Linux version 6.8.0-azure (buildd@lcy02)',
    '\u001b[0;32m  OK  \u001b[0m] Finished Cloud-init: Final Stage.',
    '',
    `Ubuntu 24.04 LTS ${computerName} ttyS0`,
    '',
    `${computerName} login: `,
  ].join('\n');

const tail = 4096;

/** A guest whose world is the folder `root`, laid out for it. Use `openGuest`. */
export class ThrowAwayGuest implements Guest {
  readonly isolation: 'namespace' | 'redirected';
  readonly #root: string;
  readonly #options: GuestOptions;
  #runs = 0;
  #boots = 0;

  constructor(root: string, options: GuestOptions, isolation: 'namespace' | 'redirected') {
    this.#root = root;
    this.#options = options;
    this.isolation = isolation;
  }

  run(script: string, parameters: readonly string[] = []): RunResult {
    const before = this.#clock();
    const folder = `/var/lib/waagent/run-command/download/${this.#runs++}`;
    this.#setState('context', 'run-command');
    this.#forgetDeadlines();
    const canned = this.isolation === 'redirected' && !isOwnScript(script);
    const ended = canned ? silence : this.#runScript(folder, script, parameters);
    const [stdout, stderr] = [lastBytes(ended.stdout), lastBytes(ended.stderr)];
    return {
      ...ended,
      message: `Enable succeeded: \n[stdout]\n${stdout}\n[stderr]\n${stderr}`,
      seconds: this.#clock() - before,
      scheduled: this.scheduled(),
      agentKilled: this.#state('agent-killed') !== undefined,
      ...this.#goingDown(),
      hangs: ended.hangs === true,
      canned,
    };
  }

  /** What a script made of the power; a reboot kills what is still at work a moment later. */
  #goingDown(): Pick<RunResult, 'poweredOff' | 'rebooted'> {
    const [mode, after = '0', at = '0'] = (this.#state('power') ?? '').split(' ');
    if (mode !== 'reboot') return { poweredOff: mode !== '', rebooted: undefined };
    const isDown = this.#clock() > Number(at) + Number(after) + 2;
    return { poweredOff: false, rebooted: isDown ? 'killed' : 'survived' };
  }

  /** What an earlier run's timeouts were about: its process IDs are others' now. */
  #forgetDeadlines(): void {
    rmSync(join(this.#root, stateFolder, 'deadlines'), { recursive: true, force: true });
  }

  #runScript(folder: string, script: string, parameters: readonly string[]): Ended {
    const unix = script.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
    const text = this.isolation === 'redirected' ? redirect(unix, this.#root) : unix;
    this.write(`${folder}/script.sh`, text);
    const command = `${folder}/script.sh`;
    if (this.isolation === 'redirected') {
      return runRedirected(this.#root, ['/bin/sh', join(this.#root, command), ...parameters]);
    }
    const quoted = [command, ...parameters].map((each) => `'${each.replaceAll("'", "'\\''")}'`);
    const start = `cd ${folder} && chmod 500 script.sh && ${quoted.join(' ')}`;
    return runInNamespace(this.#root, this.#withCompanions(['/bin/sh', '-c', start]));
  }

  /** While something is to be busy or held, a process that does so goes on beside the command. */
  #withCompanions(command: readonly string[]): readonly string[] {
    const starts: string[] = [];
    if (this.#clock() < (this.#options.packageManagerBusySeconds ?? 0))
      starts.push(
        'ln -sf /.host/usr/bin/sleep /tmp/dpkg; /tmp/dpkg 600 </dev/null >/dev/null 2>&1 & ' +
          'echo $! >/.guest/package-manager.pid',
      );
    if (this.#options.accountsLocked)
      starts.push(
        ': >>/etc/.pwd.lock; /.host/usr/bin/flock /etc/.pwd.lock /.host/usr/bin/sleep 600 </dev/null >/dev/null 2>&1 &' +
          ' until grep -q WRITE /proc/locks; do :; done',
      );
    if (starts.length === 0) return command;
    const start = `${starts.join('\n')}\n"$@"; status=$?; rm -f /tmp/dpkg; exit $status`;
    return ['/bin/sh', '-c', start, 'sh', ...command];
  }

  runScheduled(unit: string): UnitResult {
    const folder = join(this.#root, stateFolder, 'units', unit);
    const waiting = this.scheduled().find((each) => each.unit === unit);
    if (waiting === undefined) throw new Error(`The guest has no waiting timer ${unit}`);
    const command = readFileSync(join(folder, 'command'), 'utf8').split('\0').slice(0, -1);
    const before = {
      clock: this.#clock(),
      console: this.console().length,
      marks: this.#consoleMarks().length,
    };
    this.#setState('context', 'unit');
    this.#forgetDeadlines();
    writeFileSync(join(folder, 'timer'), 'elapsed\n');
    writeFileSync(join(folder, 'service'), 'running\n');
    const ended = this.#runUnit(command);
    const poweredOff = this.#state('power') !== undefined;
    this.#settle(folder, ended.exitCode);
    if (poweredOff) this.#powerOff();
    return {
      ...ended,
      seconds: this.#clock() - before.clock,
      consoleText: this.console().slice(before.console),
      consoleAt: this.#consoleAt(before),
      poweredOff,
      agentRunning: this.agentRunning(),
    };
  }

  #consoleAt(before: { readonly clock: number; readonly marks: number }): UnitResult['consoleAt'] {
    const tty = Buffer.from(this.#tty());
    return this.#consoleMarks()
      .slice(before.marks)
      .map((mark) => {
        const [clock = 0, bytes = 0] = mark.split(' ').map(Number);
        const text = asPrinted(tty.subarray(0, bytes).toString());
        return { afterSeconds: clock - before.clock, text };
      });
  }

  /** What the stand-in of sleep noted: the clock, and the bytes on the console. */
  #consoleMarks(): string[] {
    return (this.#state('console-marks') ?? '').split('\n').filter(Boolean);
  }

  #runUnit(command: readonly string[]): Ended {
    if (this.isolation === 'namespace') return runInNamespace(this.#root, command);
    replaceForeignScripts(this.#root);
    return runRedirected(this.#root, command);
  }

  /** A transient unit that succeeded is gone; one that failed stays until reset, unless collected. */
  #settle(folder: string, exitCode: number): void {
    if (exitCode === 0 || existsSync(join(folder, 'collect'))) {
      rmSync(folder, { recursive: true, force: true });
    } else {
      rmSync(join(folder, 'timer'), { force: true });
      writeFileSync(join(folder, 'service'), 'failed\n');
    }
  }

  #powerOff(): void {
    this.#setState('agent', 'stopped');
    this.appendToConsole(powerOffLog);
    for (const folder of ['run', 'tmp']) {
      for (const name of names(this.#root, folder)) {
        rmSync(join(this.#root, folder, name), { recursive: true, force: true });
      }
    }
  }

  scheduled(): readonly ScheduledUnit[] {
    const units = join(this.#root, stateFolder, 'units');
    return names(this.#root, `${stateFolder}/units`)
      .filter((unit) => existsSync(join(units, unit, 'timer')))
      .map((unit) => ({
        unit,
        afterSeconds: Number(readFileSync(join(units, unit, 'delay'), 'utf8')),
      }));
  }

  console(): string {
    return asPrinted(this.#tty());
  }

  #tty(): string {
    const device = this.#options.console ?? 'ttyS0';
    return (
      (device === 'none' ? undefined : this.read(`/dev/${device}`)) ??
      this.read('/dev/console') ??
      ''
    );
  }

  /** Adds lines of the kernel or of systemd to the serial log. */
  appendToConsole(text: string): void {
    const device = this.#options.console ?? 'ttyS0';
    const path = device === 'none' ? 'dev/console' : `dev/${device}`;
    writeInside(this.#root, path, text, 'a');
  }

  image(): GuestImage {
    const disk = readDisk(this.#root, this.#options);
    return { open: () => openDisk(disk, this.isolation) };
  }

  provision(setup: Setup): Provisioned {
    for (const device of ['ttyS0', 'ttyAMA0', 'console']) {
      if (this.read(`/dev/${device}`) !== undefined) writeInside(this.#root, `dev/${device}`, '');
    }
    for (const name of ['console-marks', 'calls']) this.#setState(name, '');
    this.#setState('clock', '0');
    this.#boot();
    const { log, ...provisioned } = provision(this.#provisioning(), setup);
    this.appendToConsole(`${log}${bootLog(setup.computerName)}`);
    handOver(this.#root);
    return provisioned;
  }

  #provisioning(): Provisioning {
    const root = this.#root;
    return {
      read: (path) => this.read(path),
      write: (path, content) => writeInside(root, path, content),
      remove: (path) => rmSync(inside(root, path), { recursive: true, force: true }),
      list: (path) => names(root, path),
      hasAgent: this.#options.agent ?? true,
      agentRuns: this.agentRunning(),
    };
  }

  restart(): void {
    this.#powerOff();
    this.#boot();
    this.appendToConsole(bootLog());
    handOver(this.#root);
  }

  #boot(): void {
    this.#boots++;
    for (const path of [`${stateFolder}/boot-id`, 'proc/sys/kernel/random/boot_id'])
      writeInside(this.#root, path, bootId(this.#boots));
    for (const name of ['power', 'agent-killed']) {
      rmSync(join(this.#root, stateFolder, name), { force: true });
    }
    for (const unit of names(this.#root, `${stateFolder}/units`)) {
      rmSync(join(this.#root, stateFolder, 'units', unit), { recursive: true });
    }
    if (this.#options.systemd ?? true)
      mkdirSync(join(this.#root, 'run/systemd/system'), { recursive: true });
    if (this.#options.agent ?? true) this.#setState('agent', 'running');
  }

  consoleHangs(hangs: boolean): void {
    const setting = `${stateFolder}/settings/console-hangs`;
    if (hangs) writeInside(this.#root, setting, '');
    else rmSync(join(this.#root, setting), { force: true });
  }

  read(path: string): string | undefined {
    const place = inside(this.#root, path);
    return existsSync(place) && statSync(place).isFile() ? readFileSync(place, 'utf8') : undefined;
  }

  write(path: string, content: string): void {
    writeInside(this.#root, path, content);
    handOver(this.#root);
  }

  list(path: string): readonly string[] {
    return names(this.#root, path);
  }

  files(): readonly string[] {
    const hidden =
      /^(\.guest|\.host|proc|dev|sys|usr|lib\w*|bin|sbin)(\/|$)|^etc\/(alternatives|ld\.so\.cache)/;
    return [...walk(this.#root)]
      .filter((path) => !hidden.test(path))
      .map((path) => `/${path}`)
      .sort();
  }

  users(): readonly string[] {
    const lines = (this.read('/etc/passwd') ?? '').split('\n').filter((line) => line !== '');
    return lines.map((line) => line.replace(/:.*/, ''));
  }

  agentRunning(): boolean {
    return this.#state('agent') === 'running';
  }

  calls(): readonly string[] {
    return (this.#state('calls') ?? '').split('\n').filter((line) => line !== '');
  }

  #clock(): number {
    return Number(this.#state('clock'));
  }

  #state(name: string): string | undefined {
    return this.read(`/${stateFolder}/${name}`)?.trim();
  }

  #setState(name: string, value: string): void {
    writeInside(this.#root, `${stateFolder}/${name}`, `${value}\n`);
  }

  [Symbol.dispose](): void {
    throwAway(this.#root);
  }
}

/** A guest on a copy of the disk. */
function openDisk(disk: Disk, isolation: Guest['isolation']): Guest {
  const root = throwAwayFolder();
  writeDisk(disk, root, isolation === 'redirected');
  handOver(root);
  return new ThrowAwayGuest(root, disk.options, isolation);
}

const silence: Ended = { exitCode: 0, stdout: '', stderr: '' };

/** Source of the shape: systemd's shutdown on a serial console. */
const powerOffLog = [
  '',
  '[\u001b[0;32m  OK  \u001b[0m] Reached target \u001b[0;1;39mSystem Power Off\u001b[0m.',
  '[  321.123456] reboot: Power down',
  '',
].join('\n');

function lastBytes(text: string): string {
  return Buffer.from(text).subarray(-tail).toString('utf8');
}

/** A terminal gets both line ends. */
const asPrinted = (text: string): string => text.replaceAll(/\r?\n/g, '\r\n');
