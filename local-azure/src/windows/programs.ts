/** The commands of PowerShell that start programs and tasks, and tell the time. */
import type { Command } from '../powershell/host.ts';
import { listOf, PowerShellError, textOf, type Value } from '../powershell/values.ts';
import type { Commands, Surroundings } from './commands.ts';
import type { Process } from './processes.ts';
import type { System } from './system.ts';

/** The commands, by lower-case name. */
export function programsOf({ system, now, launch, self }: Surroundings): Commands {
  const object: Command = ({ named, out }) => out(Object.fromEntries(named));
  return {
    'get-date': ({ out }) => out(dateAt(now())),
    'start-process': ({ named, args, out }) => {
      const file = textOf(named.get('filepath') ?? args[0]);
      const list = listOf(named.get('argumentlist') ?? args[1]).flatMap((each) =>
        textOf(each).split(' '),
      );
      const process = launch(file, list, self);
      const streams = {
        redirectstandardoutput: 'stdout',
        redirectstandarderror: 'stderr',
      } as const;
      for (const [parameter, stream] of Object.entries(streams)) {
        const path = named.get(parameter);
        if (path !== undefined) redirect(system, textOf(path), process, stream);
      }
      if (named.has('passthru')) out(processObject(process));
    },
    'new-scheduledtaskaction': object,
    'new-scheduledtaskprincipal': object,
    'new-scheduledtasksettingsset': object,
    'register-scheduledtask': ({ named, out }) => {
      if (system.options.taskScheduler === false)
        throw new PowerShellError('The task XML is malformed, or the service is not available.');
      system.tasks.set(textOf(named.get('taskname')), Object.fromEntries(named));
      out({ TaskName: named.get('taskname') });
    },
    'unregister-scheduledtask': ({ named }) => {
      // It asks unless told not to, and nobody is there to answer.
      if (named.get('confirm') !== false) throw new PowerShellError('Nobody can confirm.');
      if (!system.tasks.delete(textOf(named.get('taskname'))))
        throw new PowerShellError(`No task ${textOf(named.get('taskname'))} found.`);
    },
    'start-scheduledtask': ({ named }) => {
      const task = system.tasks.get(textOf(named.get('taskname')));
      if (!task) throw new PowerShellError('The system cannot find the file specified.');
      const { execute, argument } = task.action as Record<string, Value>;
      const who = textOf((task.principal as Record<string, Value> | undefined)?.userid);
      if (!/^(s-1-5-18|system|nt authority\\system)$/i.test(who))
        throw new PowerShellError('The task would not run as SYSTEM.');
      launch(textOf(execute), textOf(argument).split(' '));
    },
  };
}

/** Programs of Windows that end before a script goes on, by lower-case name. */
export function executablesOf({ system, alive, powerOff, restart }: Surroundings): Commands {
  return {
    'taskkill.exe': ({ args }) => {
      const [pid, id, ...more] = args.map(textOf);
      const flags = more.map((each) => each.toLowerCase());
      const process = /^\/pid$/i.test(pid ?? '') ? alive(Number(id)) : undefined;
      // Without /F it asks a window to close, and there is none.
      if (!process || !flags.includes('/f')) return;
      if (flags.includes('/t')) process.kill();
      else process.end();
    },
    'icacls.exe': ({ args }) => {
      const [path, ...flags] = args.map(textOf);
      const wanted = [
        '/inheritance:r',
        '/grant:r',
        '*S-1-5-18:(OI)(CI)F',
        '*S-1-5-32-544:(OI)(CI)F',
      ];
      if (path && flags.join(' ') === wanted.join(' ')) system.closed.add(path.toLowerCase());
    },
    'shutdown.exe': ({ args }) => {
      const flags = args.map((each) => textOf(each).toLowerCase());
      // Without /t it waits 30 seconds, without /f for programs that do not end.
      if (flags.join(' ') === '/s /f /t 0') powerOff();
      else if (flags[0] === '/r') restart();
      else throw new PowerShellError(`Not modelled: shutdown ${flags.join(' ')}`);
    },
  };
}

/** Sysprep called by its name: a script does not wait for a program with windows. */
export const directly =
  ({ launch, self }: Surroundings, name: string): Command =>
  ({ args }) => {
    launch(name, args.map(textOf), self);
  };

/** What the process prints is in the file whenever somebody looks. */
function redirect(system: System, path: string, process: Process, stream: 'stdout' | 'stderr') {
  const name = path.toLowerCase();
  const files = system.files;
  let written = process[stream];
  files.set(name, written);
  Object.defineProperty(process, stream, {
    get: () => written,
    set: (text: string) => {
      written = text;
      if (files.has(name)) files.set(name, text);
    },
  });
}

const processObject = (process: Process) => ({
  Id: process.id,
  Handle: process.id,
  get HasExited() {
    return process.exited;
  },
  get ExitCode() {
    return process.exitCode ?? null;
  },
});

/** A moment, with what is done to it here. */
export function dateAt(milliseconds: number): Date {
  const date = new Date(milliseconds);
  return Object.assign(date, {
    AddSeconds: (seconds: number) => dateAt(milliseconds + Number(seconds) * 1000),
    ToUniversalTime: () => ({ ToString: (format: string) => sortable(date, format) }),
  });
}

/** The format `s`: sortable, the same in every culture, without an offset. */
function sortable(date: Date, format: string): string {
  if (format !== 's') throw new PowerShellError(`Not modelled: the format ${format}`);
  return date.toISOString().slice(0, 19);
}
