/** The commands and classes of PowerShell that act on a guest, as far as deprovisioning needs them. */
import type { Command, Host } from '../powershell/host.ts';
import {
  isTrue,
  listOf,
  PowerShellError,
  ScriptBlock,
  textOf,
  type Value,
} from '../powershell/values.ts';
import type { Process } from './processes.ts';
import { dateAt, directly, executablesOf, programsOf } from './programs.ts';
import { ENVIRONMENT, type System } from './system.ts';

/** What starting programs and telling the time need beside the system. */
export interface Surroundings {
  readonly system: System;
  readonly self: Process;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seconds since the machine was started, or looked at first. */
  readonly uptime: () => number;
  /** Milliseconds since the epoch. */
  readonly booted: () => number;
  readonly launch: (file: string, args: readonly string[], parent?: Process) => Process;
  readonly alive: (id: number) => Process | undefined;
  /** The guest shuts the machine down. */
  readonly powerOff: () => void;
  /** The guest restarts the machine, some seconds from now. */
  readonly restart: () => void;
}

/** The host of one PowerShell process. */
export function hostOf(around: Surroundings, scriptPath: string): Host {
  const executables = executablesOf(around);
  const commands = { ...GENERAL, ...filesOf(around), ...systemOf(around), ...programsOf(around) };
  return {
    command: (name) =>
      commands[name] ??
      executables[name.replace(/^.*\\/, '')] ??
      (/sysprep(\.exe)?$/.test(name) ? directly(around, name) : undefined),
    staticMember: (type, member) => statics(around)[`${type}::${member}`],
    variables: { pid: around.self.id, pscommandpath: scriptPath, lastexitcode: 0 },
    environment: ENVIRONMENT,
  };
}

/** Commands by lower-case name. */
export type Commands = Readonly<Record<string, Command>>;

const GENERAL: Commands = {
  'write-output': ({ args, input, out }) => {
    for (const value of [...input, ...args].flatMap(listOf)) out(value);
  },
  'write-host': ({ args, out }) => out(args.map(textOf).join(' ')),
  'start-sleep': function* ({ args, named }) {
    yield Number(named.get('seconds') ?? named.get('s') ?? args[0] ?? 0);
  },
  'where-object': function* ({ args, input, out, invoke }) {
    const [block] = args;
    if (!(block instanceof ScriptBlock)) throw new PowerShellError('Where-Object needs a block.');
    for (const item of input) if (isTrue(yield* invoke(block, item))) out(item);
  },
  'select-object': ({ named, input, out }) => {
    const last = named.get('last');
    for (const value of last === undefined ? input : input.slice(-Number(last))) out(value);
  },
};

function filesOf({ system }: Surroundings): Commands {
  const path = (call: Parameters<Command>[0]) =>
    textOf(call.named.get('literalpath') ?? call.named.get('path') ?? call.args[0]);
  return {
    'test-path': (call) => call.out(system.exists(path(call))),
    'new-item': (call) => {
      system.closed.delete(path(call).toLowerCase());
      system.files.set(`${path(call).toLowerCase()}\\`, '');
      call.out({ FullName: path(call) });
    },
    'remove-item': (call) => {
      if (!system.exists(path(call)))
        throw new PowerShellError(`Cannot find path '${path(call)}' because it does not exist.`);
      system.remove(path(call));
    },
    'get-content': (call) => {
      const text = system.files.get(path(call).toLowerCase());
      if (text === undefined) throw new PowerShellError(`Cannot find path '${path(call)}'.`);
      for (const line of text.split('\n')) call.out(line);
    },
    'get-itemproperty': (call) => {
      const name = textOf(call.named.get('name'));
      if (!system.exists(path(call)))
        throw new PowerShellError(`Cannot find path '${path(call)}'.`);
      const value = system.key(path(call)).get(name.toLowerCase());
      if (value === undefined) throw new PowerShellError(`Property ${name} does not exist.`);
      call.out({ [name]: value });
    },
    'get-item': (call) => {
      if (!system.exists(path(call)))
        throw new PowerShellError(`Cannot find path '${path(call)}'.`);
      const values = system.key(path(call));
      call.out({
        Property: [...values.keys()],
        GetValue: (name: string) => values.get(name) ?? null,
      });
    },
    'remove-itemproperty': (call) => {
      const name = textOf(call.named.get('name')).toLowerCase();
      if (!system.exists(path(call)) || !system.key(path(call)).delete(name))
        throw new PowerShellError(`Property ${name} does not exist.`);
    },
    'get-childitem': (call) => {
      if (!call.named.has('path')) throw new PowerShellError('A literal path has no wildcards.');
      for (const found of system.matching(path(call)))
        call.out({ FullName: found, Name: found.split('\\').at(-1) });
    },
    'set-itemproperty': (call) => {
      const { named, args } = call;
      const name = textOf(named.get('name') ?? args[1]).toLowerCase();
      system.key(path(call)).set(name, named.get('value') ?? args[2]);
    },
  };
}

function systemOf({ system, uptime, booted, alive, restart }: Surroundings): Commands {
  const { options } = system;
  return {
    'restart-computer': restart,
    'get-service': ({ named, args, out }) => {
      const name = textOf(named.get('name') ?? args[0]);
      if (!/^(rdagent|windowsazureguestagent)$/i.test(name))
        throw new PowerShellError(`Cannot find any service with service name '${name}'.`);
      const runs = uptime() >= (options.agentBusySeconds ?? 0);
      out({ Name: name, Status: runs ? 'Running' : 'Stopped' });
    },
    'get-ciminstance': ({ named, out }) => {
      const name = textOf(named.get('classname'));
      if (/^win32_encryptablevolume$/i.test(name))
        out({ DriveLetter: 'C:', ConversionStatus: options.bitLocker ?? 0 });
      else if (/^softwarelicensingservice$/i.test(name))
        out({ RemainingWindowsReArmCount: options.rearmsLeft ?? 1000 });
      else if (/^win32_operatingsystem$/i.test(name)) out({ LastBootUpTime: dateAt(booted()) });
      else throw new PowerShellError(`Invalid class ${name}`);
    },
    'get-command': ({ named, out }) => out({ Name: textOf(named.get('name')) }),
    'get-appxpackage': ({ out }) => {
      if (options.packagesUnknown) throw new PowerShellError('The service cannot be started.');
      for (const each of packagesOf(options.userPackages ?? [])) out(each);
    },
    'get-appxprovisionedpackage': ({ named, out }) => {
      if (!named.has('online')) throw new PowerShellError('Parameter set cannot be resolved.');
      out({ DisplayName: 'Microsoft.WindowsCalculator' });
    },
    'get-process': ({ named, out }) => {
      const found = alive(Number(named.get('id')));
      if (!found)
        throw new PowerShellError(`Cannot find a process with the ID ${named.get('id')}.`);
      out({ Id: found.id });
    },
    'stop-process': ({ named }) => alive(Number(named.get('id')))?.end(),
  };
}

/** A provisioned one, a framework, one of Windows' own, and those of users alone. */
function packagesOf(userOnly: readonly string[]) {
  const one = (Name: string, more: object) => ({
    Name,
    PackageFullName: `${Name}_1.0.0.0_x64__8wekyb3d8bbwe`,
    IsFramework: false,
    IsResourcePackage: false,
    NonRemovable: false,
    SignatureKind: 'Store',
    PackageUserInformation: [{ UserSecurityId: 'S-1-5-21-1-500', InstallState: 'Installed' }],
    ...more,
  });
  return [
    one('Microsoft.WindowsCalculator', {}),
    one('Microsoft.VCLibs.140.00', { IsFramework: true }),
    one('Microsoft.AAD.BrokerPlugin', { SignatureKind: 'System' }),
    one('Microsoft.Staged', { PackageUserInformation: [{ InstallState: 'Staged' }] }),
    ...userOnly.map((name) => one(name, {})),
  ];
}

function statics({ system }: Surroundings): Readonly<Record<string, Value>> {
  return {
    'environment::is64bitprocess': true,
    'microsoft.win32.registrykeypermissioncheck::readwritesubtree': 'ReadWriteSubTree',
    'microsoft.win32.registryoptions::volatile': 'Volatile',
    'microsoft.win32.registrykey::openbasekey': (hive: Value, view: Value) => {
      if (hive !== 'LocalMachine' || view !== 'Registry64')
        throw new PowerShellError('No such hive.');
      return {
        CreateSubKey: (path: string, _check: Value, options: Value) =>
          keyObject(system.key(`HKLM:\\${path}`, options === 'Volatile')),
      };
    },
    'convert::frombase64string': (text: string) => Buffer.from(text, 'base64').toString('utf8'),
    'io.file::writeallbytes': (path: string, text: string) => {
      const folder = path.toLowerCase().replace(/\\[^\\]*$/, '');
      if (!system.closed.has(folder)) system.openWrites.push(path);
      system.files.set(path.toLowerCase(), text);
    },
  };
}

const keyObject = (values: Map<string, unknown>) => ({
  GetValue: (name: string, otherwise: Value) => values.get(name.toLowerCase()) ?? otherwise,
  SetValue: (name: string, value: Value) => void values.set(name.toLowerCase(), value),
});
