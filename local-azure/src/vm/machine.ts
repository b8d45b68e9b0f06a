/**
 * What runs behind a VM: its guest, what the guest has scheduled, and its serial log. Power states
 * live in the world; a machine only moves them when the guest shuts itself down.
 */
import type { Arm } from '../arm.ts';
import { objectsAt } from '../json.ts';
import type { ConsoleWeather } from '../weather/document.ts';
import type { Resource } from '../world.ts';
import type { Content } from './contents.ts';
import { type AnyGuest, InstalledGuest, type OpenGuest } from './installed-guest.ts';
import { powerOf, setAgentReady, setAgentUnavailable, setPower } from './instance-view.ts';
import {
  AGENT_SECONDS,
  CONSOLE_LAG_SECONDS,
  DEPROVISION_SECONDS,
  FIRST_AGENT_SECONDS,
  REBOOT_SECONDS,
  SHUTDOWN_SECONDS,
} from './machine-durations.ts';
import type { GuestHost, MachineGuest, RunOutcome, Started } from './machine-guest.ts';
import { SerialConsole } from './serial-console.ts';
import { ofLive, ofOutcome, outcomeOf } from './started.ts';

/** Consoles while a system boots, and where it cannot: shapes of a Linux on Azure, texts invented. */
const BOOTING = '[    0.000000] Linux version 6.8.0-azure (buildd@lcy02)\r\n';
const PANIC =
  `${BOOTING}[    2.412345] VFS: Cannot open root device "UUID=5f1e" or unknown-block(0,0): error -6\r\n` +
  '[    2.412399] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n';

/** The machine behind one VM. */
export class Machine implements Disposable {
  readonly #arm: Arm;
  readonly #id: string;
  /** The guest on its OS disk. */
  readonly os: InstalledGuest;
  #pending = new Map<string, () => void>();
  #log: string | undefined;
  readonly #console: SerialConsole;
  #started = true;
  /** Whether a Run Command is under way; a second one is refused then. */
  runCommand = false;
  /** What Run Command was asked for last, and each managed one, by name. */
  readonly #commands = new Map<string, readonly [script: string, parameters: readonly string[]]>();
  #isSwapped = false;

  constructor(arm: Arm, id: string, open: OpenGuest) {
    this.#arm = arm;
    this.#id = id;
    this.#console = new SerialConsole(() => arm.now());
    const vm = this.#vm();
    const isOff = vm !== undefined && powerOf(vm) !== 'running';
    this.os = new InstalledGuest(this.#host(), open, isOff);
  }

  #host(): GuestHost {
    return {
      after: (seconds, effect) => this.#arm.timeline.after(seconds, effect),
      now: () => this.#arm.now(),
      powerOff: () => this.#powerOffAfter(SHUTDOWN_SECONDS),
      restart: () => this.#later('reboot', REBOOT_SECONDS, () => this.#reboot()),
      agentStops: () => {
        const vm = this.#vm();
        if (vm !== undefined) setAgentUnavailable(vm, this.#arm.now());
      },
    };
  }

  /** The guest, opened when it is first needed: opening one lays out a root file system. */
  get guest(): AnyGuest {
    return this.os.guest;
  }

  /** What boot diagnostics show: what the guest has printed until so many emulated seconds ago. */
  serialLog(lagSeconds = this.#weather.lagSeconds ?? CONSOLE_LAG_SECONDS): string {
    this.#note();
    return this.#console.recorded(lagSeconds);
  }

  get #weather(): ConsoleWeather {
    return this.#arm.weather.consoleOf(this.#id);
  }

  #note(): void {
    this.#console.note(this.#log ?? this.guest.console());
  }

  /** Whether a detached job is at work, which has done all of its doing but not in emulated time. */
  get atWork(): boolean {
    return [...this.#pending.keys()].some((key) => key.startsWith('end of '));
  }

  /**
   * The OS disk is another one, which does not know what Run Command has run: Azure runs it again
   * (azure-sdk-for-net#51086, azure-libraries-for-net#1159). That managed ones run again too is invented.
   * That a disk which has run it is spared is not modelled.
   */
  swap(content: Content): void {
    this.os.attach(content);
    this.#isSwapped = true;
  }

  /** A managed run command was deleted. */
  forget(name: string): void {
    this.#commands.delete(name);
  }

  #runAgain(): void {
    if (!this.#isSwapped) return;
    this.#isSwapped = false;
    for (const [name, [script, parameters]] of [...this.#commands])
      this.start(script, parameters, name || undefined);
  }

  /** Starts a script in the guest, and arms what it schedules. */
  start(script: string, parameters: readonly string[], name?: string): Started {
    this.#commands.set(name ?? '', [script, parameters]);
    const said = this.os.behaviour.scripts?.find(({ contains = '' }) => script.includes(contains));
    if (said !== undefined) return this.#follow(outcomeOf(said));
    const { guest } = this;
    if ('start' in guest) return ofLive(guest.start(script, parameters, name));
    this.#note();
    guest.consoleHangs?.(this.#weather.writesHang ?? false);
    const outcome = guest.run(script, parameters);
    this.#note();
    this.#schedule(guest, outcome.seconds);
    if (outcome.poweredOff) this.#powerOffAfter(outcome.seconds + SHUTDOWN_SECONDS);
    return this.#follow(outcome);
  }

  #follow(outcome: RunOutcome): Started {
    if (outcome.rebooted !== undefined)
      this.#later('reboot', outcome.seconds + REBOOT_SECONDS, () => this.#reboot());
    return ofOutcome(outcome, () => this.#arm.now());
  }

  #reboot(): void {
    const vm = this.#vm();
    if (vm === undefined || powerOf(vm) !== 'running') return;
    setAgentUnavailable(vm, this.#arm.now());
    this.powerLost();
    this.powerOn();
  }

  /** The VM is powered off from outside: what was going on in the guest is lost. */
  powerLost(): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
    this.#loseConsole();
    const { opened } = this.os;
    if (opened && 'powerLost' in opened) opened.powerLost();
    this.#started = false;
  }

  /** Boot diagnostics keep nothing of what was written until now. */
  forgetConsole(): void {
    this.#note();
    this.#console.forget();
  }

  #loseConsole(): void {
    const { lostSeconds = 0 } = this.#weather;
    if (lostSeconds === 0 || this.os.opened === undefined || !this.#started) return;
    this.#note();
    this.#console.lose(lostSeconds);
  }

  /** The VM has been started: the guest boots, and `seconds` later its agent reports. */
  powerOn(seconds = AGENT_SECONDS): void {
    const { opened, behaviour } = this.os;
    if (!this.#started) opened?.restart();
    this.#started = true;
    this.#log = behaviour.boots === false ? (behaviour.console ?? PANIC) : undefined;
    if (opened !== undefined || this.#log !== undefined) this.#note();
    this.agentStarts(seconds);
  }

  /** The first time: the console shows what it shows, and the agent reports some time after `seconds`. */
  powerOnFirst(seconds: number): void {
    const { agentSeconds = FIRST_AGENT_SECONDS } = this.os.behaviour;
    this.powerOn(seconds + agentSeconds);
    if (this.os.behaviour.boots === false) return;
    this.#log = BOOTING;
    this.#note();
    this.#later('boot', seconds, () => {
      this.#log = undefined;
      this.#note();
    });
  }

  /**
   * Ready when the agent has come up, if the VM still runs then. Until it does, what it said before
   * stays (recorded after start, restart and redeploy); a new agent has not reported at all.
   */
  agentStarts(seconds = AGENT_SECONDS): void {
    const vm = this.#vm();
    if (vm === undefined) return;
    const said = objectsAt(vm, 'properties', 'instanceView', 'vmAgent', 'statuses');
    if (said.length === 0) setAgentUnavailable(vm, this.#arm.now());
    if (!this.os.hasAgent) return;
    this.#later('agent', seconds, () => {
      const then = this.#vm();
      if (then === undefined || powerOf(then) !== 'running') return;
      if (!this.#arm.weather.isSilent(this.#id)) setAgentReady(then, this.#arm.now());
      this.#runAgain();
    });
  }

  #vm(): Resource | undefined {
    return this.#arm.world.get(this.#id);
  }

  #schedule(guest: MachineGuest, offset: number): void {
    for (const { unit, afterSeconds } of guest.scheduled()) {
      const key = `unit ${unit}`;
      if (this.#pending.has(key)) continue;
      this.#later(key, offset + afterSeconds, () => this.#runUnit(guest, unit));
    }
  }

  /** The job runs at once; what it printed and did shows when its modelled time is over. */
  #runUnit(guest: MachineGuest, unit: string): void {
    this.#log = guest.console();
    guest.consoleHangs?.(this.#weather.writesHang ?? false);
    const outcome = guest.runScheduled(unit);
    const offset = outcome.poweredOff ? DEPROVISION_SECONDS : 0;
    const seconds = outcome.seconds + offset;
    for (const [index, { afterSeconds, text }] of (outcome.consoleAt ?? []).entries())
      this.#later(`console ${index} of ${unit}`, offset + afterSeconds, () => {
        this.#log = text;
        this.#note();
      });
    this.#later(`end of ${unit}`, seconds, () => {
      this.#log = undefined;
      this.#note();
    });
    this.#later(`agent after ${unit}`, offset, () => {
      const vm = this.#vm();
      if (vm !== undefined && !outcome.agentRunning) setAgentUnavailable(vm, this.#arm.now());
    });
    if (outcome.poweredOff) this.#powerOffAfter(seconds + SHUTDOWN_SECONDS);
    else this.#schedule(guest, seconds);
  }

  #powerOffAfter(seconds: number): void {
    this.#later('shutdown', seconds, () => {
      const vm = this.#vm();
      if (vm === undefined || powerOf(vm) !== 'running') return;
      setPower(vm, 'stopped');
      this.powerLost();
    });
  }

  #later(key: string, seconds: number, effect: () => void): void {
    this.#pending.get(key)?.();
    const cancel = this.#arm.timeline.after(seconds, () => {
      this.#pending.delete(key);
      effect();
    });
    this.#pending.set(key, cancel);
  }

  [Symbol.dispose](): void {
    this.powerLost();
    this.os[Symbol.dispose]();
  }
}
