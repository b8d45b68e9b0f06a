import FakeTimers from '@sinonjs/fake-timers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { haltOf, isHalted } from '../../../src/run/verify/console.ts';

describe('the end of a serial log', () => {
  it.each([
    ['[    2.4] Kernel panic - not syncing: VFS: Unable to mount root fs'],
    ['[    9.9] ---[ end Kernel panic - not syncing: Attempted to kill init! ]---'],
    ['grub rescue> '],
    ['(initramfs) '],
    ['You are in emergency mode. After logging in, type "journalctl -xb" to view'],
  ])('%j is one of a boot that has ended', (line) => {
    expect(isHalted(['Linux version 6.8', line])).toBe(true);
  });

  it.each([['ubuntu login:'], ['Reached target Rescue Mode is not wanted'], ['dracut-initqueue']])(
    '%j is not',
    (line) => expect(isHalted([line])).toBe(false),
  );
});

describe('a boot is called ended', () => {
  let clock: ReturnType<typeof FakeTimers.install>;
  beforeEach(() => {
    clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    clock.setTickMode({ mode: 'nextAsync' });
  });
  afterEach(() => clock.uninstall());

  const PANIC = 'Kernel panic - not syncing: Fatal exception\r\n';

  /** Seconds until it is called so, with one log for each look; the last one stays. */
  async function secondsWith(...logs: string[]): Promise<number | undefined> {
    const limit = new AbortController();
    setTimeout(() => limit.abort(new Error('over')), 600_000);
    let look = 0;
    const serialLog = async () => ({ text: logs[Math.min(look++, logs.length - 1)] ?? '' });
    const began = Date.now();
    const halted = haltOf({ serialLog }, '/vm', limit.signal, undefined);
    return halted.then(
      () => (Date.now() - began) / 1000,
      () => undefined,
    );
  }

  it('after a minute without a word', async () => {
    expect(await secondsWith(PANIC)).toBe(120);
  });

  it.each([
    ['a context', '\u001b]3008;start=f0df4c53;type=service\u001b\\grub rescue> '],
    ['a title and a character set', '\u001b]0;boot\u0007\u001b(B\u001b[mgrub rescue> '],
    ['8-bit controls', '\u0085\u0090grub rescue> '],
  ])('whatever it tells the terminal: %s', async (_, log) => {
    expect(await secondsWith(log)).toBe(120);
  });

  it('never while something follows: a kernel can restart after a panic', async () => {
    expect(await secondsWith(PANIC, `${PANIC}Linux version 6.8\r\n`.repeat(9), 'login:')).toBe(
      undefined,
    );
  });

  it('never where the log cannot be read', async () => {
    expect(await secondsWith('')).toBe(undefined);
  });
});
