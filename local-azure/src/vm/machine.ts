/**
 * What runs behind a VM: its guest, what the guest has scheduled, and its serial log. Power states
 * live in the world; a machine only moves them when the guest shuts itself down.
 */
import type { Arm } from '../arm.ts';
import { objectsAt } from '../json.ts';
import type { ConsoleWeather } from '../weather/document.ts';
import type { Resource } from '../world.ts';
import { powerOf, setAgentReady, setAgentUnavailable, setPower } from './instance-view.ts';
import { SerialConsole } from './serial-console.ts';

/** What a script did, as far as Run Command can see. */
export interface RunOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Emulated seconds it slept. */
  readonly seconds: number;
  /** It stopped the agent that runs it: Run Command never hears of its end. */
  readonly agentKilled: boolean;
  readonly poweredOff: boolean;
}

/** How a detached job of the guest ended. */
export interface UnitOutcome {
  readonly seconds: number;
  readonly poweredOff: boolean;
  readonly agentRunning: boolean;
  /** The serial log as it stood at times of the job's run. */
  readonly consoleAt?: readonly { readonly afterSeconds: number; readonly text: string }[];
}

/** A guest operating system; `guest/guest.ts` is the Linux one, which runs scripts for real. */
export interface MachineGuest extends Disposable {
  run(script: string, parameters: readonly string[]): RunOutcome;
  /** Lets a detached job that is due run to its end. */
  runScheduled(unit: string): UnitOutcome;
  scheduled(): readonly { readonly unit: string; readonly afterSeconds: number }[];
  /** The serial log. */
  console(): string;
  /** Whether what writes to the serial console from now on waits for ever. */
  consoleHangs?(hangs: boolean): void;
  /** The machine was stopped and has started again. */
  restart(): void;
}

/** What a guest that lives in emulated time needs of its machine. */
export interface GuestHost {
  /** Lets `effect` happen some seconds from now; returns how to call it off. */
  readonly after: (seconds: number, effect: () => void) => () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The guest shuts the machine down. */
  readonly powerOff: () => void;
  /** The guest's agent stops reporting, for good. */
  readonly agentStops: () => void;
}

/** A script that runs in a guest; `exitCode` is undefined until its end. */
export interface LiveScript {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  /** It went with the power. */
  readonly lost: boolean;
  /** The execution state that Azure makes of an agent that stopped reporting, when there is one. */
  readonly verdict?: string | undefined;
  kill(): void;
}

/** A guest whose scripts run on while time passes; `windows/guest.ts` is one. */
export interface LiveGuest extends Disposable {
  /** `name` is that of the managed run command. */
  start(script: string, parameters: readonly string[], name?: string): LiveScript;
  console(): string;
  restart(): void;
  powerLost(): void;
}

/** A script that was started, as far as Run Command can see. */
export interface Started {
  /** Seconds that it takes in all, where that is known. */
  readonly seconds?: number;
  /** Undefined until its end, and for ever when nobody hears of that. */
  outcome(): RunOutcome | undefined;
  /** What it has printed so far. */
  printed(): { readonly stdout: string; readonly stderr: string };
  /** Whether nobody will hear of its end. */
  isLost(): boolean;
  /** The execution state that Azure makes of an agent that stopped reporting, when there is one. */
  verdict?(): string | undefined;
  stop(): void;
}

/** Seconds a detached job that ends in a shutdown is at work before the shutdown: invented. */
const DEPROVISION_SECONDS = 20;
/** Seconds from the guest's shutdown to `PowerState/stopped`: invented. */
const SHUTDOWN_SECONDS = 10;
/**
 * Seconds until what a guest writes on its serial console shows in boot diagnostics: invented, as is
 * the order of size ("can take up to 10 minutes": virtual-machines-common-boot-diagnostics.md).
 */
const CONSOLE_LAG_SECONDS = 15;
/** Seconds from power-on until the agent reports: recorded VMs took 30 to 60. */
const AGENT_SECONDS = 40;

/** The machine behind one VM. */
export class Machine implements Disposable {
  readonly #arm: Arm;
  readonly #id: string;
  readonly #open: (host: GuestHost) => MachineGuest | LiveGuest;
  #guest: MachineGuest | LiveGuest | undefined;
  #pending = new Map<string, () => void>();
  #log: string | undefined;
  readonly #console: SerialConsole;
  #started = true;
  /** Whether a Run Command is under way; a second one is refused then. */
  runCommand = false;

  constructor(arm: Arm, id: string, open: (host: GuestHost) => MachineGuest | LiveGuest) {
    this.#arm = arm;
    this.#id = id;
    this.#open = open;
    this.#console = new SerialConsole(() => arm.now());
  }

  /** The guest, opened when it is first needed: opening one lays out a root file system. */
  get guest(): MachineGuest | LiveGuest {
    this.#guest ??= this.#open({
      after: (seconds, effect) => this.#arm.timeline.after(seconds, effect),
      now: () => this.#arm.now(),
      powerOff: () => this.#powerOffAfter(SHUTDOWN_SECONDS),
      agentStops: () => {
        const vm = this.#vm();
        if (vm !== undefined) setAgentUnavailable(vm, this.#arm.now());
      },
    });
    return this.#guest;
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

  /** Starts a script in the guest, and arms what it schedules. */
  start(script: string, parameters: readonly string[], name?: string): Started {
    const { guest } = this;
    if ('start' in guest) return ofLive(guest.start(script, parameters, name));
    this.#note();
    guest.consoleHangs?.(this.#weather.writesHang ?? false);
    const outcome = guest.run(script, parameters);
    this.#note();
    this.#schedule(guest, outcome.seconds);
    if (outcome.poweredOff) this.#powerOffAfter(outcome.seconds + SHUTDOWN_SECONDS);
    const end = this.#arm.now() + outcome.seconds * 1000;
    const ended = () => this.#arm.now() >= end && !outcome.agentKilled;
    return {
      seconds: outcome.seconds,
      outcome: () => (ended() ? outcome : undefined),
      printed: () => (ended() ? outcome : { stdout: '', stderr: '' }),
      isLost: () => outcome.agentKilled,
      stop: () => {},
    };
  }

  /** The VM is powered off from outside: what was going on in the guest is lost. */
  powerLost(): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
    this.#loseConsole();
    if (this.#guest && 'powerLost' in this.#guest) this.#guest.powerLost();
    this.#started = false;
  }

  #loseConsole(): void {
    const { lostSeconds = 0 } = this.#weather;
    if (lostSeconds === 0 || this.#guest === undefined || !this.#started) return;
    this.#note();
    this.#console.lose(lostSeconds);
  }

  /** The VM has been started: the guest boots, and `seconds` later its agent reports. */
  powerOn(seconds = AGENT_SECONDS): void {
    if (!this.#started && this.#guest !== undefined) this.#guest.restart();
    this.#started = true;
    this.#log = undefined;
    if (this.#guest !== undefined) this.#note();
    this.agentStarts(seconds);
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
    this.#later('agent', seconds, () => {
      const then = this.#vm();
      if (then === undefined || powerOf(then) !== 'running') return;
      if (!this.#arm.weather.isSilent(this.#id)) setAgentReady(then, this.#arm.now());
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
    this.#guest?.[Symbol.dispose]();
  }
}

const ofLive = (script: LiveScript): Started => ({
  outcome: () => {
    const { exitCode, stdout, stderr, lost } = script;
    if (exitCode === undefined || lost) return undefined;
    return { stdout, stderr, exitCode, seconds: 0, agentKilled: false, poweredOff: false };
  },
  printed: () => script,
  isLost: () => script.lost,
  verdict: () => script.verdict,
  stop: () => script.kill(),
});
