import { describe, expect, it, test } from 'vitest';
import { claimToTemporary } from '../../../src/domain/target.ts';
import { cleanUpOf, type Leftovers, leftoversOf } from '../../../src/plan/clean-up.ts';
import { definition, GROUP, OTHER_OWNER, region, target, version, vm } from '../worlds.ts';

const wanted = target(
  { captureFrom: 'disks' },
  { definition: definition({ securityType: 'Standard' }) },
);
const left = leftoversOf(wanted) as Leftovers;
/** Of the disk that this snapshot is to be of. */
const sourceOf = (id: string) => ({ sourceId: claimToTemporary(wanted, id).sources[0] ?? '' });
const temporaries = left.temporaries.map((id) => ({
  id,
  provisioningState: 'Succeeded',
  ...sourceOf(id),
  tags: wanted.tags,
}));
const made = (state: Parameters<typeof version>[1], replication = [region('westeurope')]) =>
  version('1.0.0', state, { tags: wanted.tags, replication });
const halfway = [region('westeurope', 'Replicating')];

test('a capture of the VM itself leaves nothing temporary', () => {
  expect(leftoversOf(target())).toBeUndefined();
});

describe('temporary sources go', () => {
  it.each([
    ['when no version was begun', { vm: vm(), version: undefined }],
    ['when the version is complete everywhere', { vm: vm(), version: made('Succeeded') }],
    ['then without the VM too', { vm: undefined, version: made('Succeeded') }],
    ['when the version failed everywhere', { vm: vm(), version: made('Failed', halfway) }],
    [
      'when the number is another owner’s by now',
      { vm: vm(), version: version('1.0.0', 'Creating', { tags: {} }) },
    ],
  ])('%s', (_, seen) => {
    expect(cleanUpOf(left, { ...seen, temporaries })).toEqual({
      remove: left.temporaries,
      keep: [],
      because: '',
    });
  });
});

describe('temporary sources stay', () => {
  it.each([
    ['while it is being made', { vm: vm(), version: made('Creating', halfway) }, /being made/],
    ['while regions lag behind', { vm: vm(), version: made('Succeeded', halfway) }, /being made/],
    ['while it may be repaired', { vm: vm(), version: made('Failed') }, /repaired/],
    ['when the VM is gone', { vm: undefined, version: undefined }, /VM is gone/],
  ])('%s', (_, seen, because) => {
    const { remove, keep, because: why } = cleanUpOf(left, { ...seen, temporaries });
    expect([remove, keep]).toEqual([[], left.temporaries]);
    expect(why).toMatch(because);
  });

  it.each([{}, { 'golden-image-owner': OTHER_OWNER }])(
    'while a version that lost its owner tag is being made of them: %j',
    (tags) => {
      const [sourceId = ''] = left.temporaries;
      const making = version('1.0.0', 'Creating', { tags, replication: halfway, sourceId });
      const { remove, because } = cleanUpOf(left, { vm: vm(), version: making, temporaries });
      expect(remove).toEqual([]);
      expect(because).toMatch(/being made/);
    },
  );

  it('when they are of something else', () => {
    const foreign = temporaries.map((each) => ({
      ...each,
      tags: { 'golden-image-owner': OTHER_OWNER },
      sourceId: `${GROUP}/disks/of-another`,
    }));
    const seen = { vm: vm(), version: undefined, temporaries: foreign };
    expect(cleanUpOf(left, seen)).toEqual({ remove: [], keep: [], because: '' });
  });
});
