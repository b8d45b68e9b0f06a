import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  isMemory,
  mangledIn,
  memoryOf,
  remembered,
  withoutMemory,
} from '../../../src/domain/removed-regions.ts';
import { LONGEST_TAG_NAME, LONGEST_TAG_VALUE } from '../../../src/domain/tags.ts';

const SET =
  '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/';

/** A region as Azure shows it, short or long. */
const fields = fc.record(
  {
    regionalReplicaCount: fc.integer({ min: 1, max: 100 }),
    storageAccountType: fc.constantFrom('Standard_LRS', 'Premium_LRS'),
    excludeFromLatest: fc.boolean(),
    additionalReplicaSets: fc.constant([{ storageAccountType: 'Premium_LRS' }]),
    encryption: fc.array(fc.string({ maxLength: 80 }), { maxLength: 9 }).map((sets) => ({
      osDiskImage: { diskEncryptionSetId: `${SET}os`, securityProfile: {} },
      dataDiskImages: sets.map((set, lun) => ({ lun, diskEncryptionSetId: SET + set })),
    })),
  },
  { requiredKeys: [] },
);
const region = fc
  .record({ name: fc.constantFrom('westeurope', 'eastus2', 'uksouth', 'westeurope2'), fields })
  .map(({ name, fields: rest }) => ({ name, ...rest }));
const regions = fc.uniqueArray(region, { selector: ({ name }) => name });

const memoriesOf = (all: readonly { readonly name: string }[]) =>
  Object.assign({}, ...all.map((each) => memoryOf({ ...each })));

describe('tags remember regions', () => {
  test.each([
    ['{"storageAccountType":{"a":1}}', {}],
    ['{"storageAccountType":"Fastest","excludeFromLatest":true}', { excludeFromLatest: true }],
    ['{"regionalReplicaCount":1e9,"encryption":{"osDiskImage":[[[]]]}}', {}],
    ['{"encryption":"yes","toString":"no","additionalReplicaSets":[7]}', {}],
    ['[1]', {}],
    ['null', {}],
    ['{"encryption":', {}],
  ])('and what is no region’s is left out of them: %s', (text, fields) => {
    expect(remembered({ 'golden-image-removed-uksouth': text })).toEqual([
      { name: 'uksouth', ...fields },
    ]);
  });

  test('to the letter, however long they are, beside any other tags', () => {
    fc.assert(
      fc.property(regions, fc.dictionary(fc.string(), fc.string()), (all, others) => {
        const mine = Object.fromEntries(Object.entries(others).filter(([tag]) => !isMemory(tag)));
        const found = remembered({ ...mine, ...memoriesOf(all) });
        expect(found.toSorted(byName)).toEqual(JSON.parse(JSON.stringify(all)).toSorted(byName));
      }),
    );
  });

  test('within what Azure takes as a tag', () => {
    fc.assert(
      fc.property(regions, (all) => {
        for (const [tag, text] of Object.entries<string>(memoriesOf(all))) {
          expect(tag.length).toBeLessThanOrEqual(LONGEST_TAG_NAME);
          expect(tag).not.toMatch(/[<>%&\\?/]/);
          expect(text.length).toBeLessThanOrEqual(LONGEST_TAG_VALUE);
        }
      }),
    );
  });

  test('one by one: forgetting some leaves the others, and what is no memory', () => {
    fc.assert(
      fc.property(regions, fc.nat(), (all, seed) => {
        const gone = all.filter((_, index) => (seed >> index) % 2 === 1).map(({ name }) => name);
        const left = withoutMemory({ team: 'images', ...memoriesOf(all) }, gone);
        expect(left.team).toBe('images');
        expect(
          remembered(left)
            .map(({ name }) => name)
            .toSorted(),
        ).toEqual(all.flatMap(({ name }) => (gone.includes(name) ? [] : [name])).toSorted());
      }),
    );
  });

  it('whole, also where Azure shows what is not set as null', () => {
    const osDiskImage = { diskEncryptionSetId: `${SET}os` };
    const shown = {
      encryption: { osDiskImage, dataDiskImages: null },
      additionalReplicaSets: null,
    };
    const tags = memoryOf({ name: 'uksouth', ...shown });
    expect(remembered(tags)).toEqual([{ name: 'uksouth', encryption: { osDiskImage } }]);
    expect(mangledIn(tags)).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"regionalReplicaCount":3,"encr'],
    ['no object', '[1]'],
    ['null', 'null'],
  ])('that somebody has mangled to %s, by name at least', (_, text) => {
    expect(remembered({ 'Golden-Image-Removed-WestEurope': text })).toEqual([
      { name: 'westeurope' },
    ]);
  });
});

const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
  a.name < b.name ? -1 : 1;
