import { describe, expect, it, test } from 'vitest';
import {
  type Claim,
  isOurs,
  isProvenOurs,
  type Owned,
  verdictOn,
} from '../../../src/domain/claim.ts';
import { keyInNames, OWNER_TAG } from '../../../src/domain/owner.ts';

const OWNER = '0123456789abcdef0123.456789abcdef01234567';
const GROUP = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute';
const VM = `${GROUP}/virtualMachines/build`;
const OWN_SNAPSHOT = `${GROUP}/snapshots/build-source-os-${keyInNames(OWNER)}`;
const SINCE = new Date('2026-11-22T09:00:00Z');
const claim: Claim = { owner: OWNER, sources: [VM, OWN_SNAPSHOT], since: SINCE };

const TAGS = {
  ours: { [OWNER_TAG]: OWNER },
  another: { [OWNER_TAG]: 'somebody.else' },
  none: { environment: 'prod' },
};
const SOURCES = {
  fits: VM,
  'holds our key': OWN_SNAPSHOT,
  contradicts: `${GROUP}/virtualMachines/other`,
  unknown: undefined,
};
const DATES = {
  later: new Date(+SINCE + 60_000),
  earlier: new Date(+SINCE - 60_000),
  unknown: undefined,
};

/** What each combination comes to, without a 201; `captured-before` where the source is final. */
function expected(
  tag: keyof typeof TAGS,
  source: keyof typeof SOURCES,
  date: keyof typeof DATES,
  isFinal: boolean,
): ReturnType<typeof verdictOn> {
  const contradicts = source === 'contradicts' || date === 'earlier';
  if (tag !== 'ours' && !contradicts && source === 'holds our key') return 'ours';
  if (tag === 'another') return 'foreign';
  if (tag === 'ours')
    return contradicts ? 'contradicted' : source === 'unknown' ? 'unproven' : 'ours';
  if (contradicts || source === 'unknown') return 'foreign';
  return isFinal ? 'captured-before' : 'foreign';
}

const keys = <T extends object>(of: T) => Object.keys(of) as (keyof T)[];
const rows = keys(TAGS).flatMap((tag) =>
  keys(SOURCES).flatMap((source) =>
    keys(DATES).flatMap((date) =>
      [false, true].flatMap((isFinal) =>
        [false, true].map((created) => ({ tag, source, date, isFinal, created })),
      ),
    ),
  ),
);

const seenAs = ({ tag, source, date, created }: (typeof rows)[number]): Owned => ({
  tags: TAGS[tag],
  ...(SOURCES[source] !== undefined && { sourceId: SOURCES[source] }),
  ...(DATES[date] !== undefined && { published: DATES[date] }),
  ...(created && { createdHere: true }),
});

describe('tag × source × date × 201', () => {
  it.each(rows)('$tag, $source, $date, final $isFinal, 201 $created', (row) => {
    const verdict = row.created ? 'ours' : expected(row.tag, row.source, row.date, row.isFinal);
    expect(verdictOn({ ...claim, sourceIsFinal: row.isFinal }, seenAs(row))).toBe(verdict);
  });

  it.each(rows)(
    'lets be used, changed and deleted only what is proven: $tag, $source, $date',
    (row) => {
      const seen = seenAs(row);
      if (isProvenOurs(claim, seen)) expect(isOurs(claim, seen)).toBe(true);
      if (isProvenOurs(claim, seen) && !row.created) {
        expect(row.source).toMatch(/fits|holds our key/);
        expect(row.date).not.toBe('earlier');
      }
      if (row.tag === 'another' && row.source !== 'holds our key' && !row.created)
        expect(isOurs(claim, seen)).toBe(false);
    },
  );
});

test('IDs are compared without regard to case, and without a known source nothing is proven', () => {
  const shouted = { tags: TAGS.ours, sourceId: VM.toUpperCase() };
  expect(verdictOn(claim, shouted)).toBe('ours');
  expect(verdictOn({ owner: OWNER, sources: [] }, shouted)).toBe('unproven');
});
