import { describe, expect, it } from 'vitest';
import { earlierBy, formatSpan, parseSpan } from '../../../src/domain/span.ts';

describe('a span', () => {
  it.each([
    ['90d', '2026-08-24'],
    ['12w', '2026-08-30'],
    ['6mo', '2026-05-22'],
    ['1y', '2025-11-22'],
  ])('%s before 22 November 2026 is %s', (text, day) => {
    const span = parseSpan(text);
    if (!span) throw new Error(`${text} is no span`);
    const moment = new Date('2026-11-22T09:00:00Z');
    expect(earlierBy(span, moment).toISOString()).toBe(`${day}T09:00:00.000Z`);
    expect(formatSpan(span)).toBe(text);
  });

  it('ends with a month that is shorter', () => {
    const span = { amount: 6, unit: 'mo' } as const;
    const day = (moment: Date) => moment.toISOString().slice(0, 10);
    expect(day(earlierBy(span, new Date('2026-08-31')))).toBe('2026-02-28');
  });

  it.each(['90', 'd', '-1d', '1.5d', '90 days', '12345d', ''])('is not %j', (text) => {
    expect(parseSpan(text)).toBeUndefined();
  });
});
