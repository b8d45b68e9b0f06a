/**
 * Emulated Windows guests of the local Azure. PowerShell runs for real as far as it is known here
 * (`../powershell/`), against stand-ins that check their arguments: services, registry, files, Task
 * Scheduler, Sysprep. Processes run beside each other in emulated time, so that a command can be heard
 * while a task is at work. Nothing writes on the serial port but the boot: on Azure's Windows Server it
 * belongs to the Special Administration Console (image-builder#875, cloudbase-init#94).
 */
import { runScript } from '../powershell/interpreter.ts';
import { textOf } from '../powershell/values.ts';
import type { GuestHost, LiveGuest } from '../vm/machine.ts';
import { hostOf } from './commands.ts';
import { type Process, Processes } from './processes.ts';
import { sysprep } from './sysprep.ts';
import { System, type WindowsOptions } from './system.ts';

export type { WindowsOptions } from './system.ts';

const BOOT = 'UEFI firmware (version Microsoft Hyper-V)\r\n<EVENT: OS ready>\r\n';

/** A Windows guest, with what a test may look at. */
export interface WindowsGuest extends LiveGuest {
  readonly system: System;
}

export function openWindows(options: WindowsOptions, host: GuestHost): WindowsGuest {
  const system = new System(options);
  const processes = new Processes(host.after);
  let started = host.now();
  let console = BOOT;

  const powershell = (path: string, script: string, args: readonly string[], parent?: Process) =>
    processes.start((self) => {
      const around = {
        system,
        self,
        now: host.now,
        uptime: () => (host.now() - started) / 1000,
        launch,
        alive: (id: number) => processes.alive(id),
      };
      return runScript(
        script,
        withArguments(hostOf(around, path), args),
        (value) => {
          self.stdout += `${textOf(value)}\n`;
        },
        (text) => {
          self.stderr += `${text}\n`;
        },
      );
    }, parent);

  const launch = (file: string, args: readonly string[], parent?: Process): Process => {
    const name = file.toLowerCase().split('\\').at(-1) ?? '';
    if (/^sysprep(\.exe)?$/.test(name)) {
      const power = { off: host.powerOff, restart: () => restart() };
      return processes.start(() => sysprep(args, system, power), parent);
    }
    system.programs.push([file, ...args].join(' '));
    const at = args.findIndex((each) => /^-file$/i.test(each));
    const path = args[at + 1] ?? '';
    const script = system.files.get(path.toLowerCase());
    if (name === 'powershell.exe' && at >= 0 && script !== undefined)
      return powershell(path, script, args.slice(at + 2), parent);
    return processes.start(function* (self) {
      self.stderr += `Not modelled: ${file} ${args.join(' ')}\n`;
      yield 0;
      return 1;
    }, parent);
  };

  const restart = (): void => {
    processes.killAll();
    system.restart();
    started = host.now();
    console += BOOT;
  };

  return {
    system,
    start: (script, args) => powershell('C:\\Packages\\Plugins\\script.ps1', script, args),
    console: () => console,
    restart,
    powerLost: () => processes.killAll(),
    [Symbol.dispose]: () => processes.killAll(),
  };
}

/** A run command's parameters are the script's `$args`. */
const withArguments = (host: ReturnType<typeof hostOf>, args: readonly string[]) => ({
  ...host,
  variables: { ...host.variables, args: [...args] },
});
