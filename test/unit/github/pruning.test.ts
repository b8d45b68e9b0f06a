import { expect, test } from 'vitest';
import { deletedOf, NOT_JUDGED, pruneOutputs, withEnd } from '../../../src/github/pruning.ts';
import type { Judged } from '../../../src/plan/prune.ts';
import { version, versionId } from '../worlds.ts';

const old = (number: string): Judged => ({
  version: version(number),
  reason: 'older-than',
  detail: '',
});
const judged = { ...NOT_JUDGED, versions: ['1.0.0', '1.0.1'].map(old) };

test('what something else deleted is neither deleted nor kept', () => {
  const outputs = pruneOutputs(withEnd(judged, versionId('1.0.0'), 'gone'), false);
  expect(outputs['deleted-versions'].count).toBe(0);
  expect(outputs['kept-versions']).toMatchObject({ count: 1, versions: [{ version: '1.0.1' }] });
});

test.each(['gone', { reason: 'in-flight', detail: 'Deleting' }] as const)(
  'what this run deleted stays so, though a later look says %j',
  (later) => {
    const id = versionId('1.0.0');
    const pruning = withEnd(withEnd(judged, id, 'deleted'), id, later);
    expect(deletedOf(pruning).map((each) => each.version.id)).toEqual([id]);
  },
);
