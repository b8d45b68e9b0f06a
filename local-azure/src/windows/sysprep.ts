/**
 * A stand-in for Sysprep. Its ways are those of its documentation (command-line options) and of the
 * issues named below; how long it takes is invented ("minutes"), and so are its logs'
 * words but for their form (azure-docs#80346).
 */
import type { Running } from '../powershell/values.ts';
import type { System } from './system.ts';

/** Seconds that Sysprep waits for a provider whose DLL is missing (Azure/AgentBaker#8544). */
const PROVIDER_SECONDS = 14 * 60;
/** Seconds until a good Sysprep has ended. */
const GOOD_SECONDS = 150;
/** Seconds until a failing one has. */
const BAD_SECONDS = 40;

const LOGS = 'c:\\windows\\system32\\sysprep\\panther';
const KNOWN = /^\/(generalize|oobe|audit|quiet|quit|shutdown|reboot|mode:vm|unattend:.+)$/i;

/** What Sysprep does beside the system. */
interface Machine {
  /** Ends the machine's power. */
  readonly off: () => void;
  readonly restart: () => void;
  /** The agent stops reporting. */
  readonly agentStops: () => void;
  readonly after: (seconds: number, effect: () => void) => void;
}

/** Runs it; gives its exit code. */
export function* sysprep(
  args: readonly string[],
  system: System,
  machine: Machine,
): Running<number> {
  const { options } = system;
  const has = (flag: string) => args.some((each) => each.toLowerCase() === flag);
  const log = (name: string, text: string) => {
    system.files.set(`${LOGS}\\${name}`, `${system.files.get(`${LOGS}\\${name}`) ?? ''}${text}\n`);
  };
  system.programs.push(`Sysprep.exe ${args.join(' ')}`);
  log('setupact.log', 'Info  [0x0f004d] SYSPRP The time is now');
  if (args.some((each) => !KNOWN.test(each))) return 87;
  yield 5;
  if (options.agentSilent) machine.agentStops();
  if (options.sysprep === 'hangs') for (;;) yield 3600;
  system.imageState = 'IMAGE_STATE_UNDEPLOYABLE';
  if (system.hasDisabler && options.disabler === 'without DLL') yield PROVIDER_SECONDS;
  else if (system.hasDisabler && has('/generalize')) machine.agentStops();
  const obstacle = obstacleOf(system);
  if (obstacle !== undefined) {
    yield BAD_SECONDS;
    // Without /quiet it shows what went wrong, and nobody is there to see (WindowsVMAgent#21).
    while (!has('/quiet')) yield 3600;
    log('setuperr.log', `Error [0x0f0082] SYSPRP ${obstacle}`);
    log('setuperr.log', 'Error [0x0f00ae] SYSPRP WinMain:Hit failure while processing providers');
    log('setupact.log', `Error [0x0f0082] SYSPRP ${obstacle}`);
    return 1;
  }
  yield GOOD_SECONDS;
  const end = () => {
    system.imageState =
      has('/generalize') && has('/oobe')
        ? 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE'
        : 'IMAGE_STATE_COMPLETE';
  };
  if (options.lateImageState) machine.after(options.lateImageState, end);
  else end();
  log('setupact.log', 'Info  [0x0f0052] SYSPRP Shutting down SysPrep log');
  if (has('/shutdown')) machine.off();
  // What it does after its work unless told (Sysprep command-line options).
  else if (!has('/quit')) machine.restart();
  yield 1;
  return options.sysprepExitCode ?? 0;
}

/** What it stumbles over: the preconditions of generalize.md, and what `options` want. */
function obstacleOf(system: System): string | undefined {
  const { options } = system;
  if (system.hasDisabler && options.disabler === 'without DLL')
    return "LaunchDll:Could not load DLL 'C:\\Windows\\system32\\VMAgentDisabler.dll'[gle=0x0000007e]";
  if (options.sysprep === 'undeployable')
    return "LaunchDll:Failure occurred while executing 'DscCore.dll,SysPrep_Cleanup', error code 0x2";
  const [name] = options.userPackages ?? [];
  if (name) return `Package ${name} was installed for a user, but not provisioned for all users.`;
  if (options.bitLocker) return 'ValidateBitLockerState:BitLocker is on for the OS volume.';
  if (options.rearmsLeft === 0) return 'RunExternalDlls:The rearm count has been exceeded.';
  return undefined;
}
