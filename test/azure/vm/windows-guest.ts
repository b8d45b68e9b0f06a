/**
 * A stand-in for a Windows guest. No PowerShell is run: all that is modelled is Sysprep, as in
 * Microsoft's own asynchronous pattern (azure.md §3). Its outputs are invented.
 */
import type { MachineGuest, RunOutcome, UnitOutcome } from './machine.ts';

/** How long Sysprep takes here before it shuts down: invented ("minutes", azure.md §11). */
const SYSPREP_SECONDS = 150;

/** A guest that knows Sysprep and nothing else. */
export function windowsGuest(): MachineGuest {
  const boot = 'UEFI firmware (version Microsoft Hyper-V)\r\n<EVENT: OS ready>\r\n';
  let log = boot;
  let due: { unit: string; afterSeconds: number; mark: string | undefined } | undefined;
  return {
    run: (script): RunOutcome => {
      if (
        /sysprep/i.test(script) &&
        /\/shutdown|Stop-Computer|shutdown(\.exe)?\s+\/s/i.test(script)
      ) {
        due = { unit: 'sysprep', afterSeconds: delayIn(script), mark: markIn(script) };
      }
      const sections = { stdout: '', stderr: '' };
      return { ...sections, exitCode: 0, seconds: 0, agentKilled: false, poweredOff: false };
    },
    runScheduled: (): UnitOutcome => {
      const mark = due?.mark;
      due = undefined;
      if (mark !== undefined) log += `${mark}\r\n`;
      return { seconds: SYSPREP_SECONDS, poweredOff: true, agentRunning: false };
    },
    scheduled: () => (due === undefined ? [] : [due]),
    console: () => log,
    restart: () => {
      due = undefined;
      log += boot;
    },
    [Symbol.dispose]: () => {},
  };
}

/** The first delay a script names, in seconds; invented: 30 when there is none. */
function delayIn(script: string): number {
  const found = /(?:Start-Sleep(?:\s+-Seconds)?\s+|AddSeconds\(\s*|-Seconds\s+)(\d+)/i.exec(script);
  return found === null ? 30 : Number(found[1]);
}

/** The text that a script writes to COM1, the serial port that boot diagnostics records. */
function markIn(script: string): string | undefined {
  if (!/COM1/i.test(script)) return undefined;
  return /(?:WriteLine|Write|echo)\s*\(?\s*['"]?([^'"\r\n>)]+)/i.exec(script)?.[1]?.trim();
}
