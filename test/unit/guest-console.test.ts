import { describe, expect, it } from 'vitest';
import { isNewer, readMarks } from '../../src/run/guest/marks.ts';

const nonce = '0a1b2c3d-4e5f';
const BOOT = '[    0.000000] Linux version 6.8.0-azure (buildd@lcy02)';
const mark = (said: string, boot = 'c9a5ec42', count = 1) =>
  `azure-golden-image[${nonce}] ${said} boot=${boot} count=${count}`;
const heard = (...lines: string[]) => readMarks(lines.join('\r\n'), nonce);

describe('readMarks', () => {
  it('tells a guest that said hello from one that has the order', () => {
    expect(heard('login:')).toMatchObject({ marks: 0, begun: false, outcome: 'pending' });
    expect(heard(mark('hello'))).toMatchObject({ marks: 1, begun: false });
    expect(heard(mark('hello'), mark('scheduled'))).toMatchObject({ marks: 2, begun: true });
  });

  it('forgets an earlier attempt with a new hello', () => {
    const { outcome, phase, marks } = heard(mark('failed phase=waagent exit=1'), mark('hello'));
    expect({ outcome, phase, marks }).toEqual({ outcome: 'pending', phase: undefined, marks: 2 });
  });

  it('reads the moment of the last mark, and which is newer', () => {
    const first = heard(mark('complete', 'c9a5ec42', 500)).moment;
    const later = heard(mark('complete', 'c9a5ec42', 500), mark('complete', 'c9a5ec42', 1000));
    const other = heard(mark('complete', 'ffffffff', 1000)).moment;
    expect([isNewer(later.moment, first), isNewer(other, first)]).toEqual([true, false]);
  });

  it.each([
    [[mark('started'), BOOT], true],
    [[mark('complete'), BOOT], true],
    [[BOOT, mark('complete')], false],
    [[BOOT], false],
  ] as [string[], boolean][])('knows of a boot after the last mark: %j', (lines, restarted) => {
    expect(heard(...lines).restarted).toBe(restarted);
  });

  it('names a shutdown as the cause, and what was refused', () => {
    expect(heard(mark('failed phase=stop-agent exit=75 cause=shutdown'))).toMatchObject({
      outcome: 'failed',
      exitCode: 75,
      shutDown: true,
    });
    expect(
      heard(`azure-golden-image[${nonce}] refused disk-full | Full. | Free it.`),
    ).toMatchObject({
      outcome: 'refused',
      findings: [{ check: 'disk-full', message: 'Full.', remedy: 'Free it.' }],
    });
  });

  it('counts a mark of a guest that tells no moment', () => {
    expect(heard(`azure-golden-image[${nonce}] complete`)).toMatchObject({
      outcome: 'complete',
      marks: 1,
    });
  });

  it('gives the words of the guest without what acts on a terminal', () => {
    const log = `\u001b[31m${mark('log: ')}\u001b]8;;x\u001b\\a\u001b(B\u009b\u0090b\u0007`;
    expect(heard(log.replace(' boot=c9a5ec42 count=1', '')).log).toEqual(['ab']);
  });

  it.each([
    ['300,000 lines', `${mark('log: x')}\n`.repeat(300_000)],
    ['300,000 phases', `${mark('phase: x')}\n`.repeat(300_000)],
    ['160 KB of escapes', '\u001b['.repeat(80_000)],
    ['an escape without end', `\u001b]${'0'.repeat(160_000)}`],
    ['a megabyte in one line', 'x'.repeat(2 ** 20)],
  ])('gets through %s', (_, text) => {
    expect(readMarks(`${text}\n${mark('complete')}`, nonce).outcome).toBe('complete');
  });
});
