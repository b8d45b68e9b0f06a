/** What a machine asks of the guest operating system behind it, and what a guest asks of its machine. */
import type { Provisioned, Setup } from '../guest/first-boot.ts';

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
  /** It restarts the guest: `survived`, when it had ended before the guest went down. */
  readonly rebooted?: 'survived' | 'killed' | undefined;
  /** It has no end. */
  readonly hangs?: boolean;
}

/** How a detached job of the guest ended. */
export interface UnitOutcome {
  readonly seconds: number;
  readonly poweredOff: boolean;
  readonly agentRunning: boolean;
  /** The serial log as it stood at times of the job's run. */
  readonly consoleAt?: readonly { readonly afterSeconds: number; readonly text: string }[];
}

/** What a disk holds of a guest at a moment. */
export interface GuestImage {
  /** A guest of its own on a copy of it, that has not booted yet. */
  open(host: GuestHost): MachineGuest | LiveGuest;
}

/** What every guest may know about images; one that does not is taken to have been generalized. */
interface Imaged {
  /** What its disk holds now. */
  image?(): GuestImage;
  /** The first boot of its disk in another VM. */
  provision?(setup: Setup): Provisioned;
}

/** A guest operating system; `guest/guest.ts` is the Linux one, which runs scripts for real. */
export interface MachineGuest extends Disposable, Imaged {
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
  /** The guest restarts the machine. */
  readonly restart: () => void;
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
export interface LiveGuest extends Disposable, Imaged {
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
