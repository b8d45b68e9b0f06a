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
import type { GuestImage } from '../vm/machine-guest.ts';
import { bootLog } from './console.ts';
import type { Provisioned, Setup } from './first-boot.ts';
import { type GuestOptions, layOutRoot } from './root.ts';
import {
  type Ended,
  handOver,
  isHarmless,
  linkHarmlessTools,
  runInNamespace,
  throwAway,
  throwAwayFolder,
} from './sandbox.ts';
import { ThrowAwayGuest } from './throw-away-guest.ts';

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
  /** It restarts the guest: `survived`, when it had ended before the guest went down. */
  readonly rebooted: 'survived' | 'killed' | undefined;
  /** It has no end, or prints without one. */
  readonly hangs: boolean;
  /** The script was not run, for want of namespaces. */
  readonly canned: boolean;
}

/** How a scheduled unit ended. */
export interface UnitResult extends Ended {
  readonly seconds: number;
  /** What the unit added to the serial console. */
  readonly consoleText: string;
  /** The serial console as it stood each time the unit slept, and when, in seconds of its run. */
  readonly consoleAt: readonly { readonly afterSeconds: number; readonly text: string }[];
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
  /** Whether what writes to the serial console from now on waits for ever. */
  consoleHangs(hangs: boolean): void;
  /** The machine was stopped and started: /run and /tmp are new, the agent runs, timers are gone. */
  restart(): void;
  /** What its disk holds now. */
  image(): GuestImage;
  /** The first boot of its disk in another VM. */
  provision(setup: Setup): Provisioned;
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

/**
 * Opens a guest. Its console already shows the end of a boot. Throws if it is to have namespaces that
 * this machine does not allow.
 */
export function openGuest(options: GuestOptions = {}): Guest {
  const isolation = options.isolation ?? (namespacesAvailable() ? 'namespace' : 'redirected');
  if (isolation === 'namespace' && !namespacesAvailable())
    throw new Error('This machine allows no namespaces');
  const root = throwAwayFolder();
  layOutRoot(root, options, isolation === 'redirected');
  if (isolation === 'redirected') linkHarmlessTools(root);
  const guest = new ThrowAwayGuest(root, options, isolation);
  guest.appendToConsole(bootLog());
  handOver(root);
  return guest;
}

/** Whether this machine lets an ordinary user have the namespaces; found out once, by trying. */
export function namespacesAvailable(): boolean {
  available ??= process.platform === 'linux' && isHarmless && tryNamespace();
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
    throwAway(root);
  }
}
