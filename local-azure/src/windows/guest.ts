/**
 * Emulated Windows guests of the local Azure. PowerShell runs for real as far as it is known here
 * (`../powershell/`), against stand-ins that check their arguments: services, registry, files, Task
 * Scheduler, Sysprep. Processes run beside each other in emulated time, so that a command can be heard
 * while a task is at work. Nothing writes on the serial port but the boot: on Azure's Windows Server it
 * belongs to the Special Administration Console (image-builder#875, cloudbase-init#94).
 */
import type { Provisioned } from '../guest/first-boot.ts';
import { runScript } from '../powershell/interpreter.ts';
import { textOf } from '../powershell/values.ts';
import type { GuestHost, LiveGuest } from '../vm/machine-guest.ts';
import { Agent } from './agent.ts';
import { hostOf } from './commands.ts';
import { type Process, Processes } from './processes.ts';
import { sysprep } from './sysprep.ts';
import { commandFiles, System, type WindowsOptions } from './system.ts';

export type { WindowsOptions } from './system.ts';

const BOOT = 'UEFI firmware (version Microsoft Hyper-V)\r\n<EVENT: OS ready>\r\n';

/** Invented. */
const EARLIER_MS = 3600 * 1000;

/** A Windows guest, with what a test may look at. */
export interface WindowsGuest extends LiveGuest {
  readonly system: System;
  /** Ends the processes that run a script of this name, from outside. */
  end(script: string): void;
}

export function openWindows(options: WindowsOptions, host: GuestHost, disk?: System): WindowsGuest {
  const system = new System(options, disk);
  const processes = new Processes(host.after);
  const agent = new Agent(options.agentSilent);
  const scripts = new Map<string, Process>();
  let started = host.now();
  // A guest is opened when it is first asked for: it has booted some time before.
  let booted = started - EARLIER_MS;
  let console = BOOT;

  const powershell = (path: string, script: string, args: readonly string[], parent?: Process) =>
    processes.start(function* (self) {
      const around = {
        system,
        self,
        now: host.now,
        uptime: () => (host.now() - started) / 1000,
        booted: () => booted,
        launch,
        alive: (id: number) => processes.alive(id),
        powerOff: host.powerOff,
        restart: host.restart,
      };
      const exitCode = yield* runScript(
        script,
        withArguments(hostOf(around, path), args),
        (value) => {
          self.stdout += `${textOf(value)}\n`;
          agent.look(self);
        },
        (text) => {
          self.stderr += `${text}\n`;
        },
      );
      agent.look(self, exitCode);
      return exitCode;
    }, parent);

  const launch = (file: string, args: readonly string[], parent?: Process): Process => {
    const name = file.toLowerCase().split('\\').at(-1) ?? '';
    if (/^sysprep(\.exe)?$/.test(name)) {
      const machine = {
        off: host.powerOff,
        restart: () => restart(),
        agentStops: () => {
          agent.stop();
          host.agentStops();
        },
        after: host.after,
      };
      return processes.start(() => sysprep(args, system, machine), parent);
    }
    system.programs.push([file, ...args].join(' '));
    const at = args.findIndex((each) => /^-file$/i.test(each));
    const path = args[at + 1] ?? '';
    const script = system.files.get(path.toLowerCase());
    if (name === 'powershell.exe' && at >= 0 && script !== undefined) {
      const process = powershell(path, script, args.slice(at + 2), parent);
      scripts.set(path.toLowerCase(), process);
      return process;
    }
    return processes.start(function* (self) {
      self.stderr += `Not modelled: ${file} ${args.join(' ')}\n`;
      yield 0;
      return 1;
    }, parent);
  };

  const restart = (): void => {
    processes.killAll();
    system.restart();
    agent.restart();
    started = host.now();
    booted = started;
    console += BOOT;
  };

  return {
    system,
    start: (script, args, name = 'unnamed') => {
      const { settings, status } = commandFiles(name);
      system.files.set(settings, script);
      system.files.set(status, '');
      const process = powershell('C:\\Packages\\Plugins\\script.ps1', script, args);
      return agent.report(process, () => system.files.has(status));
    },
    console: () => console,
    end: (name) => {
      for (const [path, process] of scripts) if (path.endsWith(`\\${name}`)) process.end();
    },
    restart,
    image: () => {
      const copy = new System(options, system);
      return { open: (other) => openWindows(options, other, copy) };
    },
    provision: ({ adminUsername }) => {
      const { imageState } = system;
      restart();
      return adminUsername === undefined
        ? { reported: true, agentRuns: true }
        : firstBoot(imageState, options);
    },
    powerLost: () => processes.killAll(),
    [Symbol.dispose]: () => processes.killAll(),
  };
}

/**
 * Setup runs once in a Windows that Sysprep has generalized, and reports at its end. One that was not
 * comes up as it was, with its agent, and nothing reports (azure-docs#38609, azure-pipelines-tasks#9549);
 * an undeployable one does not come up (packer#9261). A policy that denies removable storage stops Setup,
 * which cannot read what the platform tells it (generalize.md, 2026).
 */
function firstBoot(imageState: string, options: WindowsOptions): Provisioned {
  const isGeneralized = imageState === 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE';
  const reported = isGeneralized && options.removableStorageDenied !== true;
  return { reported, agentRuns: reported || imageState === 'IMAGE_STATE_COMPLETE' };
}

/** A run command's parameters are the script's `$args`. */
const withArguments = (host: ReturnType<typeof hostOf>, args: readonly string[]) => ({
  ...host,
  variables: { ...host.variables, args: [...args] },
});
