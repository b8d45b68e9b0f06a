import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  compareVersions,
  formatVersion,
  LARGEST_PART,
  parseVersion,
  pickVersion,
  type VersionNumber,
} from '../../../src/domain/version-number.ts';
import { NOW } from '../worlds.ts';

const part = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: LARGEST_PART }));
const number = fc.record({ major: part, minor: part, patch: part });
const counted = fc.constantFrom('major' as const, 'minor' as const, 'patch' as const);

const read = (text: string): VersionNumber => {
  const parsed = parseVersion(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};

describe('parseVersion', () => {
  it.each([
    ['1.2.3', '1.2.3'],
    ['v1.2.3', '1.2.3'],
    ['V10.0.0', '10.0.0'],
    [' 0.0.0 ', '0.0.0'],
    ['2147483647.0.0', '2147483647.0.0'],
  ])('reads %j', (text, plain) => expect(formatVersion(read(text))).toBe(plain));

  it.each([
    ['', 'form'],
    ['1', 'form'],
    ['1.2', 'form'],
    ['1.2.3.4', 'form'],
    ['1.2.3-rc1', 'form'],
    ['1.2.+3', 'form'],
    ['1.-2.3', 'form'],
    ['1e3.0.0', 'form'],
    ['vv1.2.3', 'form'],
    ['١.٢.٣', 'form'],
    ['1.2.03', 'leading-zero'],
    ['00.0.0', 'leading-zero'],
    ['2147483648.0.0', 'too-large'],
    ['1.0.20261122093005', 'too-large'],
    [`1.0.${'9'.repeat(400)}`, 'too-large'],
  ])('finds the mistake in %j: %s', (text, problem) => expect(parseVersion(text)).toBe(problem));

  test('is the inverse of formatting', () => {
    fc.assert(
      fc.property(number, (value) => {
        expect(parseVersion(formatVersion(value))).toEqual(value);
      }),
    );
  });
});

test('versions are ordered as numbers, not as text', () => {
  const sorted = ['1.10.0', '1.9.0', '1.9.10', '1.9.9', '10.0.0', '9.99.99'].map(read);
  sorted.sort(compareVersions);
  expect(sorted.map(formatVersion)).toEqual([
    '1.9.0',
    '1.9.9',
    '1.9.10',
    '1.10.0',
    '9.99.99',
    '10.0.0',
  ]);
});

describe('pickVersion', () => {
  it.each([
    ['patch', ['1.9.0', '1.10.0'], '1.10.1'],
    ['minor', ['1.9.7', '0.99.0'], '1.10.0'],
    ['major', ['1.9.7', '9.0.0', '10.0.0'], '11.0.0'],
    ['patch', [], '1.0.0'],
    ['minor', [], '1.0.0'],
    ['patch', ['2147483647.2147483647.2147483646'], '2147483647.2147483647.2147483647'],
    ['patch', ['1.0.2147483647'], undefined],
    ['minor', ['1.2147483647.0'], undefined],
    ['major', ['2147483647.0.0'], undefined],
  ] as const)('counts up the %s of %j to %s', (choice, taken, next) => {
    const picked = pickVersion({ choose: 'next', part: choice }, taken.map(read), NOW);
    expect(picked && formatVersion(picked)).toBe(next);
  });

  test('the next number is above all that are taken', () => {
    fc.assert(
      fc.property(counted, fc.array(number), (choice, taken) => {
        const next = pickVersion({ choose: 'next', part: choice }, taken, NOW);
        if (!next) return;
        for (const other of taken) expect(compareVersions(next, other)).toBeGreaterThan(0);
        expect(parseVersion(formatVersion(next))).toEqual(next);
      }),
    );
  });

  it.each([
    ['2026-11-22T09:30:05Z', '2026.1122.93005'],
    ['2027-01-02T00:00:07Z', '2027.102.7'],
    ['2026-12-31T23:59:59.999Z', '2026.1231.235959'],
  ])('the date number at %s has no leading zeros: %s', (now, plain) => {
    const picked = pickVersion({ choose: 'date' }, [], new Date(now));
    expect(picked && formatVersion(picked)).toBe(plain);
  });

  test('date numbers are valid, and in the order of time', () => {
    const time = fc.date({
      min: new Date('2020-01-01Z'),
      max: new Date('2150-01-01Z'),
      noInvalidDate: true,
    });
    const at = (now: Date) => pickVersion({ choose: 'date' }, [], now) as VersionNumber;
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(parseVersion(formatVersion(at(a)))).toEqual(at(a));
        if (Math.abs(a.getTime() - b.getTime()) >= 1000)
          expect(Math.sign(compareVersions(at(a), at(b)))).toBe(
            Math.sign(a.getTime() - b.getTime()),
          );
      }),
    );
  });

  test('two runs in the same second do not take the same date number', () => {
    const first = read('2026.1122.93005');
    const second = pickVersion({ choose: 'date' }, [first], NOW);
    expect(second && formatVersion(second)).toBe('2026.1122.93006');
    const third = pickVersion({ choose: 'date' }, [first, read('2026.1122.93006')], NOW);
    expect(third && formatVersion(third)).toBe('2026.1122.93007');
  });
});
