/** What the tests of the action's deprovision script share: it runs for real in emulated guests. */
import { afterEach, expect } from 'vitest';
import { type Guest, type GuestOptions, openGuest } from '../../local-azure/src/guest/guest.ts';
import { scheduleLinux } from '../../src/run/guest/linux.ts';
import { readAnswer, readMarks } from '../../src/run/guest/marks.ts';

/** The nonce and the unit of every deprovision in these tests. */
export const nonce = 'f00d-0001';
export const unit = 'azure-golden-image-deprovision';

let opened: Guest | undefined;
afterEach(() => opened?.[Symbol.dispose]());

/** Opens a guest that the end of the test disposes of. */
export function open(options: GuestOptions): Guest {
  opened = openGuest(options);
  return opened;
}

/** Runs the scheduling script in the guest. */
export const schedule = (guest: Guest, order: { nonce?: string; script?: string } = {}) =>
  guest.run(scheduleLinux({ nonce, ...order }));

/** Schedules, lets the timer elapse, reads the console. */
export function deprovision(options: GuestOptions, script?: string) {
  const guest = open(options);
  const said = schedule(guest, script === undefined ? {} : { script });
  expect(said).toMatchObject({ stderr: '', agentKilled: false });
  expect(readAnswer(said.message)).toEqual({ outcome: 'scheduled' });
  const ended = guest.runScheduled(unit);
  return { ...ended, guest, read: readMarks(guest.console(), nonce) };
}

/** Schedules in a guest that is to refuse: which checks failed, and after how many seconds. */
export function refusals(options: GuestOptions) {
  const guest = open(options);
  const said = schedule(guest);
  const read = readAnswer(said.message);
  expect(said).toMatchObject({ exitCode: 1, scheduled: [], stderr: '' });
  if (read.outcome !== 'refused') throw new Error(`It was ${read.outcome}`);
  for (const { message, remedy } of read.findings) {
    expect(message).toMatch(/^([A-Z]|cloud-init |systemd ).+\.$/);
    expect(remedy).toMatch(/^[A-Z].+\.$/);
  }
  return { checks: read.findings.map(({ check }) => check), seconds: said.seconds, guest };
}

/** The files of the guest that are the action's. */
export const ours = (guest: Guest) =>
  guest.files().filter((path) => /golden|user-script/.test(path));
