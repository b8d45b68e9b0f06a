/** A Windows guest of the local Azure, on a clock of its own. */
import { manualClock, Timeline } from '../../local-azure/src/clock.ts';
import {
  openWindows,
  type WindowsGuest,
  type WindowsOptions,
} from '../../local-azure/src/windows/guest.ts';
import { readAnswer, readMarks } from '../../src/run/guest/marks.ts';
import { scheduleWindows } from '../../src/run/guest/windows.ts';

export const nonce = 'abcd-0001';
/** What outlives its parent, unless it is ended with it. */
export const CHILD = Buffer.from(
  "Start-Sleep -Seconds 1000\n[IO.File]::WriteAllBytes('C:\\late.txt', [Convert]::FromBase64String(''))",
).toString('base64');
export const FLAGS = '/generalize /oobe /mode:vm /quiet /quit';

export function open(options: WindowsOptions = {}) {
  const clock = manualClock(Date.UTC(2026, 10, 22));
  const timeline = new Timeline(clock);
  let off = false;
  const guest: WindowsGuest = openWindows(options, {
    after: (seconds, effect) => timeline.after(seconds, effect),
    now: () => timeline.now(),
    powerOff: () => {
      off = true;
      guest.powerLost();
    },
    restart: () => {},
    agentStops: () => {},
  });
  const pass = (seconds: number) => {
    clock.advance(seconds);
    timeline.settle();
  };
  const schedule = (more: { nonce?: string; script?: string; timeoutSeconds?: number } = {}) => {
    const order = { nonce, timeoutSeconds: 1800, sent: new Date(timeline.now()), ...more };
    return guest.start(scheduleWindows(order), [], `golden-image-${order.nonce}`);
  };
  const sysprepped = () => guest.system.programs.filter((each) => each.startsWith('Sysprep'));
  return { guest, pass, schedule, sysprepped, isOff: () => off };
}

export const said = (command: { stdout: string }) => readMarks(command.stdout, nonce);
export const checksOf = (command: { stdout: string }) => {
  const result = readAnswer(command.stdout);
  return result.outcome === 'refused' ? result.findings.map(({ check }) => check) : result.outcome;
};
