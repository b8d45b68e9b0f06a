/** The task of Task Scheduler that deprovisions the guest. */
export const TASK = 'azure-golden-image-deprovision';

/**
 * Where the guest keeps how far it has come, below HKLM: a volatile key lives in memory alone, so that
 * nothing of it reaches the image, and a restart, which undoes Sysprep's work, takes it away.
 */
const STATE_KEY = 'SOFTWARE\\azure-golden-image';

/**
 * Where the guest keeps what the task runs, in PowerShell; the task deletes it before Sysprep. Not
 * below Windows\Temp, in which every user may create files: the task runs as SYSTEM.
 */
export const GUEST_FOLDER = '"$env:SystemRoot\\azure-golden-image"';

/** The name of the managed run command of a deprovision. */
export const commandName = (nonce: string): string => `golden-image-${nonce}`;

/** Opens the state for writing, whatever the bitness of the process; made when it is missing. */
export const OPEN_STATE = `[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').CreateSubKey('${STATE_KEY}', [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree, [Microsoft.Win32.RegistryOptions]::Volatile)`;

/** PowerShell's `Get-ImageState`: what Windows Setup calls the state of this installation. */
export const IMAGE_STATE = `
function Get-ImageState {
  (Get-ItemProperty -LiteralPath 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State' -Name ImageState -ErrorAction SilentlyContinue).ImageState
}
`;

/** The state of an installation that Sysprep has generalized (Windows Setup Installation State). */
export const GENERALIZED = 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE';
