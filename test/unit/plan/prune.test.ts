import { describe, expect, it } from 'vitest';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import type { PruneRequest } from '../../../src/domain/request.ts';
import {
  goes,
  judgeVersions,
  type PruneFacts,
  type Reason,
  stillKept,
} from '../../../src/plan/prune.ts';
import { CASES, old, replicated } from './prune-cases.ts';
import { asked, type Change, facts, lock, newest, version } from './prune-judging.ts';

/** What becomes of a version beside the newest one. */
function verdictOn(
  subject: ImageVersion,
  change: Partial<PruneFacts> = {},
  request: Partial<PruneRequest> = {},
) {
  const { versions = [] } = change;
  const all = facts({ ...change, versions: [subject, newest, ...versions] });
  const found = judgeVersions({ ...asked, ...request }, all).find(
    (each) => each.version.name === subject.name,
  );
  return found && [goes(found) ? 'delete' : 'keep', found.reason];
}

describe('a version', () => {
  for (const [title, subject, change, decision, reason, request] of CASES)
    it(`${title}: ${decision}, ${reason}`, () => {
      expect(verdictOn(subject, change, request)).toEqual([decision, reason]);
    });

  it('stays as `latest` where a newer one is not complete', () => {
    const lagging = version('9.9.0', { days: 1, ...replicated('Failed') });
    const all = facts({ versions: [version('1.0.0'), lagging] });
    expect(judgeVersions(asked, all).map(({ reason }) => reason)).toEqual(['latest', 'latest']);
  });

  it('stays when it is another one, or needed, right before its deletion', () => {
    const isKept = (is: ImageVersion, change: Partial<PruneFacts> = {}) =>
      stillKept(asked, facts({ versions: [is, newest], ...change }))(old, is);
    expect(isKept(old)).toBeUndefined();
    const changes: readonly [Change, Reason][] = [
      [{ days: 399 }, 'changed'],
      [{ excludeFromLatest: true }, 'changed'],
      [{ provisioningState: 'Updating' }, 'in-flight'],
      [{ tags: { keep: '' } }, 'keep-tags'],
    ];
    for (const [change, reason] of changes)
      expect(isKept(version('1.0.0', change))).toMatchObject({ reason });
    const uses = [{ by: '/vm', how: 'vm', version: '1.0.0' } as const];
    expect(isKept(old, { uses })).toMatchObject({ reason: 'in-use' });
    expect(isKept(old, { locks: [lock(old.id)] })).toMatchObject({ reason: 'locked' });
    expect(isKept(old, { versions: [old] })).toMatchObject({ reason: 'latest' });
    const earlier = new Date((old.published?.getTime() ?? 0) + 1000);
    expect(isKept(old, { now: earlier })).toMatchObject({ reason: 'younger' });
  });
});
