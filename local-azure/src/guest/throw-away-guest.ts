import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestImage } from '../vm/machine-guest.ts';
import { withBusyPrograms } from './busy.ts';
import { bootLog, GuestConsole, powerOffLog } from './console.ts';
import { type Disk, readDisk, writeDisk } from './disk.ts';
import { type Provisioned, type Provisioning, provision, type Setup } from './first-boot.ts';
import type { Guest, RunResult, ScheduledUnit, UnitResult } from './guest.ts';
import { inside, names, readInside, walk, writeInside } from './paths.ts';
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
import { GuestState } from './state.ts';
import { TransientUnits } from './units.ts';

const tail = 4096;

/** A guest whose world is the folder `root`, laid out for it. Use `openGuest`. */
export class ThrowAwayGuest implements Guest {
  readonly isolation: 'namespace' | 'redirected';
  readonly #root: string;
  readonly #options: GuestOptions;
  readonly #state: GuestState;
  readonly #console: GuestConsole;
  readonly #units: TransientUnits;
  #runs = 0;
  #boots = 0;

  constructor(root: string, options: GuestOptions, isolation: 'namespace' | 'redirected') {
    this.#root = root;
    this.#options = options;
    this.#state = new GuestState(root);
    this.#console = new GuestConsole(root, this.#state, options.console);
    this.#units = new TransientUnits(root);
    this.isolation = isolation;
  }

  run(script: string, parameters: readonly string[] = []): RunResult {
    const before = this.#state.clock;
    const folder = `/var/lib/waagent/run-command/download/${this.#runs++}`;
    this.#state.set('context', 'run-command');
    this.#forgetDeadlines();
    const canned = this.isolation === 'redirected' && !isOwnScript(script);
    const ended = canned ? silence : this.#runScript(folder, script, parameters);
    const [stdout, stderr] = [lastBytes(ended.stdout), lastBytes(ended.stderr)];
    return {
      ...ended,
      message: `Enable succeeded: \n[stdout]\n${stdout}\n[stderr]\n${stderr}`,
      seconds: this.#state.clock - before,
      scheduled: this.scheduled(),
      agentKilled: this.#state.read('agent-killed') !== undefined,
      ...this.#goingDown(),
      hangs: ended.hangs === true,
      canned,
    };
  }

  /** What a script made of the power; a reboot kills what is still at work a moment later. */
  #goingDown(): Pick<RunResult, 'poweredOff' | 'rebooted'> {
    const [mode, after = '0', at = '0'] = (this.#state.read('power') ?? '').split(' ');
    if (mode !== 'reboot') return { poweredOff: mode !== '', rebooted: undefined };
    const isDown = this.#state.clock > Number(at) + Number(after) + 2;
    return { poweredOff: false, rebooted: isDown ? 'killed' : 'survived' };
  }

  /** What an earlier run's timeouts were about: its process IDs are others' now. */
  #forgetDeadlines(): void {
    this.#state.remove('deadlines');
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
    const start = `cd ${folder} && chmod 500 script.sh && exec ${quoted.join(' ')}`;
    const shell = ['/bin/sh', '-c', start];
    const all = withBusyPrograms(shell, this.#options, this.#state.clock);
    return runInNamespace(this.#root, all);
  }

  runScheduled(unit: string): UnitResult {
    const command = this.#units.start(unit);
    const before = this.#console.now();
    this.#state.set('context', 'unit');
    this.#forgetDeadlines();
    const ended = this.#runUnit(command);
    const poweredOff = this.#state.read('power') !== undefined;
    this.#units.end(unit, ended.exitCode);
    if (poweredOff) this.#powerOff();
    return {
      ...ended,
      seconds: this.#state.clock - before.clock,
      ...this.#console.since(before),
      poweredOff,
      agentRunning: this.agentRunning(),
    };
  }

  #runUnit(command: readonly string[]): Ended {
    if (this.isolation === 'namespace') return runInNamespace(this.#root, command);
    replaceForeignScripts(this.#root);
    return runRedirected(this.#root, command);
  }

  #powerOff(): void {
    this.#state.set('agent', 'stopped');
    this.appendToConsole(powerOffLog);
    for (const folder of ['run', 'tmp']) {
      for (const name of names(this.#root, folder)) {
        rmSync(join(this.#root, folder, name), { recursive: true, force: true });
      }
    }
  }

  scheduled(): readonly ScheduledUnit[] {
    return this.#units.scheduled();
  }

  console(): string {
    return this.#console.text;
  }

  /** Adds lines of the kernel or of systemd to the serial log. */
  appendToConsole(text: string): void {
    this.#console.append(text);
  }

  consoleHangs(hangs: boolean): void {
    this.#console.hang(hangs);
  }

  image(): GuestImage {
    const disk = readDisk(this.#root, this.#options);
    return { open: () => openDisk(disk, this.isolation) };
  }

  provision(setup: Setup): Provisioned {
    this.#console.clear();
    this.#state.set('calls', '');
    this.#state.set('clock', '0');
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
    for (const name of ['power', 'agent-killed']) this.#state.remove(name);
    this.#units.clear();
    if (this.#options.systemd ?? true)
      mkdirSync(join(this.#root, 'run/systemd/system'), { recursive: true });
    if (this.#options.agent ?? true) this.#state.set('agent', 'running');
  }

  read(path: string): string | undefined {
    return readInside(this.#root, path);
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
    return this.#state.read('agent') === 'running';
  }

  calls(): readonly string[] {
    return this.#state.lines('calls');
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

function lastBytes(text: string): string {
  return Buffer.from(text).subarray(-tail).toString('utf8');
}
