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
  /** Every program that was started, as one line each. */
  readonly programs: string[] = [];
  readonly #keys = new Map<string, Key>();

  constructor(options: WindowsOptions) {
    this.options = options;
    this.key(SETUP_STATE).set('imagestate', options.imageState ?? 'IMAGE_STATE_COMPLETE');
    this.key(CDROM).set('start', 4);
    this.key(SESSION);
    if (options.rebootPending === 'component servicing') this.key(SERVICING);
    if (options.rebootPending === 'Windows Update') this.key(UPDATE);
    if (options.rebootPending === 'file renames')
      this.key(SESSION).set('pendingfilerenameoperations', [
        '\\??\\C:\\Windows\\Temp\\old.dll',
        '',
      ]);
    for (const [path, text] of Object.entries(FILES)) this.files.set(path.toLowerCase(), text);
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

const FILES = {
  'C:\\Windows\\Panther\\setupact.log': 'Info  [0x000000] SETUP of an earlier day\n',
  'C:\\Windows\\Panther\\unattend.xml': '<unattend/>',
  'C:\\Windows\\System32\\Sysprep\\Sysprep.exe': 'MZ',
  'C:\\Windows\\System32\\Sysprep\\unattend.xml': '<unattend/>',
};
