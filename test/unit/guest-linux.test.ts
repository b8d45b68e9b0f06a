import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { greetLinux, scheduleLinux } from '../../src/run/guest/linux.ts';
import { readAnswer, readMarks } from '../../src/run/guest/marks.ts';
import { SCRIPT_LIMIT_BYTES } from '../../src/run/guest/run-command.ts';
import { nastyText } from './texts.ts';

const nonce = '0a1b2c3d-4e5f';

describe('scheduleLinux', () => {
  test('stays modest in size', () => {
    expect(greetLinux(nonce).length).toBeLessThan(12 * 1024);
    expect(scheduleLinux({ nonce }).length).toBeLessThan(21 * 1024);
    const script = 'x'.repeat(12 * 1024);
    expect(scheduleLinux({ nonce, script }).length).toBeLessThan(40 * 1024);
  });

  test('fits with the longest script into what Run Command takes: 256 KiB of base64', () => {
    const script = 'é'.repeat(SCRIPT_LIMIT_BYTES / 2);
    const base64 = Buffer.from(scheduleLinux({ nonce, script })).toString('base64');
    expect(base64.length).toBeLessThan(256 * 1024);
    expect(() => scheduleLinux({ nonce, script: `${script}x` })).toThrow(RangeError);
  });

  test.each(['', 'abc', "a'; reboot #", 'a b c d', 'x'.repeat(65)])(
    'refuses the nonce %j',
    (bad) => {
      expect(() => scheduleLinux({ nonce: bad })).toThrow(RangeError);
      expect(() => greetLinux(bad)).toThrow(RangeError);
    },
  );

  test('never interpolates the script, whatever is in it', () => {
    const plain = scheduleLinux({ nonce, script: '' }).split('\n');
    fc.assert(
      fc.property(nastyText, (script) => {
        const added = scheduleLinux({ nonce, script })
          .split('\n')
          .filter((line) => !plain.includes(line));
        expect(added.join('')).toMatch(/^[A-Za-z0-9+/=]*$/);
      }),
    );
  });
});

describe('readAnswer', () => {
  const wrap = (stdout: string) => `Enable succeeded: \n[stdout]\n${stdout}\n[stderr]\n`;

  test.each(['scheduled', 'already-scheduled'] as const)('understands %s', (outcome) => {
    const line = `azure-golden-image: ${outcome} nonce=${nonce} after=15s\n`;
    expect(readAnswer(line)).toEqual({ outcome });
    expect(readAnswer(wrap(line.replace('\n', '\r\n')))).toEqual({ outcome });
  });

  test('gathers every finding', () => {
    const text = [
      'azure-golden-image: refused agent | No agent, why. | Install it.',
      'azure-golden-image: refused reboot-pending | A restart is pending (/run/reboot-required). | Restart.',
    ].join('\n');
    expect(readAnswer(wrap(text))).toEqual({
      outcome: 'refused',
      findings: [
        { check: 'agent', message: 'No agent, why.', remedy: 'Install it.' },
        {
          check: 'reboot-pending',
          message: 'A restart is pending (/run/reboot-required).',
          remedy: 'Restart.',
        },
      ],
    });
  });

  test.each([
    '',
    wrap(''),
    wrap('sh: 1: Syntax error\n'),
    'refused agent | cut head | Install it.',
  ])('calls %j unknown', (text) => expect(readAnswer(text)).toEqual({ outcome: 'unknown' }));
});

describe('readMarks', () => {
  const read = (text: string) => {
    const { outcome, phase, exitCode, log } = readMarks(text, nonce);
    return { outcome, phase, exitCode, log };
  };
  const say = (...said: string[]) =>
    said.map((each) => `azure-golden-image[${nonce}] ${each}`).join('\r\n');

  test('is pending before anything, and tells the phases while at work', () => {
    expect(read('')).toEqual({ outcome: 'pending', log: [] });
    expect(read(say('started', 'phase: stop-agent', 'phase: waagent'))).toEqual({
      outcome: 'pending',
      phase: 'waagent',
      log: ['== stop-agent', '== waagent'],
    });
  });

  test('is complete, with the log', () => {
    const text = say('started', 'phase: waagent', 'log: one', 'log: two', 'complete', 'complete');
    expect(read(text)).toEqual({ outcome: 'complete', log: ['one', 'two'] });
  });

  test('is failed, with phase and exit code', () => {
    const text = say(
      'started',
      'log: one',
      'failed phase=cloud-init exit=3',
      'failed phase=cloud-init exit=3',
    );
    const failed = { outcome: 'failed', phase: 'cloud-init', exitCode: 3, log: ['one'] };
    expect(read(text)).toEqual(failed);
    expect(readMarks(say('complete', 'failed phase=power-off exit=1'), nonce).outcome).toBe(
      'failed',
    );
  });

  test('listens to its own nonce only, and to the last attempt', () => {
    expect(readMarks(say('complete'), 'another-nonce').outcome).toBe('pending');
    const again = say('log: old', 'failed phase=waagent exit=70', 'started', 'phase: waagent');
    expect(read(again)).toEqual({
      outcome: 'pending',
      phase: 'waagent',
      log: ['== waagent'],
    });
  });

  test('takes no mark from within the log', () => {
    expect(readMarks(say(`log: ${say('complete')}`), nonce).outcome).toBe('pending');
  });

  test.each([
    ['a kernel line before it', `[   12.345678] hv_netvsc: up ${say('complete')}`],
    ['a kernel line after it', `${say('complete')}[   12.345678] systemd[1]: x`],
    [
      'a kernel line within the first copy',
      `${say('comp')}[   12.3] x\r\nlete\r\n${say('complete')}`,
    ],
    ['colours', `\u001b[0;32m  OK  \u001b[0m\u001b[1m${say('complete')}\u001b[0m`],
    ['a colour within it', say('complete').replace('golden', 'gol\u001b[0mden')],
    ['a cut head', `n-image[${nonce}] complete\r\n${say('complete')}`],
    ['bare carriage returns', `login: \r${say('complete')}\r\r`],
  ])('finds the mark beside %s', (_, text) => {
    expect(readMarks(text, nonce).outcome).toBe('complete');
  });
});
