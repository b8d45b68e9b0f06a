/** What a Windows guest is made of, as far as a deprovision touches it: invented but where said. */

/** How a guest differs from a build VM that is ready to be sysprepped. */
export interface WindowsOptions {
  /** Seconds until the agent's services run; never, when it is Infinity. */
  readonly agentBusySeconds?: number;
  readonly rebootPending?: 'component servicing' | 'Windows Update' | 'file renames';
  /** ConversionStatus of C: (Win32_EncryptableVolume): 0 decrypted, 1 encrypted, 3 decrypting. */
  readonly bitLocker?: number;
  /** Names of store packages installed for a user, but not provisioned. */
  readonly userPackages?: readonly string[];
  readonly rearmsLeft?: number;
  readonly imageState?: string;
  /** How Sysprep ends: well; IMAGE_STATE_UNDEPLOYABLE at its end; never. */
  readonly sysprep?: 'good' | 'undeployable' | 'hangs';
  /**
   * Seconds from Sysprep's own end until ImageState has its final value: SetupHost still works then,
   * whatever Sysprep's exit code (Azure/AgentBaker e2e/test_helpers.go).
   */
  readonly lateImageState?: number;
  readonly sysprepExitCode?: number;
  /**
   * The Sysprep provider that the Azure agent registers: there; without its DLL, so that Sysprep ends
   * undeployable after 14 minutes (Azure/AgentBaker#8544, packer#9261); not registered.
   */
  readonly disabler?: 'registered' | 'without DLL' | 'absent';
  /** The agent stops reporting when Sysprep begins; this is what Azure then calls its commands. */
  readonly agentSilent?: 'Running' | 'Failed' | 'Canceled' | 'TimedOut';
  /** Whether a policy denies removable storage. */
  readonly removableStorageDenied?: boolean;
  /** Whether the store's packages cannot be listed. */
  readonly packagesUnknown?: boolean;
  /** Whether Task Scheduler takes tasks. */
  readonly taskScheduler?: boolean;
}

export const ENVIRONMENT = {
  systemroot: 'C:\\Windows',
  systemdrive: 'C:',
  temp: 'C:\\Windows\\Temp',
};

const SETUP_STATE = 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State';
const SERVICING =
  'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending';
const UPDATE =
  'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired';
const SESSION = 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Session Manager';
const REMOVABLE = 'HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows\\RemovableStorageDevices';
/** Where programs register what Sysprep is to run. */
export const PROVIDERS =
  'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\SysPrepExternal\\Generalize';
export const CDROM = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\cdrom';

interface Key {
  readonly values: Map<string, unknown>;
  readonly volatile: boolean;
}

/** Registry, files, tasks: what outlives a process, and in parts a restart. */
export class System {
  readonly options: WindowsOptions;
  /** Contents by path in small letters. */
  readonly files = new Map<string, string>();
  readonly tasks = new Map<string, Record<string, unknown>>();
  /** Folders that nobody but SYSTEM and administrators may write in, by path in small letters. */
  readonly closed = new Set<string>();
  /** Files that were written where other users may write too. */
  readonly openWrites: string[] = [];
  /** Every program that was started, as one line each. */
  readonly programs: string[] = [];
  readonly #keys = new Map<string, Key>();

  constructor(options: WindowsOptions, from?: System) {
    this.options = options;
    if (from !== undefined) {
      this.#takeOver(from);
      return;
    }
    this.key(SETUP_STATE).set('imagestate', options.imageState ?? 'IMAGE_STATE_COMPLETE');
    this.key(CDROM).set('start', 4);
    this.key(SESSION);
    this.key(PROVIDERS).set('{c7db53e8-a6ab-4b5a-8ab0-51ea19ea2b0b}', OTHER_PROVIDER);
    if (options.disabler !== 'absent') this.key(PROVIDERS).set(DISABLER_NAME, DISABLER);
    if (options.removableStorageDenied) this.key(REMOVABLE).set('deny_all', 1);
    if (options.rebootPending === 'component servicing') this.key(SERVICING);
    if (options.rebootPending === 'Windows Update') this.key(UPDATE);
    if (options.rebootPending === 'file renames')
      this.key(SESSION).set('pendingfilerenameoperations', [
        '\\??\\C:\\Windows\\Temp\\old.dll',
        '',
      ]);
    for (const [path, text] of Object.entries(FILES)) this.files.set(path.toLowerCase(), text);
  }

  /** What is on the disk of another: all but what a restart loses. */
  #takeOver(from: System): void {
    for (const [path, text] of from.files) this.files.set(path, text);
    for (const [name, task] of from.tasks) this.tasks.set(name, { ...task });
    for (const path of from.closed) this.closed.add(path);
    for (const [name, { values, volatile }] of from.#keys) {
      if (!volatile) this.#keys.set(name, { values: new Map(values), volatile });
    }
  }

  get imageState(): string {
    return String(this.key(SETUP_STATE).get('imagestate'));
  }

  set imageState(state: string) {
    this.key(SETUP_STATE).set('imagestate', state);
  }

  /** A registry key's values by name in small letters; made when it is missing. */
  key(path: string, volatile = false): Map<string, unknown> {
    const name = path.toLowerCase();
    const found = this.#keys.get(name) ?? { values: new Map(), volatile };
    this.#keys.set(name, found);
    return found.values;
  }

  /** Whether Sysprep would run the agent's provider. */
  get hasDisabler(): boolean {
    return this.key(PROVIDERS).has(DISABLER_NAME);
  }

  /** Paths that match, with * for a part of a name, as they are kept: in small letters. */
  matching(pattern: string): string[] {
    const parts = pattern
      .toLowerCase()
      .split('\\')
      .map((part) => part.split('*').map(escaped).join('[^\\\\]*'));
    const wanted = new RegExp(`^(${parts.join('\\\\')})(\\\\.*)?$`);
    return [...new Set([...this.files.keys()].flatMap((each) => wanted.exec(each)?.[1] ?? []))];
  }

  exists(path: string): boolean {
    const name = path.toLowerCase();
    if (this.#keys.has(name) || this.files.has(name)) return true;
    return [...this.files.keys()].some((each) => each.startsWith(`${name}\\`));
  }

  remove(path: string): void {
    const name = path.toLowerCase();
    for (const each of this.files.keys())
      if (each === name || each.startsWith(`${name}\\`)) this.files.delete(each);
  }

  /**
   * A restart: volatile keys are gone, and a generalized Windows is set up anew, as another machine
   * (Sysprep's documentation: the specialize pass runs at the next start).
   */
  restart(): void {
    for (const [name, { volatile }] of this.#keys) if (volatile) this.#keys.delete(name);
    if (this.imageState === 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE')
      this.imageState = 'IMAGE_STATE_COMPLETE';
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const DISABLER_NAME = '{d5a5c7ab-0000-4000-8000-0000000000a1}';
const DISABLER = 'C:\\Windows\\system32\\VMAgentDisabler.dll,SysprepProviderEntryPoint';
const OTHER_PROVIDER = 'C:\\Windows\\system32\\Contoso.dll,Generalize';

const PLUGINS = 'C:\\Packages\\Plugins';
const SCRIPT_EXTENSION = `${PLUGINS}\\Microsoft.Compute.CustomScriptExtension\\1.10.20`;
const COMMANDS = `${PLUGINS}\\Microsoft.CPlat.Core.RunCommandHandlerWindows\\2.0.17`;

/** Where the agent keeps a managed run command's settings, and reports its status from. */
export const commandFiles = (name: string): { settings: string; status: string } => ({
  settings: `${COMMANDS}\\RuntimeSettings\\${name}.0.settings`.toLowerCase(),
  status: `${COMMANDS}\\Status\\${name}.0.status`.toLowerCase(),
});

const FILES = {
  'C:\\AzureData\\CustomData.bin': 'of the build',
  [`${SCRIPT_EXTENSION}\\bin\\CustomScriptHandler.exe`]: 'MZ',
  [`${SCRIPT_EXTENSION}\\Status\\0.status`]: '[]',
  [`${SCRIPT_EXTENSION}\\RuntimeSettings\\0.settings`]: '{}',
  [`${SCRIPT_EXTENSION}\\Downloads\\0\\install.ps1`]: 'exit 0',
  [`${COMMANDS}\\bin\\run-command-handler.exe`]: 'MZ',
  [`${COMMANDS}\\Status\\of-the-build.0.status`]: '[]',
  'C:\\Windows\\Panther\\setupact.log': 'Info  [0x000000] SETUP of an earlier day\n',
  'C:\\Windows\\Panther\\unattend.xml': '<unattend/>',
  'C:\\Windows\\System32\\Sysprep\\Sysprep.exe': 'MZ',
  'C:\\Windows\\System32\\Sysprep\\unattend.xml': '<unattend/>',
};
