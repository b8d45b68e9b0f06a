/**
 * What runs behind a VM: its guest, what the guest has scheduled, and its serial log. Power states
 * live in the world; a machine only moves them when the guest shuts itself down.
 */
import type { Arm } from '../arm.ts';
import type { Provisioned, Setup } from '../guest/first-boot.ts';
import { objectsAt, textAt } from '../json.ts';
import type { ConsoleWeather } from '../weather/document.ts';
import type { Resource } from '../world.ts';
import type { Content } from './contents.ts';
import type { GuestBehaviour } from './guest-behaviour.ts';
import { powerOf, setAgentReady, setAgentUnavailable, setPower } from './instance-view.ts';
import type {
  GuestHost,
  GuestImage,
  LiveGuest,
  MachineGuest,
  RunOutcome,
  Started,
} from './machine-guest.ts';
import { SerialConsole } from './serial-console.ts';
import { ofLive, outcomeOf } from './started.ts';

export type {
  GuestHost,
  GuestImage,
  LiveGuest,
  LiveScript,
  MachineGuest,
  RunOutcome,
  Started,
  UnitOutcome,
} from './machine-guest.ts';

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
/**
 * Seconds from the start of a new VM until its guest has told the platform that it is provisioned:
 * invented, as is how long its agent then takes. (Of all recorded PUTs of VMs a tenth took more than 28.)
 */
const BOOT_SECONDS = 30;
const WINDOWS_BOOT_SECONDS = 90;
const FIRST_AGENT_SECONDS = 12;

/** Consoles while a system boots, and where it cannot: shapes of a Linux on Azure, texts invented. */
const BOOTING = '[    0.000000] Linux version 6.8.0-azure (buildd@lcy02)\r\n';
const PANIC =
  `${BOOTING}[    2.412345] VFS: Cannot open root device "UUID=5f1e" or unknown-block(0,0): error -6\r\n` +
  '[    2.412399] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n';

/** Seconds from a script's `reboot` until the guest is down: invented. */
const REBOOT_SECONDS = 5;

/** Opens the guest that a VM usually has, with options of its own. */
export type OpenGuest = (host: GuestHost, options?: GuestBehaviour['options']) => AnyGuest;

type AnyGuest = MachineGuest | LiveGuest;

/** The machine behind one VM. */
export class Machine implements Disposable {
  readonly #arm: Arm;
  readonly #id: string;
  readonly #open: OpenGuest;
  #guest: AnyGuest | undefined;
  #pending = new Map<string, () => void>();
  #log: string | undefined;
  readonly #console: SerialConsole;
  #started = true;
  /** Whether the VM did not run when it was first looked at: its guest's past is not known then. */
  readonly #wasOff: boolean;
  /** What its disk was made of, and what becomes of that. */
  #content: Content | undefined;
  /** A first boot that nobody has looked at yet, and whether anything is known of the image. */
  #first: { readonly setup: Setup; readonly isKnown: boolean } | undefined;
  #provisioned: Provisioned | undefined;
  /** Whether a Run Command is under way; a second one is refused then. */
  runCommand = false;

  constructor(arm: Arm, id: string, open: OpenGuest) {
    this.#arm = arm;
    this.#id = id;
    this.#open = open;
    this.#console = new SerialConsole(() => arm.now());
    const vm = this.#vm();
    this.#wasOff = vm !== undefined && powerOf(vm) !== 'running';
  }

  /** The guest, opened when it is first needed: opening one lays out a root file system. */
  get guest(): AnyGuest {
    if (this.#guest !== undefined) return this.#guest;
    const host: GuestHost = {
      after: (seconds, effect) => this.#arm.timeline.after(seconds, effect),
      now: () => this.#arm.now(),
      powerOff: () => this.#powerOffAfter(SHUTDOWN_SECONDS),
      restart: () => this.#later('reboot', REBOOT_SECONDS, () => this.#reboot()),
      agentStops: () => {
        const vm = this.#vm();
        if (vm !== undefined) setAgentUnavailable(vm, this.#arm.now());
      },
    };
    const { image, behaviour: { options } = {} } = this.#content ?? {};
    const first = this.#first;
    const isBlank = first !== undefined && !first.isKnown;
    const copy = isBlank ? undefined : image?.open(host);
    this.#guest = copy ?? this.#open(host, { ...options, ...(isBlank && { generalized: true }) });
    this.#first = undefined;
    if (first !== undefined) this.#provisioned = this.#guest.provision?.(first.setup);
    else if (copy !== undefined) copy.restart();
    return this.#guest;
  }

  get #behaviour(): GuestBehaviour {
    return this.#content?.behaviour ?? {};
  }

  /** What the guest's disk holds; undefined where its past is not known. */
  image(): GuestImage | undefined {
    if (this.#guest !== undefined) return this.#guest.image?.();
    if (this.#content !== undefined) return this.#content.image;
    return this.#wasOff ? undefined : { open: (host) => this.#open(host) };
  }

  /** Another disk has taken the place of the OS disk, while the machine is off. */
  swap(content: Content): void {
    this.#guest?.[Symbol.dispose]();
    this.#guest = undefined;
    this.#content = content;
  }

  /**
   * The VM is new, and its disk holds this. Tells when the guest will have told the platform that it is
   * provisioned, in seconds from its start; never, when it is undefined.
   */
  firstBoot(content: Content, setup: Setup): number | undefined {
    this.#content = content;
    const { boots, generalized } = content.behaviour;
    if (boots === false) return undefined;
    const isKnown = generalized === false || (content.image !== undefined && generalized !== true);
    this.#first = { setup, isKnown };
    // A guest that was generalized is opened when somebody looks.
    if (isKnown) void this.guest;
    return (this.#provisioned?.reported ?? true) ? this.bootSeconds : undefined;
  }

  /** Seconds that a first boot takes. */
  get bootSeconds(): number {
    const os = textAt(this.#vm(), 'properties', 'storageProfile', 'osDisk', 'osType');
    const usual = os === 'Windows' ? WINDOWS_BOOT_SECONDS : BOOT_SECONDS;
    return this.#behaviour.bootSeconds ?? usual;
  }

  /** Whether an agent runs in the guest and reports. */
  get hasAgent(): boolean {
    const { boots, agent } = this.#behaviour;
    return boots !== false && agent !== 'never' && (this.#provisioned?.agentRuns ?? true);
  }

  /** The VM is new, and its disk is one that held a guest before. */
  attach(content: Content): void {
    this.#content = content;
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
    const said = this.#behaviour.scripts?.find(({ contains = '' }) => script.includes(contains));
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
    const { agentKilled, rebooted, hangs } = outcome;
    if (rebooted !== undefined)
      this.#later('reboot', outcome.seconds + REBOOT_SECONDS, () => this.#reboot());
    // What a script printed that had ended in time is reported when the agent runs again: invented.
    const late = rebooted === undefined ? 0 : REBOOT_SECONDS + AGENT_SECONDS;
    const seconds = hangs === true ? Number.POSITIVE_INFINITY : outcome.seconds + late;
    const end = this.#arm.now() + seconds * 1000;
    let stopped = false;
    const isLost = () => !stopped && (agentKilled || rebooted === 'killed');
    const ended = () => stopped || (this.#arm.now() >= end && !isLost());
    const shown = () => (stopped ? { ...outcome, exitCode: -1 } : outcome);
    return {
      seconds,
      outcome: () => (ended() ? shown() : undefined),
      printed: () => (ended() ? outcome : { stdout: '', stderr: '' }),
      isLost,
      stop: () => {
        stopped = !agentKilled;
      },
    };
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
    this.#log = this.#behaviour.boots === false ? (this.#behaviour.console ?? PANIC) : undefined;
    if (this.#guest !== undefined || this.#log !== undefined) this.#note();
    this.agentStarts(seconds);
  }

  /** The first time: the console shows what it shows, and the agent reports some time after `seconds`. */
  powerOnFirst(seconds: number): void {
    const { agentSeconds = FIRST_AGENT_SECONDS } = this.#behaviour;
    this.powerOn(seconds + agentSeconds);
    if (this.#behaviour.boots === false) return;
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
    if (!this.hasAgent) return;
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
