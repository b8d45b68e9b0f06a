import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { BY_MEDIAN, BY_PROGRESS, backOff, patience, pause } from '../../../src/domain/polling.ts';
import { EXPECTED } from '../../../src/plan/durations.ts';

/** Seconds at which an operation is looked at, from its begin until the end of time. */
function looks(expected: number, until: number): number[] {
  const at: number[] = [];
  for (let now = 0; now <= until; now += pause(now, { expected })) at.push(now);
  return at;
}

/** Seconds between an operation's end and the look that sees it, on average over these ends. */
function lateness(expected: number, from: number, to: number): number {
  const at = looks(expected, to + 120);
  const ends = Array.from({ length: 200 }, (_, index) => from + ((to - from) * index) / 199);
  const late = ends.map((end) => (at.find((look) => look >= end) ?? Number.NaN) - end);
  return late.reduce((sum, each) => sum + each, 0) / late.length;
}

const expected = fc.double({ min: 0.5, max: 3600, noNaN: true });

describe('pause', () => {
  it.each(Object.entries(EXPECTED))(
    'an end near the expected one is noticed within two percent of it, or 2.5 s: %s',
    (_, seconds) => {
      const lost = lateness(seconds, seconds * 0.9, seconds * 1.1);
      expect(lost).toBeLessThanOrEqual(Math.max(2.5, seconds * 0.02));
    },
  );

  test('so is every duration that could be expected', () => {
    fc.assert(
      fc.property(expected, (seconds) => {
        const lost = lateness(seconds, seconds * 0.7, seconds * 1.3);
        expect(lost).toBeLessThanOrEqual(Math.max(4, seconds * 0.02));
      }),
    );
  });

  /** "Low-cost GET 12/36" and "Get Operation 15/45" a minute and at most (Learn, "Compute throttling limits"). */
  test('never spends more than a VM’s buckets hold, however long it takes', () => {
    for (let seconds = 0.5; seconds < 3600; seconds *= 1.004) {
      const tooMany = looks(seconds, 3 * seconds + 600).findIndex(
        (now, index) => index + 1 > 36 + (now / 60) * 12,
      );
      expect(tooMany, `${seconds} s`).toBe(-1);
    }
  });

  test('is never over a minute and a half, nor zero', () => {
    const elapsed = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(elapsed, expected, (now, seconds) => {
        const wait = pause(now, { expected: seconds });
        expect(wait).toBeGreaterThanOrEqual(0.5);
        expect(wait).toBeLessThanOrEqual(90);
      }),
    );
  });

  test('spends fewer looks where the end is surer', () => {
    const count = (certainty: number) => {
      let [now, looked] = [0, 0];
      for (; now < 60; looked++) now += pause(now, { expected: 60, certainty });
      return looked;
    };
    expect(count(BY_PROGRESS)).toBeLessThan(count(BY_MEDIAN));
  });

  test('is what the user wants, when the user says', () => {
    expect(pause(3, { expected: 400 }, 0.05)).toBe(0.05);
  });
});

describe('backOff', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [6, 32],
    [7, 60],
    [5000, 60],
  ])('after failure %d is about %d s, spread by a quarter', (failures, seconds) => {
    expect(backOff(failures, 0.5)).toBe(seconds);
    expect(backOff(failures, 1) - backOff(failures, 0)).toBeCloseTo(seconds / 4);
  });

  it.each([
    [1, 0.01],
    [1, 0.9],
    [4, 5],
    [20, 10],
  ])('after failure %d never exceeds a poll-interval of %d s', (failures, most) => {
    const pauses = [0, 0.5, 1].map((random) => backOff(failures, random, most));
    expect(Math.max(...pauses)).toBe(most);
    expect(Math.min(...pauses)).toBeCloseTo(most * 0.75);
  });

  test('does not grow with a long poll-interval', () => expect(backOff(3, 0.5, 3600)).toBe(4));
});

describe('patience', () => {
  test('is less than what the pauses take, however they are spread', () => {
    const least = Array.from({ length: 19 }, (_, index) => backOff(index + 1, 0));
    expect(patience(20)).toBeLessThan(least.reduce((sum, each) => sum + each, 0));
    expect(patience(20)).toBeGreaterThan(11 * 60);
  });
  test('shrinks only below a second', () => {
    expect(patience(20, 10)).toBe(patience(20));
    expect(patience(20, 0.1)).toBeCloseTo(patience(20) / 10);
  });
});
