/**
 * Emulated Linux guests of the local Azure. A guest is a throw-away root file system that looks like
 * a used build VM; scripts run in it for real, under the host's own shell and tools, as root of a
 * user namespace whose mounts show nothing else of the host. What would act on a machine is a
 * stand-in that checks its arguments like the real program: systemd-run, systemctl, waagent,
 * cloud-init, shutdown, needs-restarting; `sleep` only moves an emulated clock.
 *
 *     using guest = openGuest({ cloudInit: 'old' });
 *     const said = guest.run(script, ['first argument']);   // Run Command's RunShellScript
 *     if (said.agentKilled) …                                // never answer: the agent is gone
 *     for (const { unit, afterSeconds } of said.scheduled) … // after that many emulated seconds:
 *     const ended = guest.runScheduled(unit);                // ended.poweredOff → PowerState/stopped
 *     guest.console();                                       // boot diagnostics' serial log
 *
 * Where this machine allows no namespaces (`guest.isolation` is then `redirected`) only scripts with
 * the action's mark in them run, every path in them redirected into the throw-away root and nothing
 * but harmless programs in reach; any other script is not run and succeeds with empty output.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inside, names, walk, writeInside } from './paths.ts';
import { isOwnScript, redirect, replaceForeignScripts } from './redirect.ts';
import { type GuestOptions, layOutRoot, stateFolder } from './root.ts';
import {
  type Ended,
  handOver,
  linkHarmlessTools,
  runInNamespace,
  runRedirected,
  throwAwayFolder,
} from './sandbox.ts';

export type { GuestOptions } from './root.ts';

/** A transient timer that has not elapsed yet. */
export interface ScheduledUnit {
  readonly unit: string;
  readonly afterSeconds: number;
}

/** What Run Command saw of a script. */
export interface RunResult extends Ended {
  /** As in the operation's output: stdout and stderr, the last 4,096 bytes of each. */
  readonly message: string;
  /** Emulated seconds that the script slept. */
  readonly seconds: number;
  readonly scheduled: readonly ScheduledUnit[];
  /** The script stopped the agent that runs it: Run Command never ends. */
  readonly agentKilled: boolean;
  readonly poweredOff: boolean;
  /** The script was not run, for want of namespaces. */
  readonly canned: boolean;
}

/** How a scheduled unit ended. */
export interface UnitResult extends Ended {
  readonly seconds: number;
  /** What the unit added to the serial console. */
  readonly consoleText: string;
  readonly poweredOff: boolean;
  readonly agentRunning: boolean;
}

/** One emulated guest; dispose of it to remove its files. */
export interface Guest extends Disposable {
  readonly isolation: 'namespace' | 'redirected';
  /**
   * Runs a script as Run Command's RunShellScript does: saved below /var/lib/waagent, DOS line ends
   * converted, started through /bin/sh with the parameters' values as arguments.
   */
  run(script: string, parameters?: readonly string[]): RunResult;
  /** Lets a timer elapse. Throws if there is no such timer. */
  runScheduled(unit: string): UnitResult;
  /** The timers that have not elapsed. */
  scheduled(): readonly ScheduledUnit[];
  /** The serial log since the guest was opened. */
  console(): string;
  /** The machine was stopped and started: /run and /tmp are new, the agent runs, timers are gone. */
  restart(): void;
  /** The text of a file of the guest; undefined if it is missing. */
  read(path: string): string | undefined;
  /** Puts a file into the guest. */
  write(path: string, content: string): void;
  /** The names in a folder of the guest, sorted. */
  list(path: string): readonly string[];
  /** Every file of the guest but the emulation's own, the host's, /proc, /dev and /sys. */
  files(): readonly string[];
  /** The user names in /etc/passwd. */
  users(): readonly string[];
  agentRunning(): boolean;
  /** Calls of stand-ins so far, one line each. */
  calls(): readonly string[];
}

/** Opens a guest. Its console already shows the end of a boot. */
export function openGuest(options: GuestOptions = {}): Guest {
  const isolation = options.isolation ?? (namespacesAvailable() ? 'namespace' : 'redirected');
  const root = throwAwayFolder();
  layOutRoot(root, options, isolation === 'redirected');
  if (isolation === 'redirected') linkHarmlessTools(root);
  const guest = new ThrowAwayGuest(root, options, isolation);
  guest.appendToConsole(bootLog);
  handOver(root);
  return guest;
}

/** Whether this machine lets an ordinary user have the namespaces; found out once, by trying. */
export function namespacesAvailable(): boolean {
  available ??= process.platform === 'linux' && tryNamespace();
  return available;
}
let available: boolean | undefined;

function tryNamespace(): boolean {
  const root = throwAwayFolder();
  try {
    layOutRoot(root, {}, false);
    handOver(root);
    const ended = runInNamespace(root, [
      '/bin/sh',
      '-c',
      'test "$(id -u)" = 0 && test ! -e /.host/root/etc',
    ]);
    return ended.exitCode === 0;
  } catch {
    return false;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Source of the shape: boot diagnostics of an Ubuntu VM; the text is invented. */
const bootLog = [
  '[    0.000000] Linux version 6.8.0-azure (buildd@lcy02)',
  '\u001b[0;32m  OK  \u001b[0m] Finished Cloud-init: Final Stage.',
  '',
  'Ubuntu 24.04 LTS vm-build ttyS0',
  '',
  'vm-build login: ',
].join('\n');

const tail = 4096;

class ThrowAwayGuest implements Guest {
  readonly isolation: 'namespace' | 'redirected';
  readonly #root: string;
  readonly #options: GuestOptions;
  #runs = 0;

  constructor(root: string, options: GuestOptions, isolation: 'namespace' | 'redirected') {
    this.#root = root;
    this.#options = options;
    this.isolation = isolation;
  }

  run(script: string, parameters: readonly string[] = []): RunResult {
    const before = this.#clock();
    const folder = `/var/lib/waagent/run-command/download/${this.#runs++}`;
    this.#setState('context', 'run-command');
    const canned = this.isolation === 'redirected' && !isOwnScript(script);
    const ended = canned ? silence : this.#runScript(folder, script, parameters);
    const [stdout, stderr] = [lastBytes(ended.stdout), lastBytes(ended.stderr)];
    return {
      ...ended,
      message: `Enable succeeded: \n[stdout]\n${stdout}\n[stderr]\n${stderr}`,
      seconds: this.#clock() - before,
      scheduled: this.scheduled(),
      agentKilled: this.#state('agent-killed') !== undefined,
      poweredOff: this.#state('power') !== undefined,
      canned,
    };
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
    return runInNamespace(this.#root, this.#withPackageManager(['/bin/sh', '-c', start]));
  }

  /** While a package manager is to be busy, a process of its name holds on beside the command. */
  #withPackageManager(command: readonly string[]): readonly string[] {
    const until = this.#options.packageManagerBusySeconds ?? 0;
    if (this.#clock() >= until) return command;
    const start =
      'ln -sf /.host/usr/bin/sleep /tmp/dpkg; /tmp/dpkg 600 </dev/null >/dev/null 2>&1 & ' +
      'echo $! >/.guest/package-manager.pid; "$@"; status=$?; rm -f /tmp/dpkg; exit $status';
    return ['/bin/sh', '-c', start, 'sh', ...command];
  }

  runScheduled(unit: string): UnitResult {
    const folder = join(this.#root, stateFolder, 'units', unit);
    const waiting = this.scheduled().find((each) => each.unit === unit);
    if (waiting === undefined) throw new Error(`The guest has no waiting timer ${unit}`);
    const command = readFileSync(join(folder, 'command'), 'utf8').split('\0').slice(0, -1);
    const before = { clock: this.#clock(), console: this.console().length };
    this.#setState('context', 'unit');
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
      poweredOff,
      agentRunning: this.agentRunning(),
    };
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
    return this.#tty().replaceAll(/\r?\n/g, '\r\n');
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

  restart(): void {
    this.#powerOff();
    for (const name of ['power', 'agent-killed']) {
      rmSync(join(this.#root, stateFolder, name), { force: true });
    }
    for (const unit of names(this.#root, `${stateFolder}/units`)) {
      rmSync(join(this.#root, stateFolder, 'units', unit), { recursive: true });
    }
    if (this.#options.systemd ?? true)
      mkdirSync(join(this.#root, 'run/systemd/system'), { recursive: true });
    if (this.#options.agent ?? true) this.#setState('agent', 'running');
    this.appendToConsole(bootLog);
    handOver(this.#root);
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
    rmSync(this.#root, { recursive: true, force: true });
  }
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
